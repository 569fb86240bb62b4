"""The optional packages: asked for when used, and named in French when absent."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from aid_rules.faults import WorkError


def exiger(extra: str, *modules: str) -> list[Any]:
    """Return the modules of an optional extra.

    Raises `WorkError`, which says what to install, when one is absent.
    """
    try:
        return [import_module(name) for name in modules]
    except ImportError as error:
        name = error.name or modules[0]
        raise WorkError(
            f"Le paquet « {name} » n'est pas installé. Installez l'option « {extra} » : "
            f"pip install 'aid-rules[{extra}]'"
        ) from None
