"""The French words that pages and documents share, and how they write days, amounts and rates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from aid_rules import assessment as out
from aid_rules.amounts import euros, percent

MOIS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre",
    "décembre",
)  # fmt: skip

CONCLUSIONS = {
    "aide_etat": ("C'est une aide d'État", "Il faut une base légale avant de l'accorder."),
    "pas_aide_etat": ("Ce n'est pas une aide d'État", "L'un des cinq critères n'est pas rempli."),
    "indetermine": (
        "À déterminer : aide d'État ou non",
        "Traitez ce financement comme une aide d'État tant que ce n'est pas tranché.",
    ),
}
VERDICTS = {"mobilisable": "Mobilisable", "a_verifier": "À vérifier", "non_mobilisable": "Non mobilisable"}
VERITES = {"vrai": "Oui", "faux": "Non", "inconnu": "À vérifier"}
GRAVITES = {"bloquante": "Bloquant", "attention": "Attention", "information": "À savoir"}
CATEGORIES = {
    "micro": "microentreprise",
    "petite": "petite entreprise",
    "moyenne": "entreprise moyenne",
    "grande": "grande entreprise",
}
ZONES = {"a": "zone « a »", "c": "zone « c »", "aucune": "hors zone d'aide à finalité régionale"}
GENRES = {"base": "Taux de base", "majoration": "Majoration", "reduction": "Réduction", "plafond": "Plafond"}

_TONS = {
    "mobilisable": "bon",
    "vrai": "bon",
    "pas_aide_etat": "bon",
    "a_verifier": "doute",
    "inconnu": "doute",
    "aide_etat": "doute",
    "indetermine": "doute",
    "attention": "doute",
    "non_mobilisable": "mauvais",
    "faux": "mauvais",
    "bloquante": "mauvais",
    "information": "neutre",
}


def ton(mot: str) -> str:
    """Return the tone of a verdict: bon, doute, mauvais or neutre."""
    return _TONS.get(mot, "neutre")


def jour(day: date) -> str:
    """Write a day: `18 novembre 2019`."""
    return f"{'1er' if day.day == 1 else day.day} {MOIS[day.month - 1]} {day.year}"


def argent(value: Decimal | None) -> str:
    """Write an amount in euros."""
    return "montant inconnu" if value is None else euros(int(value * 100))


def montant(low: Decimal | None, high: Decimal | None) -> str:
    """Write an amount known between two bounds."""
    if high is None:
        return "sans plafond propre" if low is None else "montant à préciser"
    top = euros(int(high * 100))
    return top if low == high else f"de {euros(int((low or Decimal(0)) * 100))} à {top}"


def taux(low: Decimal | None, high: Decimal | None) -> str:
    """Write a rate known between two bounds; nothing when there is none."""
    if high is None:
        return "" if low is None else "taux à préciser"
    top = percent(int(high * 100))
    return top if low == high else f"de {percent(int((low or Decimal(0)) * 100))} à {top}"


def ou(words: Iterable[str]) -> str:
    """Write alternatives: `a, b ou c`."""
    found = list(words)
    return found[0] if len(found) == 1 else f"{', '.join(found[:-1])} ou {found[-1]}" if found else ""


def dit(part: out.Condition | out.EtapeIntensite | out.Limite) -> str:
    """Write a condition: its title when it has one, then its sentence."""
    return f"{part.intitule} : {part.phrase}" if part.intitule else part.phrase


def ordre(base: out.Base) -> tuple[int, bool, Decimal]:
    """Return the sorting key of bases: usable first, then by amount, the bases without a ceiling last."""
    rank = ("mobilisable", "a_verifier", "non_mobilisable").index(base.verdict)
    return rank, base.montant_max_eur is None, -(base.montant_max_eur or Decimal(0))


def majuscule(text: str) -> str:
    """Return a text with a capital first letter, the rest as it is."""
    return text[:1].upper() + text[1:]


def conditions(base: out.Base) -> list[out.Condition]:
    """Return the conditions of a basis, then those of its volets."""
    return [*base.conditions, *(c for v in base.volets for c in v.conditions)]
