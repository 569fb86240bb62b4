"""Periods: entries that overlap, leave a hole, or stand outside the life of what they belong to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from aid_rules.faults import Fault
from aid_rules.language import entries
from aid_rules.language import files as f
from aid_rules.language.loader import RuleSet
from aid_rules.language.positions import Document, Steps
from aid_rules.language.vies import DEBUT, FIN, Vie, completes, entrees, lendemain, periode, vie_de_la_loi

_Dates = tuple[Document, Steps, str, Vie]


def fautes_de_dates(rules: RuleSet) -> Iterator[Fault]:
    """Yield entries that overlap, never come into force or outlive their file, and periods without a rate."""
    yield from _hors_de_vie(rules)
    yield from _sans_taux(rules)
    for serie in _series(rules):
        for (_, _, _, before), (document, steps, name, after) in pairwise(serie):
            if after.du <= before.au:
                message = (
                    f"deux entrées « {name} » sont en vigueur ensemble le {after.du} ; "
                    "fixez la fin (« au ») de la première à la veille, ou changez l'identifiant"
                )
                yield document.fault(message, steps)


def trous(rules: RuleSet) -> Iterator[Fault]:
    """Yield, as warnings, the holes between two entries of one identifier, periods without a threshold or a regime."""
    yield from _sans_seuil(rules)
    yield from _sans_regime(rules)
    for serie in _series(rules):
        for (_, _, _, before), (document, steps, name, after) in pairwise(serie):
            if after.du > lendemain(before.au):
                hole = Vie(lendemain(before.au), after.du - timedelta(days=1))
                yield document.fault(f"« {name} » n'a pas de valeur {hole} : vérifiez que ce trou est voulu", steps)


def _series(rules: RuleSet) -> Iterator[list[_Dates]]:
    """Yield the entries of each identifier of each list, in the order of their dates."""
    groups: dict[tuple[object, ...], list[_Dates]] = {}

    def add(document: Document, steps: Steps, name: str, life: Vie | None) -> None:
        if name and life:
            groups.setdefault((document.file, steps[:-1], name), []).append((document, steps, name, life))

    for entree in entrees(rules):
        add(entree.document, entree.steps, entree.item.id, entree.vie)
    for law in (*rules.regimes.values(), *rules.dispositifs.values()):
        for index, volet in enumerate(law.volets):
            life = vie_de_la_loi(rules, law).avec(periode(volet.du, volet.au))
            add(rules.documents[law.id], ("volets", index), volet.id, life)
    for key, (_, parametre) in rules.parametres.items():
        book, _, name = key.rpartition(".")
        for index, value in enumerate(parametre.valeurs):
            steps = ("parametres", name, "valeurs", index)
            add(rules.documents[book], steps, name, periode(value.du, value.au))
    for group in groups.values():
        yield sorted(group, key=lambda entry: entry[3])


def _sans_taux(rules: RuleSet) -> Iterator[Fault]:
    """Yield the periods in which a regime that has rates or amounts has none in force."""
    for law in (*rules.regimes.values(), *rules.dispositifs.values()):
        life = vie_de_la_loi(rules, law)
        own = (*law.intensite.base, *law.montant, *law.plafond_de_minimis)
        parts: list[tuple[Steps, Vie | None, Sequence[entries.Item]]] = [((), life, own)]
        if law.volets:
            parts = [
                (
                    ("volets", index),
                    life.avec(periode(volet.du, volet.au)),
                    (*(volet.intensite.base or law.intensite.base), *volet.montant),
                )
                for index, volet in enumerate(law.volets)
            ]
        for steps, around, items in parts:
            for hole in _manques(around, items) if around and items else ():
                message = f"aucun taux ni montant n'est en vigueur {hole} : complétez, ou bornez la vie du régime"
                yield rules.documents[law.id].fault(message, steps or ("id",))


def _sans_seuil(rules: RuleSet) -> Iterator[Fault]:
    for law in rules.regimes.values():
        items = (*law.seuil_notification, *(seuil for volet in law.volets for seuil in volet.seuil_notification))
        for hole in _manques(vie_de_la_loi(rules, law), items) if items else ():
            message = f"aucun seuil de notification n'est en vigueur {hole}, alors qu'il y en a à d'autres dates"
            yield rules.documents[law.id].fault(message, ("seuil_notification",))


def _sans_regime(rules: RuleSet) -> Iterator[Fault]:
    """Yield the periods in which no regime serves a finalité that one served before and another serves after."""
    served: dict[str, list[tuple[Vie, Document, Steps]]] = {}
    for law in (*rules.regimes.values(), *rules.dispositifs.values()):
        life, document = vie_de_la_loi(rules, law), rules.documents[law.id]
        for goal in law.finalites if law.finalites != "tous" else ():
            served.setdefault(goal, []).append((life, document, ("finalites",)))
        for index, volet in enumerate(law.volets):
            own = life.avec(periode(volet.du, volet.au))
            for goal in volet.finalites if own else ():
                served.setdefault(goal, []).append((own or life, document, ("volets", index, "finalites")))
    for goal, lives in served.items():
        lives.sort(key=lambda entry: entry[0])
        last = lives[0][0].au
        for life, document, steps in lives[1:]:
            if life.du > lendemain(last):
                hole = Vie(lendemain(last), life.du - timedelta(days=1))
                yield document.fault(f"aucun régime ne sert la finalité « {goal} » {hole}", steps)
            last = max(last, life.au)


def _manques(life: Vie, items: Iterable[entries.Item]) -> Iterator[Vie]:
    """Yield the periods of `life` in which no entry is in force."""
    day = life.du
    for own in sorted(v for v in (life.avec(periode(i.du, i.au)) for i in items) if v):
        if own.du > day:
            yield Vie(day, own.du - timedelta(days=1))
        if own.au >= life.au:
            return
        day = max(day, lendemain(own.au))
    yield Vie(day, life.au)


def _hors_de_vie(rules: RuleSet) -> Iterator[Fault]:
    for law in rules.lois():
        life = vie_de_la_loi(rules, law)
        document = rules.documents[law.id]
        if life.du > life.au:
            yield document.fault(f"ce fichier n'est jamais en vigueur (du {life.du} au {life.au})", ("du",))
            continue
        for index, volet in enumerate(getattr(law, "volets", ())):
            place = ("volets", index)
            yield from _bornes(document, place, f"volet « {volet.id} »", periode(volet.du, volet.au), life)
    for entree in entrees(rules):
        life = vie_de_la_loi(rules, entree.law)
        if entree.steps[0] == "volets" and isinstance(entree.law, f.Regime):
            volet = entree.law.volets[int(entree.steps[1])]
            life = life.avec(periode(volet.du, volet.au)) or life
        own = periode(entree.item.du, entree.item.au)
        name = f"« {entree.item.id} »" if entree.item.id else "cette entrée"
        yield from _bornes(entree.document, entree.steps, name, own, life)
        if entree.vie is not None:
            yield from _textes_morts(rules, entree.document, entree.steps, entree.refs, entree.vie)
    for key, (texte, parametre) in rules.parametres.items():
        book, _, name = key.rpartition(".")
        for index, value in enumerate(parametre.valeurs):
            steps = ("parametres", name, "valeurs", index)
            own = periode(value.du, value.au)
            yield from _textes_morts(rules, rules.documents[book], steps, completes(value.ref, texte), own)


def _bornes(document: Document, steps: Steps, name: str, own: Vie, life: Vie) -> Iterator[Fault]:
    if own.avec(life) is None:
        message = f"{name} n'est jamais en vigueur : {own}, alors que ce qui la porte vit {life}"
        yield document.fault(message, steps)
        return
    if own.du not in (DEBUT, life.du) and own.du < life.du:
        message = f"{name} commence le {own.du}, avant ce qui la porte ({life}) ; retirez « du »"
        yield document.fault(message, (*steps, "du"))
    if own.au not in (FIN, life.au) and own.au > life.au:
        message = f"{name} finit le {own.au}, après ce qui la porte ({life}) ; retirez « au »"
        yield document.fault(message, (*steps, "au"))


def _textes_morts(rules: RuleSet, document: Document, steps: Steps, refs: Iterable[str], life: Vie) -> Iterator[Fault]:
    """Yield the references to a text that is in force on none of the dates of the entry."""
    for ref in refs:
        texte = ref.partition(":")[0]
        known = rules.textes.get(texte)
        if known and periode(known.debut, known.adaptation_au or known.fin).avec(life) is None:
            message = f"le texte « {texte} » n'est en vigueur à aucune date de cette entrée ({life})"
            yield document.fault(message, (*steps, "ref"))
