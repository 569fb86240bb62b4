"""Conditions that never hold or always do, regimes that contradict themselves, entries that nothing can reach."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from aid_rules.faults import Fault
from aid_rules.language import entries
from aid_rules.language import files as f
from aid_rules.language import tree as t
from aid_rules.language.loader import RuleSet
from aid_rules.language.positions import Steps
from aid_rules.language.satisfaisable import Logique
from aid_rules.language.vies import Vie, entrees, lendemain, periode, vie_de_la_loi

Place = tuple[Steps, entries.Item]
_Cle = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Portee:
    """A volet, or a regime that has none: the conditions that hold together and the first-match lists."""

    steps: Steps
    vie: Vie
    conditions: tuple[tuple[str, entries.ConditionItem, Vie], ...]
    listes: tuple[tuple[str, tuple[Place, ...]], ...]


def fautes_de_logique(rules: RuleSet) -> Iterator[Fault]:
    """Yield the faults of logic of every file of law."""
    every = [(e, si) for e in entrees(rules) if (si := _si(e.item)) is not None]
    logique = Logique(rules.vocabulaire, (si for _, si in every))
    for entree, si in every:
        if entree.vie is None:
            continue
        place = (*entree.steps, "si")
        if not logique.possible([si], vie=entree.vie):
            yield entree.document.fault(
                f"« {entree.nom} » ne peut jamais être vraie : ses termes se contredisent", place
            )
        elif not logique.possible([], contre=[si], vie=entree.vie):
            yield entree.document.fault(f"« {entree.nom} » est toujours vraie : retirez « si », ou corrigez-le", place)
    for law in (*rules.regimes.values(), *rules.dispositifs.values()):
        communs = tuple(_communs(rules, law)) if law.genre == "regime" else ()
        scopes = list(_portees(rules, law, communs))
        impossible = {key for scope in scopes for key in _impossibles(scope, logique)}
        yield from _homonymes(rules, law, scopes)
        yield from _contradictions(rules, law, scopes, impossible, logique)
        yield from _inaccessibles(rules, law, scopes, impossible, logique)


def _si(item: entries.Item) -> t.Bool | None:
    return getattr(item, "si", None)


def _communs(rules: RuleSet, law: f.Regime) -> Iterator[tuple[str, entries.ConditionItem, Vie]]:
    life = vie_de_la_loi(rules, law)
    for commun in rules.communs:
        around = life.avec(vie_de_la_loi(rules, commun))
        for item in commun.conditions:
            own = around.avec(periode(item.du, item.au)) if around else None
            if own and (item.vise or commun.vise).vise(law):
                yield f"{commun.id}, « {item.id} »", item, own


def _portees(
    rules: RuleSet, law: f.Regime, communs: Iterable[tuple[str, entries.ConditionItem, Vie]]
) -> Iterator[_Portee]:
    life = vie_de_la_loi(rules, law)
    shared = [*communs, *_nommees("", law.conditions, life)]
    base = _places(("intensite", "base"), law.intensite.base)
    costs = _places(("assiette", "montant"), law.assiette.montant)
    if not law.volets:
        amounts = _places(("montant",), law.montant)
        yield _Portee((), life, tuple(shared), (("base", base), ("assiette.montant", costs), ("montant", amounts)))
    for index, volet in enumerate(law.volets):
        here = ("volets", index)
        around = life.avec(periode(volet.du, volet.au))
        if around is None:
            continue
        own_base = _places((*here, "intensite", "base"), volet.intensite.base) or base
        own_costs = _places((*here, "assiette", "montant"), volet.assiette.montant) if volet.assiette else costs
        yield _Portee(
            here,
            around,
            (*shared, *_nommees(f"volet « {volet.id} », ", volet.conditions, around)),
            (
                ("base", own_base),
                ("assiette.montant", own_costs),
                ("montant", _places((*here, "montant"), volet.montant)),
            ),
        )


def _places(steps: Steps, items: Sequence[entries.Item]) -> tuple[Place, ...]:
    return tuple(((*steps, index), item) for index, item in enumerate(items))


def _nommees(
    where: str, items: Iterable[entries.ConditionItem], around: Vie
) -> Iterator[tuple[str, entries.ConditionItem, Vie]]:
    for item in items:
        own = around.avec(periode(item.du, item.au))
        if own:
            yield f"{where}« {item.id} »", item, own


def _debuts(scope: _Portee) -> list[date]:
    """Return the first day of each period of a scope in which nothing changes."""
    days = {scope.vie.du}
    lives = [life for _, _, life in scope.conditions]
    lives += [periode(item.du, item.au) for _, items in scope.listes for _, item in items]
    for life in lives:
        days |= {life.du, lendemain(life.au)}
    return sorted(day for day in days if scope.vie.contient(day))


def _vivantes(scope: _Portee, jour: date) -> list[tuple[str, t.Bool]]:
    return [(name, item.si) for name, item, life in scope.conditions if life.contient(jour)]


def _cle(live: list[tuple[str, t.Bool]]) -> _Cle:
    return tuple(id(si) for _, si in live)


def _impossibles(scope: _Portee, logique: Logique) -> set[_Cle]:
    """Return the sets of conditions, of one day each, that cannot hold together."""
    days = {_cle(live): live for live in (_vivantes(scope, jour) for jour in _debuts(scope))}
    return {key for key, live in days.items() if not logique.possible([si for _, si in live])}


def _homonymes(rules: RuleSet, law: f.Regime, scopes: Iterable[_Portee]) -> Iterator[Fault]:
    """Yield the identifiers that two conditions of a regime bear on the same day: results name conditions by them."""
    seen: set[tuple[str, str]] = set()
    for scope in scopes:
        for index, (name, item, life) in enumerate(scope.conditions):
            for before, other, when in scope.conditions[:index]:
                if other.id == item.id and before != name and when.avec(life) and (before, name) not in seen:
                    seen.add((before, name))
                    message = f"deux conditions du régime portent l'identifiant « {item.id} » : {before} et {name}"
                    yield rules.documents[law.id].fault(message, (*scope.steps, "conditions"))


def _contradictions(
    rules: RuleSet, law: f.Regime, scopes: Iterable[_Portee], impossible: set[_Cle], logique: Logique
) -> Iterator[Fault]:
    for scope in scopes:
        for jour in _debuts(scope):
            live = _vivantes(scope, jour)
            if _cle(live) not in impossible:
                continue
            core = _noyau(live, logique)
            if len(core) > 1:
                message = f"le {jour}, ces conditions ne peuvent pas être remplies ensemble : {' et '.join(core)}"
                yield rules.documents[law.id].fault(message, (*scope.steps, "conditions"))
                break


def _noyau(live: list[tuple[str, t.Bool]], logique: Logique) -> list[str]:
    """Return the names of conditions that contradict one another, none of which could be left out."""
    core = list(live)
    for pair in live:
        fewer = [p for p in core if p is not pair]
        if not logique.possible([si for _, si in fewer]):
            core = fewer
    return [name for name, _ in core]


def _inaccessibles(
    rules: RuleSet, law: f.Regime, scopes: Iterable[_Portee], impossible: set[_Cle], logique: Logique
) -> Iterator[Fault]:
    """Yield the entries of first-match lists that no dossier can reach, in any volet, on any date."""
    why: dict[Steps, str] = {}
    reached: set[Steps] = set()
    for scope in scopes:
        for jour in _debuts(scope):
            conditions = _vivantes(scope, jour)
            known = [] if _cle(conditions) in impossible else [si for _, si in conditions]
            for _, places in scope.listes:
                live = [(steps, item) for steps, item in places if item.en_vigueur(jour)]
                for index, (steps, item) in enumerate(live):
                    if steps in reached:
                        continue
                    reason = _obstacle(item, [earlier for _, earlier in live[:index]], known, logique)
                    if reason:
                        why.setdefault(steps, reason)
                    else:
                        reached.add(steps)
    for steps, reason in why.items():
        if steps not in reached:
            yield rules.documents[law.id].fault(f"entrée jamais atteinte : {reason}", steps)


def _obstacle(item: entries.Item, earlier: Sequence[entries.Item], known: list[t.Bool], logique: Logique) -> str:
    """Return why an entry is not reached after those before it, nothing when it may be."""
    always = next((e for e in earlier if _si(e) is None), None)
    if always is not None:
        return f"« {always.id} », plus haut, s'applique toujours ; déplacez l'entrée générale à la fin"
    own = [si] if (si := _si(item)) is not None else []
    before = [si for e in earlier if (si := _si(e)) is not None]
    if not logique.possible(own, contre=before):
        pairs = zip(earlier, before, strict=True)
        cover = next((e for e, si in pairs if not logique.possible(own, contre=[si])), None)
        names = f"« {cover.id} » la couvre" if cover else "les entrées plus haut la couvrent"
        return f"{names} déjà ; changez l'ordre ou la condition"
    if not logique.possible([*known, *own], contre=before):
        return "les conditions du régime excluent ce cas, ou ne laissent que ceux des entrées plus haut"
    return ""
