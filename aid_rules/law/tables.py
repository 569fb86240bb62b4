"""Reads the small YAML tables of `rulesets/donnees`, by the fast safe loader when it is there."""

from __future__ import annotations

from typing import Any

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def lire_table(contenu: bytes) -> Any:  # noqa: ANN401 - any YAML value
    """Return the content of a table; dates are dates. Raises `yaml.YAMLError`."""
    return yaml.load(contenu, Loader=_LOADER)  # noqa: S506 - both loaders are safe
