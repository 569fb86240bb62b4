"""Words as they are compared: without accents."""

from __future__ import annotations

import unicodedata
from typing import Literal


def sans_accents(text: str, forme: Literal["NFD", "NFKD"] = "NFKD") -> str:
    """Return a text without its accents; `NFKD` also writes ligatures and other variants as plain letters."""
    return "".join(c for c in unicodedata.normalize(forme, text) if not unicodedata.combining(c))
