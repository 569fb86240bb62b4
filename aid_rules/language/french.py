"""The French sentence of a condition, made from the very tree that is evaluated: never typed twice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from aid_rules.amounts import decimal, euros, percent
from aid_rules.language import tree as t
from aid_rules.language.vocabulary import Vocabulary

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip
_WORDS = {"=": "", "!=": "différent de ", "<": "moins de ", "<=": "au plus ", ">": "plus de ", ">=": "au moins "}
_DATES = {
    "=": "le ", "!=": "un autre jour que le ", "<": "avant le ", "<=": "au plus tard le ", ">": "après le ",
    ">=": "à partir du ",
}  # fmt: skip
_TO_DATES = {
    "=": "", "!=": "autre que ", "<": "avant ", "<=": "au plus tard à ", ">": "après ", ">=": "à partir de ",
}  # fmt: skip


_CENTIEMES = 100
_PLURIELS = {
    "an": "ans", "jour": "jours", "jour ouvrable": "jours ouvrables", "semaine": "semaines", "exercice": "exercices",
    "heure": "heures", "tonne": "tonnes", "État": "États", "opérateur": "opérateurs", "passager": "passagers",
    "réseau": "réseaux", "uta": "UTA",
}  # fmt: skip
_PAR = {"etude": "étude", "pole": "pôle", "regime": "régime"}
"""What an amount is counted by, as it is read, when the accents say more than the identifier."""

_SINGULIERS = {plural: singular for singular, plural in _PLURIELS.items()} | {"uta": "UTA", "UTA": "UTA"}


def _accord(unite: str, hundredths: int) -> str:
    """Return a unit in the plural from two on: `7 ans`, `1,5 an`; an unknown one as it is written."""
    return (_PLURIELS if hundredths >= 2 * _CENTIEMES else _SINGULIERS).get(unite, unite)


def day(ordinal: int) -> str:
    """Write a day in French: `18 novembre 2019`, `1er janvier 2024`."""
    when = date.fromordinal(ordinal)
    number = "1er" if when.day == 1 else str(when.day)
    return f"{number} {_MONTHS[when.month - 1]} {when.year}"


class French:
    """Writes trees in French with the labels of a vocabulary."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary

    def condition(self, node: t.Bool) -> str:
        """Return the sentence of a condition."""
        match node:
            case t.EstVrai(fait):
                return f"{self.label(fait)} : oui"
            case t.Non(t.EstVrai(fait)):
                return f"{self.label(fait)} : non"
            case t.Dans(fait, valeurs):
                return f"{self.label(fait)} : {self.values(fait, valeurs)}"
            case t.Non(t.Dans(fait, valeurs)):
                return f"{self.label(fait)} : autre que « {self.values(fait, valeurs)} »"
            case t.Compare(operateur, gauche, droite):
                return self.comparison(operateur, gauche, droite)
            case t.Non(t.Compare(operateur, gauche, droite)):
                return self.comparison(t.OPPOSITE[operateur], gauche, droite)
            case t.Non(t.UnDe(items)):
                return "aucun de ces cas : " + " ; ".join(self.nested(item) for item in items)
            case t.Non(item):
                return f"il n'est pas vrai que [{self.condition(item)}]"
            case t.Tous(items):
                return " ; et ".join(self.nested(item) for item in items)
            case t.UnDe(items):
                return " ; ou ".join(self.nested(item) for item in items)

    def none_of(self, items: Sequence[t.Bool]) -> str:
        """Return the sentence that none of several conditions is met, each numbered, in the order given."""
        told = " ; ".join(f"({rank}) {self.condition(item)}" for rank, item in enumerate(items, start=1))
        return f"aucune de ces conditions n'est remplie : {told}"

    def nested(self, node: t.Bool) -> str:
        text = self.condition(node)
        return f"[{text}]" if " ; " in text else text

    def label(self, fait: str) -> str:
        """Return the label of a fact."""
        return "date d'octroi" if fait == "date_octroi" else self.vocabulary.faits[fait].libelle

    def values(self, fait: str, valeurs: tuple[str, ...]) -> str:
        labels = [self.vocabulary.faits[fait].valeurs[v].libelle for v in valeurs]
        return labels[0] if len(labels) == 1 else f"{', '.join(labels[:-1])} ou {labels[-1]}"

    def comparison(self, operator: t.Operator, left: t.Num, right: t.Num) -> str:
        words = _DATES if t.kind_of(left) == "date" else _WORDS
        text = self.quantity(right, left)
        word = words[operator]
        if words is _DATES and not isinstance(right, t.Nombre):
            word = _TO_DATES[operator]
            text = f"« {text} »"
        return f"{self.quantity(left, right)} : {word}{text}"

    def quantity(self, node: t.Num, other: t.Num | None = None) -> str:
        """Return a quantity in words; `other` gives the unit of a bare number."""
        match node:
            case t.Nombre(valeur, genre, texte, unite):
                if genre == "montant":
                    return euros(valeur)
                if genre == "pourcentage":
                    return percent(valeur)
                if genre == "date":
                    return day(valeur)
                unit = unite or (self.unit(other) if other is not None else "")
                return (
                    f"{texte.replace('.', ',')}\u00a0{_accord(unit, int(Decimal(texte) * _CENTIEMES))}"
                    if unit
                    else texte.replace(".", ",")
                )
            case t.Fait(nom):
                return self.label(nom)
            case t.Couts(poste):
                label = self.vocabulary.listes["poste"][poste].libelle if poste else ""
                return f"coûts admissibles ({label})" if poste else "coûts admissibles"
            case t.Assiette():
                return "assiette retenue"
            case t.PartDe(taux, base):
                return f"{self.quantity(taux)} de « {self.quantity(base)} »"
            case t.Somme(termes):
                parts = [f"{'−' if sign < 0 else '+'} {self.quantity(term)}" for sign, term in termes]
                return " ".join(parts).removeprefix("+ ")
            case t.Extremum(plus_petit, items):
                inside = " et ".join(self.quantity(item) for item in items)
                return f"le plus {'petit' if plus_petit else 'grand'} de {inside}"
            case t.Produit(facteur, base):
                return f"{facteur} × {self.quantity(base)}"
            case t.Decalage(base, nombre, _, texte):
                number, _, unit = texte.partition(" ")
                written = f"{number}\u00a0{_accord(unit, int(number) * _CENTIEMES)}"
                return f"{self.quantity(base)} {'−' if nombre < 0 else '+'} {written}"
            case t.Multiple(base, rapport, si):
                when = f" si [{self.condition(si)}]" if si is not None else ""
                return f"{self.quantity(base)}, {self.factor(rapport)}{when}"

    def amount(self, node: t.Num, par: Sequence[str], multiples: Sequence[str]) -> str:
        """Return an amount, what it is counted by, and the titles of what may multiply it."""
        per = f" par {' et '.join(_PAR.get(name, name.replace('_', ' ')) for name in par)}" if par else ""
        times = f" (multiples : {' ; '.join(multiples)})" if multiples else ""
        return f"{self.quantity(node)}{per}{times}"

    def factor(self, rapport: t.Rapport) -> str:
        """Return what an amount is multiplied by: `multiplié par 2`, by 1,5, by a rate or a quotient in words."""
        return f"multiplié par {self.ratio(rapport)}"

    def ratio(self, rapport: t.Rapport) -> str:
        over, under = rapport.numerateur, rapport.denominateur
        if under != t.CENT:
            unit = next((n for n in t.walk(over) if isinstance(n, t.Fait)), under)
            return f"« {self.quantity(over, unit)} / {self.quantity(under)} »"
        if isinstance(over, t.Nombre):
            return decimal(over.valeur, t.CENT.valeur)
        return f"« {self.quantity(over)} »"

    def parametre(self, valeur: int, unite: str) -> str:
        """Return a parameter in words, from its exact value and the unit of its file."""
        if unite == "date":
            return day(valeur)
        if unite in ("eur", "pct"):
            return euros(valeur) if unite == "eur" else percent(valeur)
        hundredths = valeur if unite == "uta" else valeur * _CENTIEMES
        name = {"uta": "UTA", "pb": "points de base", "nombre": ""}.get(unite, unite)
        return f"{decimal(hundredths, _CENTIEMES)}\u00a0{_accord(name, hundredths)}".strip()

    def unit(self, node: t.Num) -> str:
        return (
            self.vocabulary.faits[node.nom].unite
            if isinstance(node, t.Fait) and node.nom in self.vocabulary.faits
            else ""
        )
