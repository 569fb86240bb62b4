"""The accounts of the group, year by year: what each enterprise brings (RGEC annexe I, articles 4 to 6)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from aid_rules.law.base import FAUX, INCONNU, INCONNUE, NULLE, VRAI, Intervalle, LigneCalcul, chiffre
from aid_rules.law.groupe import BENEFICIAIRE, SANS_CHIFFRES, Groupe

if TYPE_CHECKING:
    from aid_rules.dossier import Beneficiaire, Exercice, Lien
    from aid_rules.law.perimetre import Membre

CHAMPS = {"effectif": "effectif_uta", "chiffre_affaires": "chiffre_affaires_eur", "total_bilan": "total_bilan_eur"}
"""Key of the dossier for each figure."""

_MENTIONS = {
    FAUX: "",
    INCONNU: ", peut-être déjà dans les comptes consolidés",
    VRAI: ", déjà dans les comptes consolidés",
}

_MOIS = 12


class Chiffres(NamedTuple):
    """Headcount, turnover and balance sheet of one enterprise or of a group."""

    effectif: Intervalle = INCONNUE
    chiffre_affaires: Intervalle = INCONNUE
    total_bilan: Intervalle = INCONNUE

    def tous(self) -> tuple[Intervalle, Intervalle, Intervalle]:
        """Return the three figures."""
        return self.effectif, self.chiffre_affaires, self.total_bilan


class Comptes:
    """The closed years of each enterprise of the perimeter on the grant date."""

    def __init__(self, beneficiaire: Beneficiaire, jour: date, groupe: Groupe, membres: tuple[Membre, ...]) -> None:
        self.beneficiaire = beneficiaire
        self.jour = jour
        self.groupe = groupe
        self.membres = membres
        self.alertes: list[str] = []
        self.exercices = [self._exercices(membre.noeud) for membre in membres]
        years = [year for found in self.exercices for _, year in found]
        self.consolidants = {
            member.noeud
            for member, found in zip(membres, self.exercices, strict=True)
            if any(year.consolide for _, year in found)
        }
        self.consolide = bool(self.consolidants)
        self.dessous = self._dessous()
        self.effectif_a_part = any(year.effectif_consolide is False for year in years)

    @property
    def estimes(self) -> bool:
        """Tell whether the beneficiary gives estimates, having closed no accounts (article 4(3))."""
        return bool(self.exercices[0]) and bool(getattr(self.exercices[0][0][1], "estime", None))

    def cloture(self, index: int) -> date | None:
        """Return when the beneficiary closed the year."""
        return getattr(self.exercices[0][index][1], "clos_le", None)

    def present(self, index: int, position: int) -> bool:
        """Tell whether the dossier holds this year of this member."""
        return index < len(self.exercices[position])

    def chemin(self, index: int, position: int) -> str:
        """Return where the dossier holds, or should hold, this year of this member."""
        if self.present(index, position):
            return self.exercices[position][index][0]
        number = self.membres[position].noeud
        path = self.groupe.noeuds[number].chemin
        if number == BENEFICIAIRE and not self.exercices[position]:
            return f"{path}.exercices"
        return path if index == 0 else f"{path}.exercices[{index}]"

    def chiffres(self, index: int, position: int) -> Chiffres:
        """Return the figures of one member for one year, in hundredths of UTA and cents."""
        if not self.present(index, position):
            kind = self.groupe.noeuds[self.membres[position].noeud].type
            return Chiffres(NULLE, NULLE, NULLE) if kind in SANS_CHIFFRES else Chiffres()
        year = self.exercices[position][index][1]
        sales, months = year.chiffre_affaires, getattr(year, "duree_mois", None) or _MOIS
        annual = None if sales is None else -(-sales * _MOIS // months)
        return Chiffres(chiffre(year.effectif_uta), chiffre(annual), chiffre(year.total_bilan))

    def repris(self, number: int) -> int:
        """Tell whether the figures of a member already stand in consolidated accounts (article 6(2))."""
        if number == BENEFICIAIRE:
            stated = {self.beneficiaire.repris_par_consolidation}
        else:
            stated = {lien.repris_par_consolidation for _, lien in self.groupe.noeuds[number].entrees}
        if True in stated:
            return VRAI if self.consolide else INCONNU
        return INCONNU if False not in stated and number in self.dessous else FAUX

    def total(self, index: int) -> Chiffres:
        """Return the figures of the group for one year, in ten-thousandths of hundredths and cents."""
        lines = self.lignes(index)
        return Chiffres(lines[-1].effectif, lines[-1].chiffre_affaires, lines[-1].total_bilan)

    def lignes(self, index: int) -> list[LigneCalcul]:
        """Return the arithmetic of one year: a line per member, then the total."""
        lines = [self._ligne(index, position) for position in range(len(self.membres))]
        heads, sales, sheet = NULLE, NULLE, NULLE
        for line in lines:
            heads, sales = heads.plus(line.effectif), sales.plus(line.chiffre_affaires)
            sheet = sheet.plus(line.total_bilan)
        reference = "rgec:annexe_I/6(1)" if len(lines) == 1 else "rgec:annexe_I/6(2)"
        return [*lines, LigneCalcul("Total", heads, sales, sheet, reference)]

    def _ligne(self, index: int, position: int) -> LigneCalcul:
        member = self.membres[position]
        node = self.groupe.noeuds[member.noeud]
        repris = self.repris(member.noeud)
        low, high = member.part_min, member.part_max
        kept = (0 if repris != FAUX else low, 0 if repris == VRAI else high)
        figures = self.chiffres(index, position)
        label = node.nom
        if member.noeud != BENEFICIAIRE:
            role = "entreprise partenaire" if member.role == "partenaire" else "entreprise liée"
            label += f" ({'peut-être ' if low == 0 else ''}{role})"
        return LigneCalcul(
            label + _MENTIONS[repris],
            # accounts that hold no headcount do not dispense from adding it (article 6(4))
            figures.effectif.fraction(*((low, high) if self.effectif_a_part else kept)),
            figures.chiffre_affaires.fraction(*kept),
            figures.total_bilan.fraction(*kept),
            _REFERENCES[member.role] if member.noeud != BENEFICIAIRE else "rgec:annexe_I/6(1)",
            low,
            high,
            self.chemin(index, position),
        )

    def _dessous(self) -> set[int]:
        """Return the enterprises held by one that consolidates, directly or not: its accounts may hold theirs."""
        found: set[int] = set()
        stack = [*self.consolidants]
        while stack:
            number = stack.pop()
            held = [h.detenue for h in self.groupe.par_detenteur.get(number, ())]
            # the dossier may not say which of the two holds the other
            held += [h.detenteur for h in self.groupe.par_detenue.get(number, ()) if not h.oriente]
            new = set(held) - found
            found |= new
            stack += new
        return found

    def _exercices(self, number: int) -> list[tuple[str, Exercice | Lien]]:
        if number == BENEFICIAIRE:
            years = self.beneficiaire.exercices or ()
            return self._clos([(f"beneficiaire.exercices[{i}]", year) for i, year in enumerate(years)])
        best: list[tuple[str, Exercice | Lien]] = []
        for path, lien in self.groupe.noeuds[number].entrees:
            found = self._clos([(f"{path}.exercices[{i}]", year) for i, year in enumerate(lien.exercices or ())])
            if not found and any(value is not None for value in _lus(lien)):
                found = [(path, lien)]
            if any(_lus(one) != _lus(other) for (_, one), (_, other) in zip(best, found, strict=False)):
                name = self.groupe.noeuds[number].nom
                self.alertes.append(
                    f"{name} : chiffres écrits deux fois, et différents ; vérifiez lesquels sont justes."
                )
            if (len(found), _poids(found)) > (len(best), _poids(best)):
                best = found
        return best

    def _clos(self, years: list[tuple[str, Exercice]]) -> list[tuple[str, Exercice | Lien]]:
        """Keep the years closed on the grant date, the last first; an estimate only when there is none."""
        closed: list[tuple[str, Exercice]] = []
        for path, year in years:
            if year.clos_le is not None and year.clos_le > self.jour and not year.estime:
                self.alertes.append(f"{path} : exercice clos après la date d'octroi ; il n'est pas retenu.")
            else:
                closed.append((path, year))
        real = [(path, year) for path, year in closed if not year.estime]
        if all(year.clos_le is not None for _, year in real):
            real.sort(key=lambda item: item[1].clos_le or date.min, reverse=True)
        return [*(real or closed[:1])]


_REFERENCES = {"liee": "rgec:annexe_I/6(2)", "partenaire": "rgec:annexe_I/6(3)"}


def _lus(year: Exercice | Lien) -> tuple[int | None, ...]:
    return year.effectif_uta, year.chiffre_affaires, year.total_bilan


def _poids(years: list[tuple[str, Exercice | Lien]]) -> tuple[int, ...]:
    return tuple(-1 if value is None else value for _, year in years for value in _lus(year))
