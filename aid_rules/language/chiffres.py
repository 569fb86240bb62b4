"""The figures written in the rules: each with what the cited provision must hold, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from aid_rules.amounts import euros, percent, to_basis_points
from aid_rules.language import entries
from aid_rules.language import tree as t
from aid_rules.language.expressions import UNITS
from aid_rules.language.french import day
from aid_rules.language.loader import RuleSet
from aid_rules.language.positions import Document, Steps
from aid_rules.language.vies import Vie, arbres, completes, entrees, periode, vie_du_texte

LIBRE = " ?"
"""End of a form that any unit but %, EUR and points may complete: a bare number."""

_DUREES = ("an", "mois", "semaine", "jour", "exercice", "heure")
_SANS_UNITE = ("", "uta")
_ABREGEES = {"tonnes": "t", "kilomètres": "km", "mètres": "m"}
_UNITES_PARAMETRES = {"an": "an", "mois": "mois", "exercice": "exercice", "pb": "pb", "uta": "", "nombre": ""}


@dataclass(frozen=True, slots=True)
class Chiffre:
    """One figure: as users read it, the forms it may take in a provision, and where it stands.

    `principal` figures (a rate, points, an amount) are looked up in the first reference; those inside an expression in
    any reference of the entry. `vie` is when the figure applies.
    """

    texte: str
    formes: tuple[str, ...]
    refs: tuple[str, ...]
    principal: bool
    lecture: str
    base: str
    article: str
    document: Document
    steps: Steps
    vie: Vie


def chiffres(rules: RuleSet) -> Iterator[Chiffre]:
    """Yield every figure of the rules that a provision must hold; zero is exempt."""
    for entree in entrees(rules):
        if entree.vie is None:
            continue
        item = entree.item
        for key, texte, formes, principal in _de_l_entree(item, rules):
            yield Chiffre(
                texte,
                formes,
                entree.refs,
                principal,
                item.lecture or "",
                entree.law.id,
                f"{entree.law.texte}:{entree.law.article}",
                entree.document,
                (*entree.steps, key),
                entree.vie,
            )
    yield from _des_parametres(rules)


def _de_l_entree(item: entries.Item, rules: RuleSet) -> Iterator[tuple[str, str, tuple[str, ...], bool]]:
    if isinstance(item, entries.Majoration):
        written = _nombre(item.points)
        yield "points", f"{written.replace('.', ',')} points", (f"{written} points", f"{written} %"), True
    if isinstance(item, entries.Reduction | entries.Facteur) and item.facteur_pct is not None:
        yield "facteur_pct", percent(item.facteur_pct), (f"{_nombre(item.facteur_pct)} %",), True
    amount = getattr(item, "montant_eur", None)
    if amount:
        yield "montant_eur", euros(amount), (f"{_nombre(amount)} EUR",), True
    if isinstance(item, entries.PlafondDeMinimis):
        unit = "an" if item.fenetre == "glissante" else "exercice"
        yield "ans", f"{item.ans} {unit}", (f"{item.ans} {unit}",), True
    for key, node in arbres(item):
        if key == "taux":
            if isinstance(node, t.Nombre) and node.valeur:
                yield key, percent(node.valeur), (f"{_nombre(node.valeur)} %",), True
            continue
        for texte, formes in dict.fromkeys(_litteraux(node, rules, "")):
            yield key, texte, formes, False


def _litteraux(node: t.Node, rules: RuleSet, unit: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the figures of an expression; `unit` is that of the fact a bare number is compared with."""
    match node:
        case t.Nombre(valeur) if valeur:
            yield _litteral(node, unit)
        case t.Decalage(base, nombre, _, texte):
            yield from _litteraux(base, rules, unit)
            if nombre:
                yield texte, (texte,)
        case t.Produit(facteur, base):
            if facteur != 1:
                yield f"{facteur} ×", (f"{facteur}{LIBRE}",)
            yield from _litteraux(base, rules, unit)
        case t.Rapport(numerateur, denominateur):
            yield from _litteraux(numerateur, rules, unit)
            if denominateur != t.CENT:
                yield from _litteraux(denominateur, rules, unit)
        case t.Compare(_, gauche, droite):
            own = _unite(gauche, rules) or _unite(droite, rules)
            yield from _litteraux(gauche, rules, own)
            yield from _litteraux(droite, rules, own)
        case _:
            for child in t.children(node):
                yield from _litteraux(child, rules, unit)


def _unite(node: t.Num, rules: RuleSet) -> str:
    units = [
        rules.vocabulaire.faits[n.nom].unite
        for n in t.walk(node)
        if isinstance(n, t.Fait) and n.nom in rules.vocabulaire.faits
    ]
    return next((_singulier(u) for u in units if u), "")


def _singulier(unite: str) -> str:
    short = unite.removesuffix("s")
    return short if short in _DUREES else UNITS.get(unite, unite)


def _litteral(node: t.Nombre, unit: str) -> tuple[str, tuple[str, ...]]:
    if node.genre == "date":
        return day(node.valeur), (node.texte,)
    written = _nombre(node.valeur)
    if node.genre == "montant":
        return euros(node.valeur), (f"{written} EUR",)
    if node.genre == "pourcentage":
        return percent(node.valeur), (f"{written} %",)
    written = _nombre(int(Decimal(node.texte) * 100))  # as written: years may stand for months
    own = _singulier(node.unite) or unit
    shown = f"{written.replace('.', ',')} {own}".strip()
    if own in _DUREES:
        return shown, (f"{written} {own}",)
    if own in _SANS_UNITE:
        return shown, (f"{written}{LIBRE}",)
    return shown, (f"{written} {_ABREGEES.get(own, own)}", written)


def _nombre(hundredths: int) -> str:
    text = f"{Decimal(hundredths) / 100:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _des_parametres(rules: RuleSet) -> Iterator[Chiffre]:
    for name, (texte, parametre) in rules.parametres.items():
        book, _, key = name.rpartition(".")
        document = rules.documents[book]
        for index, value in enumerate(parametre.valeurs):
            refs = completes(value.ref, texte)
            life = periode(value.du, value.au).avec(vie_du_texte(rules, refs[0].partition(":")[0]))
            shown, formes = _valeur(value.valeur, parametre.unite)
            if life is None or not formes:
                continue
            yield Chiffre(
                shown,
                formes,
                refs,
                True,
                value.lecture or "",
                book,
                refs[0].partition("(")[0],
                document,
                ("parametres", key, "valeurs", index, "valeur"),
                life,
            )


def _valeur(value: object, unite: str) -> tuple[str, tuple[str, ...]]:
    if unite == "date":
        return str(value), (str(value),)
    hundredths = to_basis_points(value)
    written = _nombre(hundredths)
    if not hundredths:
        return written, ()
    if unite == "eur":
        return euros(hundredths), (f"{written} EUR",)
    if unite == "pct":
        return percent(hundredths), (f"{written} %",)
    own = _UNITES_PARAMETRES[unite]
    return f"{written} {own}".strip(), (f"{written} {own}" if own else f"{written}{LIBRE}",)
