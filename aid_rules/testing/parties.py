"""Hypothesis strategies of the parts of a dossier: values near what decides, enterprises, costs, aids, past aid, facts.

Each gives plain data, as a dossier file holds it: it shrinks towards what is absent, and prints as YAML ready to paste.
`lire` makes a dossier of it. Needs Hypothesis (extra `test`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

from hypothesis import strategies as st

from aid_rules.dossier import Dossier
from aid_rules.engine.moteur import Engine
from aid_rules.language import tree as t
from aid_rules.language.reading import dossier_of
from aid_rules.language.slices import RegimeDuJour, Regle
from aid_rules.language.vocabulary import FactDefinition

PREMIER_JOUR, DERNIER_JOUR = date(2014, 7, 1), date(2026, 12, 31)
SIRENS = ("732829320", "552100554", "542065479", "775670417")
COMMUNES = ("76462", "75056", "59183", "97411", "2A004", "08105", "98818")

_UTA = (0, 1, 9.99, 10, 49.99, 50, 249.99, 250, 5000)
_MILLIONS = (0, 2, 2.01, 10, 10.01, 43, 43.01, 50, 50.01, 900)


def lire(engine: Engine, data: Mapping[str, Any]) -> Dossier:
    """Make a dossier of plain data. Raises `FaultsError`."""
    return dossier_of(data, engine.book.vocabulaire, engine.book.bases)


@dataclass
class Lecture:
    """What a basis reads: its facts, the values near which they decide, its purposes, its amounts in cents."""

    faits: dict[str, list[int]] = field(default_factory=dict)
    finalites: set[str] = field(default_factory=set)
    postes: set[str] = field(default_factory=set)
    montants: set[int] = field(default_factory=set)


def lecture(regime: RegimeDuJour) -> Lecture:
    """Return what a basis reads on a day."""
    found = Lecture()
    rules: list[Regle] = [*regime.conditions, *regime.plafonds, *regime.seuils]
    for v in regime.volets:
        rules += (*v.conditions, *v.assiette, *v.base, *v.majorations, *v.reductions, *v.plafonds_taux)
        rules += (*v.montant, *v.plafonds, *v.seuils)
        found.finalites |= v.finalites or set()
        found.postes |= v.postes or set()
    rates = {x.taux.valeur for v in regime.volets for x in v.base if isinstance(x.taux, t.Nombre)} - {0}
    for rule in rules:
        for tree in (rule.si, getattr(rule, "montant", None), getattr(rule, "taux", None)):
            if isinstance(tree, t.Node):
                for node in t.walk(tree):
                    _near(node, found)
    found.montants |= {cents * 10_000 // rate for cents in list(found.montants) for rate in rates}
    return found


def _near(node: t.Node, found: Lecture) -> None:
    for name in t.facts_of(node):
        found.faits.setdefault(name, [])
    match node:
        case t.Compare(_, t.Fait(nom), t.Nombre(valeur)) | t.Compare(_, t.Nombre(valeur), t.Fait(nom)):
            found.faits[nom].append(valeur)
        case t.Nombre(valeur, "montant"):
            found.montants.add(valeur)


def jours(engine: Engine) -> st.SearchStrategy[date]:
    """Days of the life of the RGEC: any of them, and those on which the law changes, with the day before."""
    changes = [d for d in engine.book.changements if PREMIER_JOUR <= d <= DERNIER_JOUR]
    edges = [d for c in changes for d in (c, c - timedelta(days=1)) if d >= PREMIER_JOUR]
    return st.sampled_from(edges) | st.dates(PREMIER_JOUR, DERNIER_JOUR)


def montants(pres_de: Iterable[int] = ()) -> st.SearchStrategy[Decimal]:
    """Amounts in euros: any of them, and those near the given cents."""
    near = sorted({max(c + d, 0) for c in pres_de for d in (-1, 0, 1)})
    cents = st.integers(0, 10**12) | st.integers(0, 10**5)
    return (st.sampled_from(near) | cents if near else cents).map(lambda c: Decimal(c).scaleb(-2))


def valeurs(fact: FactDefinition, jour: date, pres_de: Sequence[int] = ()) -> st.SearchStrategy[Any]:
    """Values of a fact, as a dossier says them; near the given exact values when there are some."""
    near = sorted({max(v + d, 0) for v in pres_de for d in (-1, 0, 1)})
    match fact.type:
        case "booleen":
            return st.booleans()
        case "choix":
            return st.sampled_from(list(fact.valeurs))
        case "ensemble":
            return st.lists(st.sampled_from(list(fact.valeurs)), unique=True, max_size=3)
        case "montant":
            return montants(near)
        case "pourcentage" | "nombre":
            hundredths = st.integers(0, 10_000) | st.integers(0, 100_000)
            return (st.sampled_from(near) | hundredths if near else hundredths).map(lambda n: Decimal(n).scaleb(-2))
        case "date":
            days = autour(jour)
            inside = [date.fromordinal(n) for n in near if 712_000 < n < 766_000]  # noqa: PLR2004 - 1950 to 2098
            return st.sampled_from(inside) | days if inside else days
        case _:
            return st.sampled_from(["texte"])


def autour(jour: date) -> st.SearchStrategy[date]:
    """Days some years before a day, or after."""
    return st.integers(-3000, 1000).map(lambda n: jour + timedelta(days=n))


def bloc(complet: bool, **champs: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    """A block of a dossier: all its fields when it is told whole, some of them otherwise."""
    return st.fixed_dictionaries(champs if complet else {}, optional={} if complet else champs)


def exercices(jour: date, *, complet: bool = False) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Closed years of an enterprise, the last first, their figures near the thresholds of annex I."""
    year = st.integers(0, 2).map(lambda n: date(jour.year - 1 - n, 12, 31))
    figures = bloc(complet, effectif_uta=_pres(_UTA), chiffre_affaires_eur=_millions(), total_bilan_eur=_millions())
    one = st.builds(lambda clos, rest: {"clos_le": clos, **rest}, year, figures)
    return st.lists(one, min_size=1, max_size=3, unique_by=lambda y: y["clos_le"]).map(
        lambda years: sorted(years, key=lambda y: y["clos_le"], reverse=True)
    )


def stables(jour: date) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Two closed years of the same figures: the category is then settled."""
    figures = bloc(True, effectif_uta=_pres(_UTA), chiffre_affaires_eur=_millions(), total_bilan_eur=_millions())
    return figures.map(lambda f: [{"clos_le": date(jour.year - n, 12, 31), **f} for n in (1, 2)])


def _pres(values: Sequence[float]) -> st.SearchStrategy[Decimal]:
    return st.sampled_from([Decimal(str(v)) for v in values]) | st.integers(0, 60_000).map(
        lambda n: Decimal(n).scaleb(-2)
    )


def _millions() -> st.SearchStrategy[Decimal]:
    return st.sampled_from([Decimal(str(v)) * 1_000_000 for v in _MILLIONS]) | montants()


def liens(engine: Engine) -> st.SearchStrategy[list[dict[str, Any]]]:
    """A group: linked and partner enterprises, upstream and downstream, with or without figures."""
    lists = engine.book.vocabulaire.listes
    one = st.fixed_dictionaries(
        {"nom": st.sampled_from(["Holding du Bray", "Fonds de l'Orne", "Filiale Sud", "Associé"])},
        optional={
            "nature": st.sampled_from(list(lists["nature_lien"])),
            "sens": st.sampled_from(list(lists["sens_lien"])),
            "type": st.sampled_from(list(lists["type_lien"])),
            "droits_de_vote_pct": st.sampled_from([0, Decimal("24.99"), 25, 50, Decimal("50.01"), 100]),
            "effectif_uta": _pres(_UTA),
            "chiffre_affaires_eur": _millions(),
            "total_bilan_eur": _millions(),
        },
    )
    return st.lists(one, max_size=3, unique_by=lambda lien: lien["nom"])


def beneficiaires(engine: Engine, jour: date, *, complet: bool = False, groupe: bool = True) -> st.SearchStrategy[Any]:
    """Undertakings: category stated or figures given, group, difficulty, sectors."""
    lists = engine.book.vocabulaire.listes
    state = bloc(
        complet,
        forme=st.sampled_from(list(lists["forme_responsabilite"])),
        cree_le=autour(jour),
        capital_souscrit_eur=montants(),
        capitaux_propres_eur=montants(),
        procedure_collective=st.booleans(),
        conditions_procedure_collective=st.booleans(),
        aide_sauvetage_en_cours=st.booleans(),
    )
    common = {
        "activite_economique": st.booleans(),
        "part_non_economique_pct": st.sampled_from([0, 19, 20, 21, 100]),
        "activites_separees": st.booleans(),
        "secteurs": st.lists(st.sampled_from(list(lists["secteur"])), unique=True, max_size=2),
        "injonction_recuperation": st.booleans(),
        "en_difficulte": st.booleans(),
        "situation_financiere": state,
    }
    stated = {"categorie": st.sampled_from(list(lists["categorie"]))}
    figures = {"exercices": exercices(jour, complet=complet)} | ({"liens": liens(engine)} if groupe else {})
    return (bloc(complet, **common, **stated) | bloc(complet, **common, **figures)).map(_coherent)


def _coherent(beneficiaire: dict[str, Any]) -> dict[str, Any]:
    """Say that the activity is not economic where none of it is: a dossier cannot say both."""
    if beneficiaire.get("part_non_economique_pct") == 100 and beneficiaire.get("activite_economique"):  # noqa: PLR2004
        return beneficiaire | {"activite_economique": False}
    return beneficiaire


def mesures(*, complet: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """What the five criteria need."""
    yes = st.booleans()
    names = (
        "obligations_definies",
        "parametres_prealables",
        "pas_de_surcompensation",
        "marche_public_ou_analyse_couts",
    )
    effect = ("zone_locale", "clientele_autres_etats", "investissements_transfrontaliers")
    return bloc(
        complet,
        conditions_de_marche=yes,
        mesure_generale=yes,
        secteur_ouvert_concurrence=yes,
        compensation_sieg=bloc(complet, **dict.fromkeys(names, yes)),
        effet_purement_local=bloc(complet, **dict.fromkeys(effect, yes)),
    )


def lignes(
    engine: Engine, lu: Lecture | None = None, *, complet: bool = False, taille: int = 4
) -> st.SearchStrategy[list[dict[str, Any]]]:
    """Cost lines, those of the basis first, their amounts near its thresholds."""
    lists = engine.book.vocabulaire.listes
    known = lu or Lecture()
    purposes = st.sampled_from(sorted(known.finalites) or list(lists["finalite"]))
    types = st.sampled_from(sorted(known.postes) or list(lists["poste"]))
    if known.finalites and not complet:
        purposes |= st.sampled_from(list(lists["finalite"]))
    if not complet:
        types |= st.sampled_from(list(lists["poste"]))
    one = bloc(complet, poste=types, finalite=purposes, montant_eur=montants(known.montants))
    return st.lists(one, min_size=int(complet), max_size=taille).map(
        lambda rows: [{"id": f"cout{i}", **row} for i, row in enumerate(rows)]
    )


def aides(engine: Engine, jour: date, couts: Sequence[str] = ()) -> st.SearchStrategy[list[dict[str, Any]]]:
    """A financing plan: aids planned or granted, on any basis of the day, on the given cost lines."""
    lists = engine.book.vocabulaire.listes
    loi = engine.at(jour).loi
    bases = [*(r.id for r in loi.regimes), *(d.id for d in loi.dispositifs)]
    optional: dict[str, st.SearchStrategy[Any]] = {
        "financeur": st.sampled_from(list(lists["financeur"])).map(lambda kind: {"type": kind}),
        "forme": st.just("subvention") | st.sampled_from(list(lists["forme_aide"])),
        "montant_eur": montants(),
        "base": st.sampled_from(bases),
        "statut": st.sampled_from(list(lists["statut_aide"])),
        "octroyee_le": autour(jour),
    }
    if couts:
        optional["couts"] = st.lists(st.sampled_from(list(couts)), unique=True, min_size=1)
    one = st.fixed_dictionaries({}, optional=optional)
    return st.lists(one, max_size=3).map(lambda rows: [{"id": f"aide{i}", **row} for i, row in enumerate(rows)])


def recues(engine: Engine, jour: date) -> st.SearchStrategy[list[dict[str, Any]]]:
    """De minimis aid already received, around its windows and ceilings."""
    ceilings = {p.montant for r in engine.at(jour).loi.regimes for p in r.de_minimis}
    edges = [jour - timedelta(days=n) for n in (0, 1, 364, 365, 366, 1095, 1096, 1097)]
    one = st.fixed_dictionaries(
        {},
        optional={
            "octroye_le": st.sampled_from(edges) | autour(jour),
            "montant_eur": montants(ceilings),
            "reglement": st.sampled_from(list(engine.book.vocabulaire.listes["reglement_de_minimis"])),
            "siren": st.sampled_from(SIRENS),
        },
    )
    return st.lists(one, max_size=4)


def faits(
    engine: Engine, jour: date, lu: Lecture | None = None, *, complet: bool = False
) -> st.SearchStrategy[dict[str, Any]]:
    """Free facts: those that the basis reads, near the values on which it decides, and a few others."""
    vocabulary = engine.book.vocabulaire.faits
    read = {} if lu is None else {n: v for n, v in proprietaires(engine, lu.faits).items() if vocabulary[n].libre}
    own = bloc(complet, **{n: valeurs(vocabulary[n], jour, near) for n, near in read.items()})
    others = _quelques(engine, jour)
    return st.builds(lambda more, mine: more | mine, others, own)


def proprietaires(engine: Engine, names: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Return the facts that a dossier says, sets for their members; those that a dossier does not name are left out."""
    known = engine.book.vocabulaire.faits
    found: dict[str, list[int]] = {}
    for name, near in names.items():
        owner = name if name in known and known[name].libre else name.rpartition(".")[0]
        if owner in known:
            found.setdefault(owner, []).extend(near)
    return found


@cache
def _libres(engine: Engine) -> tuple[FactDefinition, ...]:
    return tuple(f for f in engine.book.vocabulaire.faits.values() if f.libre)


def _quelques(engine: Engine, jour: date) -> st.SearchStrategy[dict[str, Any]]:
    def one(fact: FactDefinition) -> st.SearchStrategy[tuple[str, Any]]:
        return st.tuples(st.just(fact.nom), valeurs(fact, jour))

    return st.lists(st.sampled_from(_libres(engine)).flatmap(one), max_size=3).map(dict)
