"""Dossiers as YAML ready to paste: what a failing test shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

WIDTH = 110


class Donnees(dict[str, Any]):
    """A dossier as plain data, shown as YAML wherever it is printed."""

    def __repr__(self) -> str:
        return f"\n{en_yaml(self)}"

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:  # noqa: ANN401 - the printer of Hypothesis
        del cycle
        printer.text(repr(self))


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ANN401 - any YAML value
        del data
        return True


def _number(dumper: yaml.SafeDumper, value: Decimal) -> yaml.ScalarNode:
    text = f"{value:f}"
    return dumper.represent_scalar(f"tag:yaml.org,2002:{'float' if '.' in text else 'int'}", text)


_Dumper.add_representer(bool, lambda d, v: d.represent_str("oui" if v else "non"))
_Dumper.add_representer(Decimal, _number)
_Dumper.add_representer(date, lambda d, v: d.represent_scalar("tag:yaml.org,2002:timestamp", str(v)))
_Dumper.add_representer(Donnees, lambda d, v: d.represent_dict(v.items()))
_Dumper.add_representer(tuple, lambda d, v: d.represent_list(v))


def en_yaml(data: Mapping[str, Any]) -> str:
    """Write a dossier as YAML: oui/non, plain dates, one cost line or aid per line of text."""
    return yaml.dump(
        dict(data), Dumper=_Dumper, allow_unicode=True, sort_keys=False, default_flow_style=None, width=WIDTH
    )
