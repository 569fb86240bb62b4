"""An optional package that is absent is named, with what installs it."""

from __future__ import annotations

import sys

import pytest

from aid_rules.cli import main


@pytest.mark.parametrize("module", ["polars", "numba"])
def test_an_absent_package_is_named_in_french(monkeypatch, capsys, tmp_path, module):
    """Without the packages of portfolios the command says which one and how to install it, and writes nothing."""
    source, target = tmp_path / "table.csv", tmp_path / "resultats.csv"
    source.write_text("date_octroi\n2026-01-01\n", encoding="utf-8")
    monkeypatch.setitem(sys.modules, module, None)
    monkeypatch.setattr(sys, "argv", ["aid-rules", "portefeuille", str(source), "--sortie", str(target)])
    with pytest.raises(SystemExit) as stop:
        main()
    assert stop.value.code == 1
    told = capsys.readouterr().err
    assert f"« {module} »" in told
    assert "aid-rules[portefeuille]" in told
    assert not target.exists()
