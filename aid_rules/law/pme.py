"""Category of an undertaking, its group included: micro, petite, moyenne or grande (RGEC annexe I)."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, NamedTuple

from aid_rules.law.base import FAUX, INCONNU, VRAI, Intervalle, LigneCalcul, Motif, Parametres, sans_doublon
from aid_rules.law.comptes import CHAMPS, Chiffres, Comptes
from aid_rules.law.groupe import BENEFICIAIRE, ORGANISMES, PERSONNE, Detention, Groupe, construire
from aid_rules.law.perimetre import Membre, angels, controle_public, exception, perimetre
from aid_rules.law.tailles import CATEGORIES, GRANDE, GRANDEURS, Rangs, noms, rangs, retenir

if TYPE_CHECKING:
    from collections.abc import Iterable

    from aid_rules.dossier import Beneficiaire

_UN_AN = timedelta(days=366)
_SANS_BORNE = 10**40


class Categorisation(NamedTuple):
    """The category of the beneficiary, and how it was found.

    `possibles` holds one category when it is settled. `selon_passe` holds those that another past would allow: it is
    wider than `possibles` while the two-year rule rests on the oldest year given. `manquants` are the paths of the
    dossier that would settle the category, `a_confirmer` those that would confirm it. `lignes` is the arithmetic of the
    last year, its total last.
    """

    possibles: frozenset[str]
    selon_passe: frozenset[str]
    declaree: str | None
    lignes: tuple[LigneCalcul, ...]
    motifs: tuple[Motif, ...]
    alertes: tuple[str, ...]
    manquants: tuple[str, ...]
    a_confirmer: tuple[str, ...]
    membres: tuple[Membre, ...]

    @property
    def categorie(self) -> str | None:
        """Return the category when it is settled."""
        return next(iter(self.possibles)) if len(self.possibles) == 1 else None

    @property
    def retenues(self) -> frozenset[str]:
        """Return what a verdict may rest on: with a past to be confirmed, every category that it would allow."""
        return self.possibles | self.selon_passe if self.a_confirmer else self.possibles

    @property
    def est_pme(self) -> int:
        """Return whether the beneficiary is an SME (three-valued)."""
        if self.retenues == {"grande"}:
            return FAUX
        return INCONNU if "grande" in self.retenues else VRAI

    @property
    def contradiction(self) -> bool:
        """Tell whether the declared category is none of those that the figures allow."""
        return self.declaree is not None and self.declaree not in self.possibles


def categoriser(beneficiaire: Beneficiaire, date_octroi: date, parametres: Parametres) -> Categorisation:
    """Return the category of the beneficiary on the date, its group included (RGEC annexe I).

    Figures come first; the declared category settles what they leave open, and is contradicted when they exclude it.
    """
    groupe = construire(beneficiaire, date_octroi, parametres)
    membres = perimetre(groupe, parametres)
    comptes = Comptes(beneficiaire, date_octroi, groupe, membres)
    ranks = [rangs(comptes.total(i).tous(), parametres) for i in range(max(len(comptes.exercices[0]), 1))]
    kept = _exercices_comparables(comptes, len(ranks))
    found = retenir(ranks[:kept])
    # the first year of an enterprise, or of the group as it is, has no past
    past = found if kept < len(ranks) or _premier_exercice(comptes) else retenir(ranks[:kept], (0, GRANDE))
    motifs = _motifs(comptes, ranks, kept, found)
    public = controle_public(groupe, parametres)
    if public != FAUX:
        found, past = _avec_public(found, public), _avec_public(past, public)
        sure = "un quart au moins du capital ou des voix est sous contrôle public : ce n'est pas une PME"
        doubt = "un quart au moins du capital ou des voix est peut-être sous contrôle public"
        motifs.append(Motif(sure if public == VRAI else doubt, "rgec:annexe_I/3(4)", public))
    names = noms(found)
    missing = () if found[0] == found[1] else sans_doublon(_manquants(comptes, parametres, ranks[:kept], public))
    alerts = [*groupe.alertes, *comptes.alertes]
    declared = beneficiaire.categorie
    if declared is not None and declared not in names:
        alerts.append(f"Catégorie déclarée : {declared} ; selon les chiffres : {_ou(names)}. Les chiffres l'emportent.")
    elif declared is not None and len(names) > 1:
        motifs.append(Motif(f"catégorie déclarée par l'entreprise : {declared}", "rgec:annexe_I/3(5)"))
        names, missing = frozenset({declared}), ()
    if beneficiaire.liens is None and declared not in names and GRANDE not in found:
        # an absent list of links says nothing: a group may stand behind the figures
        names = noms((found[0], GRANDE))
        missing = sans_doublon((*missing, "beneficiaire.liens"))
    unsure = bool(comptes.exercices[0]) and declared not in names and not noms(past) <= names
    return Categorisation(
        possibles=names,
        selon_passe=noms(past),
        declaree=declared,
        lignes=tuple(comptes.lignes(0)),
        motifs=tuple(motifs),
        alertes=sans_doublon(alerts),
        manquants=missing,
        a_confirmer=(f"beneficiaire.exercices[{kept}]",) if unsure else (),
        membres=membres,
    )


def _avec_public(bounds: Rangs, public: int) -> Rangs:
    return (GRANDE if public == VRAI else bounds[0], GRANDE)


def _exercices_comparables(comptes: Comptes, count: int) -> int:
    """Return how many years, the last first, saw the group as it is.

    The two-year rule smooths the ups and downs of a business, not a change of control: the figures closed before the
    enterprise joined or left a group no longer count.
    """
    changes = [comptes.beneficiaire.groupe_modifie_le]
    for member in comptes.membres:
        changes += [lien.depuis_le for _, lien in comptes.groupe.noeuds[member.noeud].entrees]
    known = [day for day in changes if day is not None and day <= comptes.jour]
    if not known:
        return count
    kept = 1
    while kept < count and (comptes.cloture(kept) or date.min) >= max(known):
        kept += 1
    return kept


def _premier_exercice(comptes: Comptes) -> bool:
    created = comptes.beneficiaire.situation_financiere.cree_le
    oldest = comptes.cloture(len(comptes.exercices[0]) - 1) if comptes.exercices[0] else None
    return comptes.estimes or (created is not None and oldest is not None and oldest - created < _UN_AN)


def _motifs(comptes: Comptes, ranks: list[Rangs], kept: int, found: Rangs) -> list[Motif]:
    alone = len(comptes.membres) == 1
    role = "entreprise autonome" if alone else "entreprise qui a des entreprises liées ou partenaires"
    motifs = [Motif(role, "rgec:annexe_I/3(1)" if alone else "rgec:annexe_I/6(2)")]
    if comptes.estimes:
        motifs.append(Motif("entreprise nouvelle : chiffres estimés de bonne foi", "rgec:annexe_I/4(3)"))
    elif comptes.exercices[0]:
        motifs.append(Motif(f"chiffres du dernier exercice clos : {_ou(noms(ranks[0]))}", "rgec:annexe_I/4(1)"))
    if kept > 1 and any(rank != ranks[0] for rank in ranks[:kept]):
        texte = f"un seuil franchi ne compte qu'au deuxième exercice de suite : {_ou(noms(found))}"
        motifs.append(Motif(texte, "rgec:annexe_I/4(2)"))
    if kept < len(ranks):
        texte = "le groupe a changé : les exercices clos avant ce changement ne comptent plus"
        motifs.append(Motif(texte, "rgec:annexe_I/4(2)"))
    return motifs


def _manquants(comptes: Comptes, parametres: Parametres, ranks: list[Rangs], public: int) -> list[str]:
    missing: list[str] = []
    for index, bounds in enumerate(ranks):
        if bounds[0] == bounds[1]:
            continue
        useful = _utiles(comptes.total(index), parametres)
        for position, member in enumerate(comptes.membres):
            missing += _manquants_chiffres(comptes, index, position, useful)
            missing += _manquants_lien(comptes, member, parametres)
    if public == INCONNU:
        held_by = comptes.groupe.par_detenue.get(BENEFICIAIRE, ())
        open_ = [h for h in comptes.groupe.par_detenteur.get(BENEFICIAIRE, ()) if not h.oriente]
        missing += [f"{holding.chemin}.sens" for holding in open_]
        for holding in held_by:
            missing += _manquants_public(comptes.groupe, holding, parametres)
    return missing


def _manquants_public(groupe: Groupe, holding: Detention, parametres: Parametres) -> list[str]:
    """Return what would tell whether a holding in the beneficiary is public, exempt, and how large."""
    holder = groupe.noeuds[holding.detenteur]
    missing = [f"{holding.chemin}.droits_de_vote_pct"] if holding.votes is None else []
    missing += [f"{holding.chemin}.capital_pct"] if holding.capital is None else []
    if holder.type == "autorite_locale" and exception(groupe, holding, parametres) == INCONNU:
        return [*missing, *(f"{holder.chemin}.{name}" for name in ("budget_annuel_eur", "habitants"))]
    return missing if holder.type in ORGANISMES else [*missing, f"{holding.chemin}.organisme_public"]


def _manquants_chiffres(comptes: Comptes, index: int, position: int, useful: list[str]) -> list[str]:
    figures = dict(zip(GRANDEURS, comptes.chiffres(index, position).tous(), strict=True))
    path = comptes.chemin(index, position)
    absent = [f"{path}.{CHAMPS[name]}" for name in useful if not figures[name].exact]
    whole = not comptes.present(index, position) and (index > 0 or position == 0)
    return [path] if absent and whole else absent


def _manquants_lien(comptes: Comptes, member: Membre, parametres: Parametres) -> list[str]:
    """Return what would tell whether, and for how much, a member counts."""
    groupe: Groupe = comptes.groupe
    path = groupe.noeuds[member.noeud].chemin
    missing = [f"{path}.repris_par_consolidation"] if comptes.repris(member.noeud) == INCONNU else []
    if member.part_min == member.part_max:
        return missing
    majority = parametres["pme.seuil_majorite"]
    ties = (*groupe.par_detenteur.get(member.noeud, ()), *groupe.par_detenue.get(member.noeud, ()))
    for holding in ties:
        holder = groupe.noeuds[holding.detenteur]
        if holding.votes is None and holding.liee(majority) != VRAI:
            missing.append(f"{holding.chemin}.droits_de_vote_pct")
        if exception(groupe, holding, parametres) == INCONNU:
            missing += angels(groupe, holding.detenue)[1]
        if holder.type in {PERSONNE, "business_angel"}:
            missing.append(f"{path}.marche_commun")
    if not missing and member.role == "partenaire":
        # holdings add up capital to capital: a share whose votes alone are known may be what lacks
        return [f"{h.chemin}.capital_pct" for h in ties if h.capital is None and h.liee(majority) != VRAI]
    return missing


def _utiles(total: Chiffres, parametres: Parametres) -> list[str]:
    """Return the unknown figures whose value could change the rank."""
    useful = []
    for position, figure in enumerate(total.tous()):
        ends = (figure.bas, _SANS_BORNE if figure.haut is None else figure.haut)
        results = set()
        for end in ends:
            figures = [*total.tous()]
            figures[position] = Intervalle(end, end)
            results.add(rangs(figures, parametres))
        if len(results) > 1:
            useful.append(GRANDEURS[position])
    return useful


def _ou(names: Iterable[str]) -> str:
    return " ou ".join(name for name in CATEGORIES if name in set(names))
