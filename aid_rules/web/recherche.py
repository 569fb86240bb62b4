"""Search of communes and of activities (NAF), for the questionnaire."""

from __future__ import annotations

import csv
from functools import cache

from aid_rules.accents import sans_accents
from aid_rules.faults import WorkError
from aid_rules.language.places import donnees
from aid_rules.law.communes import chercher_communes

Choix = tuple[str, str]
"""A value of the dossier, and what the user reads."""

MAX = 25
_CODE_NAF = 6


def communes(texte: str) -> list[Choix]:
    """Find communes by name, postal code or INSEE code: (INSEE code, name with postal code and département)."""
    try:
        found = chercher_communes(donnees(), texte[:80], MAX)
    except WorkError:
        return []
    return [(c.code, _commune(c.nom, c.codes_postaux, c.departement_nom, c.au is not None)) for c in found]


def _commune(nom: str, postaux: tuple[str, ...], departement: str, ancienne: bool) -> str:
    postal = f"{postaux[0]}, " if postaux else ""
    former = ", ancienne commune" if ancienne else ""
    return f"{nom} ({postal}{departement}{former})"


def commune(code: str) -> str:
    """Return how a commune is shown, from its INSEE code."""
    return next((text for value, text in communes(code) if value == code.upper()), code)


@cache
def _naf() -> tuple[tuple[str, str, str], ...]:
    with (donnees() / "naf.csv").open(encoding="utf-8", newline="") as stream:
        rows = [(row["code"], row["label"]) for row in csv.DictReader(stream, delimiter=";")]
    return tuple(
        (code, label, _plat(f"{code} {code.replace('.', '')} {label}"))
        for code, label in rows
        if len(code) == _CODE_NAF
    )


def activites(texte: str) -> list[Choix]:
    """Find activities by words or code: (NAF code, code and label)."""
    words = _plat(texte[:80]).split()
    if not words:
        return []
    found = [(code, label) for code, label, plain in _naf() if all(f" {w}" in f" {plain}" for w in words)]
    found = found or [(code, label) for code, label, plain in _naf() if all(w in plain for w in words)]
    return [(code, f"{code} {label}") for code, label in found[:MAX]]


def activite(code: str) -> str:
    """Return how an activity is shown, from its code."""
    return next((f"{known} {label}" for known, label, _ in _naf() if known == code.upper()), code)


def _plat(text: str) -> str:
    return sans_accents(text.lower().replace("œ", "oe").replace("'", " ").replace("’", " "))


RECHERCHES = {"commune": (communes, commune), "naf": (activites, activite)}
"""Search and label, by kind of field."""
