"""Single undertaking of the de minimis regulations (règlement 2023/2831, article 2(2), and its predecessors).

It is not the group of the SMEs: only control counts, in the same Member State, and neither natural persons nor public
bodies tie enterprises together.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from aid_rules.law.base import FAUX, INCONNU, VRAI, Motif, Parametres, sans_doublon, texte_de_minimis
from aid_rules.law.groupe import BENEFICIAIRE, Groupe, construire
from aid_rules.law.perimetre import composantes

if TYPE_CHECKING:
    from aid_rules.dossier import Beneficiaire

ETAT_MEMBRE = "FR"
"""Member State whose ceilings are followed: they hold per State (article 3(2))."""


class Composant(NamedTuple):
    """One enterprise of the single undertaking; `compte` is VRAI or INCONNU."""

    nom: str
    siren: str | None
    chemin: str
    compte: int


class EntrepriseUnique(NamedTuple):
    """The enterprises whose de minimis aid counts together, the beneficiary first.

    `s_applique` is false for a regulation that knows no single undertaking on the date: the beneficiary stands alone.
    """

    s_applique: bool
    composants: tuple[Composant, ...]
    motifs: tuple[Motif, ...]
    alertes: tuple[str, ...]
    manquants: tuple[str, ...]

    @property
    def sirens(self) -> frozenset[str]:
        """Return the SIREN numbers that count for certain."""
        return frozenset(c.siren for c in self.composants if c.siren and c.compte == VRAI)

    @property
    def sirens_possibles(self) -> frozenset[str]:
        """Return the SIREN numbers that may count."""
        return frozenset(c.siren for c in self.composants if c.siren)


def entreprise_unique(
    beneficiaire: Beneficiaire, date_octroi: date, parametres: Parametres, reglement: str = "general"
) -> EntrepriseUnique:
    """Return the single undertaking of the beneficiary under one regulation.

    `reglement` is `general`, `agricole`, `peche` or `sieg`; `parametres` are those in force on `date_octroi`. The list
    that the dossier declares is added to what the links establish, and any difference is said.
    """
    held = _memoire[0]
    if held is None or held[0] is not beneficiaire or held[1] != date_octroi or held[2] is not parametres:
        held = _memoire[0] = beneficiaire, date_octroi, parametres, {}
    if reglement not in held[3]:
        held[3][reglement] = _etablir(beneficiaire, date_octroi, parametres, reglement)
    return held[3][reglement]


_memoire: list[tuple[Beneficiaire, date, Parametres, dict[str, EntrepriseUnique]] | None] = [None]
"""The last beneficiary looked at: one evaluation asks for its single undertaking a dozen times."""


def _etablir(beneficiaire: Beneficiaire, date_octroi: date, parametres: Parametres, reglement: str) -> EntrepriseUnique:
    siren = beneficiaire.siren or (beneficiaire.siret or "")[:9] or None
    own = Composant(beneficiaire.nom or "Le bénéficiaire", siren, "beneficiaire", VRAI)
    majority = parametres.get(f"entreprise_unique.majorite_{reglement}")
    if majority is None:
        texte = f"pas d'entreprise unique au {date_octroi:%d/%m/%Y} : seules comptent les aides du bénéficiaire"
        reference = "de_minimis_sieg_2012:2(1)" if reglement == "sieg" else "de_minimis_2013:2(2)"
        return EntrepriseUnique(False, (own,), (Motif(texte, reference),), (), ())
    law = texte_de_minimis(reglement, date_octroi)
    groupe = construire(beneficiaire, date_octroi, parametres)
    sure = set(composantes(groupe, majority, groupe.entreprise, possible=False).de(BENEFICIAIRE))
    open_ = composantes(groupe, majority, groupe.entreprise, possible=True).de(BENEFICIAIRE)
    found = [own]
    motifs = [Motif("entreprises liées par le contrôle, dans le même État membre", f"{law}:2(2)")]
    missing: list[str] = []
    for number in sorted(open_):
        if number == BENEFICIAIRE:
            continue
        node = groupe.noeuds[number]
        siren = next((lien.siren for _, lien in node.entrees if lien.siren), None)
        place = _en_france(groupe, number)
        if place == FAUX:
            motifs.append(Motif(f"{node.nom} : hors de France, n'entre pas dans le plafond", f"{law}:3(2)", FAUX))
            continue
        if place == INCONNU:
            missing.append(f"{node.chemin}.pays")
        if number not in sure:
            missing.append(f"{node.chemin}.nature")
        found.append(Composant(node.nom, siren, node.chemin, place if number in sure else INCONNU))
    alerts = _comparer(found, beneficiaire.entreprise_unique)
    known = {c.siren for c in found if c.compte == VRAI}
    for siren in beneficiaire.entreprise_unique or ():
        if siren not in known:
            found = [c for c in found if c.siren != siren]
            found.append(Composant(f"SIREN {siren}", siren, "beneficiaire.entreprise_unique", VRAI))
    return EntrepriseUnique(True, tuple(found), tuple(motifs), (*groupe.alertes, *alerts), sans_doublon(missing))


def _en_france(groupe: Groupe, number: int) -> int:
    entries = [lien for _, lien in groupe.noeuds[number].entrees]
    countries = {lien.pays.upper() for lien in entries if lien.pays}
    if countries:
        return VRAI if ETAT_MEMBRE in countries else FAUX
    return VRAI if any(lien.siren for lien in entries) else INCONNU


def _comparer(found: list[Composant], declared: tuple[str, ...] | None) -> list[str]:
    if declared is None:
        return []
    computed = {c.siren for c in found if c.siren}
    alerts = [
        f"{c.nom} est liée au bénéficiaire mais absente de l'entreprise unique déclarée ; elle est comptée."
        for c in found[1:]
        if c.compte == VRAI and c.siren not in declared
    ]
    alerts += [
        f"SIREN {siren} : déclaré dans l'entreprise unique, sans lien décrit au dossier ; il est compté."
        for siren in declared
        if siren not in computed and found[0].siren is not None
    ]
    return alerts
