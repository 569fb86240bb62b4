"""A copy of the shipped rules in which a test plants a fault."""

from __future__ import annotations

from pathlib import Path

from aid_rules.language.loader import RuleSet, load
from aid_rules.language.places import rulesets


def planter(folder: Path, fichier: str, ancien: str, nouveau: str) -> RuleSet:
    """Lay over the shipped rules a copy of one file in which `ancien`, found once, is replaced."""
    text = (rulesets() / fichier).read_text()
    assert text.count(ancien) == 1, f"{fichier} : « {ancien} » y est {text.count(ancien)} fois"
    return poser(folder, fichier, text.replace(ancien, nouveau))


def poser(folder: Path, fichier: str, texte: str) -> RuleSet:
    """Lay one file over the shipped rules."""
    path = folder / fichier
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(texte)
    return load(rulesets(), folder)
