"""What changes between two states of the law: two dates, or two sets of rules, said rule by rule in French."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Literal

from aid_rules.amounts import percent
from aid_rules.language import slices as s
from aid_rules.language import tree as t
from aid_rules.language.french import French
from aid_rules.language.references import SUFFIXES, References

Nature = Literal["ajout", "retrait", "modification"]

_SIGNES: dict[Nature, str] = {"ajout": "+", "retrait": "−", "modification": "~"}


@dataclass(frozen=True, slots=True)
class Changement:
    """One change. `bases` are the regimes and schemes it touches (several for a common provision), empty for the rest.

    `avant` and `apres` are sentences, empty on the side where the element does not exist, the same when only the
    references change; `volets` are the titles of the volets it touches, empty when it touches all of them.
    """

    bases: tuple[str, ...]
    intitule: str
    rubrique: str
    element: str
    nature: Nature
    avant: str
    apres: str
    refs_avant: tuple[str, ...] = ()
    refs_apres: tuple[str, ...] = ()
    volets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Element:
    """One rule, written: what two states of the law are compared on."""

    phrase: str
    refs: tuple[str, ...] = ()


_Cle = tuple[str, str, str]
"""Title of the volet (empty for the whole regime), rubric and name of an element."""


def comparer(
    avant: s.LoiDuJour,
    apres: s.LoiDuJour,
    french: French,
    references: References,
    article: str | None = None,
    *,
    french_apres: French | None = None,
) -> list[Changement]:
    """Return what changes from one state of the law to the other.

    `article` keeps the bases of one article (`41`, `36a` or `36 bis`) or one base (`rgec.41`); `french_apres` writes
    the second state when its vocabulary is another. A change common to several bases is given once, with all of them.
    """
    before, after = _Ecriture(french, references), _Ecriture(french_apres or french, references)
    changes: list[Changement] = []
    for kind in ("regimes", "dispositifs"):
        old = {r.id: r for r in getattr(avant, kind) if _retenu(r, article)}
        new = {r.id: r for r in getattr(apres, kind) if _retenu(r, article)}
        for name in dict.fromkeys([*old, *new]):
            changes += _base(old.get(name), new.get(name), before, after)
    changes = _regrouper(changes)
    if article is None:
        changes += _differences((), "", before.reste(avant), after.reste(apres))
    return changes


def _retenu(regime: s.RegimeDuJour, article: str | None) -> bool:
    return article is None or regime.id == article or regime.article == _article(article)


def _article(text: str) -> str:
    """Read an article as users write it: `36 bis` → `36a`."""
    letters = {name: letter for letter, name in SUFFIXES.items()}
    found = re.fullmatch(rf"\s*(\d+)\s*({'|'.join(letters)})\s*", text)
    return found[1] + letters[found[2]] if found else text.strip()


def _base(
    old: s.RegimeDuJour | None, new: s.RegimeDuJour | None, before: _Ecriture, after: _Ecriture
) -> Iterator[Changement]:
    if old is None and new is not None:
        yield Changement((new.id,), new.intitule, "base légale", new.id, "ajout", "", new.intitule)
    elif new is None and old is not None:
        yield Changement((old.id,), old.intitule, "base légale", old.id, "retrait", old.intitule, "")
    elif old is not None and new is not None:
        changes = _differences((new.id,), new.intitule, before.regime(old), after.regime(new))
        whole: dict[Nature, set[str]]
        whole = {"ajout": _titres(new), "retrait": _titres(old), "modification": _titres(old) & _titres(new)}
        yield from _reunir(changes, whole)


def _differences(
    bases: tuple[str, ...], intitule: str, old: Mapping[_Cle, _Element], new: Mapping[_Cle, _Element]
) -> Iterator[Changement]:
    nothing = _Element("")
    for key in dict.fromkeys([*old, *new]):
        volet, rubric, name = key
        a, b = old.get(key, nothing), new.get(key, nothing)
        if a == b:
            continue
        nature: Nature = "ajout" if key not in old else "retrait" if key not in new else "modification"
        volets = (volet,) if volet else ()
        yield Changement(bases, intitule, rubric, name, nature, a.phrase, b.phrase, a.refs, b.refs, volets)


def _titres(regime: s.RegimeDuJour) -> set[str]:
    return {volet.intitule for volet in regime.volets} if not _seul(regime) else set()


def _seul(regime: s.RegimeDuJour) -> bool:
    """Tell whether the regime has no volets of its own."""
    return len(regime.volets) == 1 and regime.volets[0].id == "seul"


def _cle(c: Changement) -> tuple[object, ...]:
    return (c.rubrique, c.element, c.nature, c.avant, c.apres, c.refs_avant, c.refs_apres)


def _reunir(changes: Iterable[Changement], whole: Mapping[Nature, set[str]]) -> Iterator[Changement]:
    """Give once what several volets share; `whole` are the volets that make it the whole regime's."""
    groups: dict[tuple[object, ...], list[Changement]] = {}
    for c in changes:
        groups.setdefault((*_cle(c), bool(c.volets)), []).append(c)
    for group in groups.values():
        volets = tuple(volet for c in group for volet in c.volets)
        yield replace(group[0], volets=() if whole[group[0].nature] <= set(volets) else volets)


def _regrouper(changes: Iterable[Changement]) -> list[Changement]:
    """Give once what several bases share: a common provision that changes."""
    groups: dict[tuple[object, ...], list[Changement]] = {}
    for c in changes:
        groups.setdefault((*_cle(c), c.volets), []).append(c)
    found = []
    for first, *others in groups.values():
        bases = tuple(dict.fromkeys(base for c in (first, *others) for base in c.bases))
        found.append(replace(first, bases=bases, intitule="plusieurs bases") if len(bases) > 1 else first)
    return sorted(found, key=lambda c: len(c.bases) == 1)


class _Ecriture:
    """Writes each rule of a state of the law as one sentence."""

    def __init__(self, french: French, references: References) -> None:
        self.french = french
        self.references = references

    def regime(self, regime: s.RegimeDuJour) -> dict[_Cle, _Element]:
        found: dict[_Cle, _Element] = {("", "intitulé", ""): _Element(regime.intitule)}
        self.put(found, "condition", regime.conditions, lambda r: self.si(r.si) or "toujours")
        self.put(found, "plafond", regime.plafonds, self.amount)
        self.put(found, "seuil de notification", regime.seuils, self.amount)
        self.put(found, "multiple", s.facteurs(regime.plafonds, regime.seuils), self.factor)
        self.put(found, "plafond de minimis", regime.de_minimis, self.ceiling)
        for volet in regime.volets:
            title = "" if _seul(regime) else volet.intitule
            if title:
                found[("", "volet", volet.id)] = _Element(title)
            found |= {(title, rubric, name): e for (_, rubric, name), e in self.volet(volet).items()}
        return found

    def volet(self, volet: s.VoletDuJour) -> dict[_Cle, _Element]:
        found: dict[_Cle, _Element] = {}
        goals = "toutes" if volet.finalites is None else self.labels("finalite", volet.finalites)
        found[("", "finalités", "")] = _Element(goals)
        costs = "tous" if volet.postes is None else self.labels("poste", volet.postes)
        found[("", "coûts admissibles", "")] = _Element(costs, self.refs(volet.postes_refs))
        if volet.repose_sur:
            found[("", "repose sur", "")] = _Element(", ".join(volet.repose_sur))
        self.put(found, "condition", volet.conditions, lambda r: self.si(r.si) or "toujours")
        self.put(found, "assiette", volet.assiette, self.amount)
        self.put(found, "taux de base", volet.base, self.rate)
        self.put(found, "majoration", volet.majorations, self.bonus)
        self.put(found, "réduction", volet.reductions, lambda r: f"× {percent(r.facteur)}{self.when(r)}")
        self.put(found, "plafond de taux", volet.plafonds_taux, self.rate)
        self.put(found, "montant", volet.montant, self.amount)
        self.put(found, "plafond", volet.plafonds, self.amount)
        self.put(found, "seuil de notification", volet.seuils, self.amount)
        self.put(found, "multiple", s.facteurs(volet.montant, volet.plafonds, volet.seuils), self.factor)
        return found

    def reste(self, loi: s.LoiDuJour) -> dict[_Cle, _Element]:
        """Write what belongs to no base: criteria, obligations, cumulation, national schemes, parameters."""
        found: dict[_Cle, _Element] = {}
        for critere in loi.criteres:
            self.put(found, f"critère ({critere.intitule})", critere.conditions, lambda r: self.si(r.si) or "toujours")
        for o in loi.obligations:
            due = f" ; échéance : {self.french.quantity(o.echeance)}" if o.echeance is not None else ""
            condition = f", si {self.si(o.si)}" if o.si is not None else ""
            found[("", "obligation", o.id)] = _Element(f"{o.intitule}{condition}{due}", self.refs(o.refs))
        self.put(found, "incompatibilité", loi.incompatibilites, lambda r: f"{r.message}{self.when(r)}")
        self.put(found, "dérogation au cumul", loi.derogations, self.rate)
        for row in loi.regimes_cadres:
            found[("", "régime cadre", row.sa)] = _Element(_cadre(row))
        for name, parametre in loi.parametres_ecrits.items():
            value = self.french.parametre(parametre.valeur, parametre.unite)
            written = f"{parametre.intitule} : {value}" if parametre.intitule else value
            found[("", "paramètre", name)] = _Element(written, self.refs(parametre.refs))
        return found

    def put(self, found: dict[_Cle, _Element], rubric: str, rules: Iterable[s.Regle], write: object) -> None:
        """Add one element per rule, named by its identifier, made unique."""
        for rule in rules:
            name, number = rule.id or rule.intitule or "sans nom", 1
            while ("", rubric, name) in found:
                number += 1
                name = f"{rule.id or rule.intitule or 'sans nom'} ({number})"
            found[("", rubric, name)] = _Element(write(rule), self.refs(rule.refs))  # type: ignore[operator]

    def labels(self, liste: str, names: Iterable[str]) -> str:
        known = self.french.vocabulary.listes.get(liste, {})
        return ", ".join(sorted(known[name].libelle if name in known else name for name in names))

    def refs(self, refs: Iterable[str]) -> tuple[str, ...]:
        return tuple(self.references.write(ref).texte for ref in refs)

    def si(self, node: t.Bool | None) -> str:
        return "" if node is None else self.french.condition(node)

    def when(self, rule: s.Regle) -> str:
        return f", si {self.si(rule.si)}" if rule.si is not None else ""

    def rate(self, rule: s.RegleTaux) -> str:
        return f"{self.french.quantity(rule.taux)}{self.when(rule)}"

    def bonus(self, rule: s.RegleMajoration) -> str:
        written = percent(rule.points).removesuffix("%").strip()
        group = "" if rule.groupe.startswith("seul.") else f" (une seule du groupe « {rule.groupe} »)"
        return f"+ {written} points{group}{' après réduction' if rule.apres_reduction else ''}{self.when(rule)}"

    def amount(self, rule: s.RegleMontant) -> str:
        on = {"aide": "", "couts": ", sur les coûts admissibles", "couts_totaux": ", sur les coûts totaux"}
        amount = self.french.amount(rule.simple, rule.par, [factor.nom for factor in rule.facteurs])
        return f"{amount}{on[rule.grandeur]}{self.when(rule)}"

    def factor(self, rule: s.RegleFacteur) -> str:
        return f"{self.french.factor(rule.rapport)}{self.when(rule)}"

    def ceiling(self, rule: s.RegleDeMinimis) -> str:
        window = f"{rule.ans} ans glissants" if rule.fenetre == "glissante" else f"{rule.ans} exercices"
        amount = self.french.quantity(t.Nombre(rule.montant, "montant", ""))
        return f"{amount} sur {window} (aides comptées : {', '.join(rule.compte)}){self.when(rule)}"


def _cadre(row: s.RegimeCadreDuJour) -> str:
    return f"{row.intitule} ({', '.join(row.regimes)})"


def en_texte(changements: Iterable[Changement]) -> str:
    """Write the changes as plain text, base by base: « + » added, « − » removed, « ~ » modified."""
    changes = list(changements)
    if not changes:
        return "Rien ne change."
    blocks = []
    for (bases, title), group in groupby(changes, key=lambda c: (c.bases, c.intitule)):
        head = "Règles communes" if not bases else f"{', '.join(bases)} — {title}"
        lines = [head]
        for change in group:
            lines += _lignes(change)
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _lignes(change: Changement) -> Iterator[str]:
    name = f" « {change.element} »" if change.element else ""
    where = f" ({' ; '.join(change.volets)})" if change.volets else ""
    yield f"  {_SIGNES[change.nature]} {change.rubrique}{name}{where}"
    if change.nature == "modification" and change.avant == change.apres:
        yield f"      inchangé : {change.avant}"
        yield f"      référence : {' ; '.join(change.refs_avant) or '—'} → {' ; '.join(change.refs_apres) or '—'}"
    elif change.nature == "modification":
        yield f"      avant : {change.avant}{_sources(change.refs_avant)}"
        yield f"      après : {change.apres}{_sources(change.refs_apres)}"
    else:
        yield f"      {change.avant or change.apres}{_sources(change.refs_avant or change.refs_apres)}"


def _sources(refs: tuple[str, ...]) -> str:
    return f" [{' ; '.join(refs)}]" if refs else ""
