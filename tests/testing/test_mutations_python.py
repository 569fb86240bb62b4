"""Mutation of Python modules: what a test would miss is told, what cannot be seen is explained apart."""

from __future__ import annotations

from pathlib import Path

import pytest

from aid_rules.testing.mutations_python import main, mutants

MODULE = """
def aide(couts: int, taux: int) -> int:
    if couts < 0 or not taux:
        return 0
    return min(couts * taux // 100, 200)
"""
FAIBLE = """
from calcul import aide

def test_aide():
    assert aide(100, 50) == 50
"""
FORT = (
    FAIBLE
    + """
def test_bornes():
    assert aide(-1, 50) == 0 == aide(100, 0) == aide(0, 50)
    assert aide(1000, 20) == aide(1000, 50) == 200
    assert aide(10, 9) == 0
    assert aide(1, 100) == 1
"""
)


@pytest.fixture
def chantier(tmp_path, monkeypatch):
    """A module alone in a folder, from which the command is run."""
    (tmp_path / "calcul.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.usefixtures("chantier")
def test_each_mutant_changes_one_thing():
    """Comparison, connector, negation, figures, arithmetic, extreme, both branches, return."""
    made = list(mutants(Path("calcul.py")))
    told = [m.changement for m in made]
    assert {"Lt → LtE", "ou → et", "négation retirée", "0 → 1", "Mult → FloorDiv", "min → max"} <= set(told)
    assert {"condition toujours vraie", "condition toujours fausse", "ne renvoie rien"} <= set(told)
    assert len(told) == len(
        {(m.ligne, m.changement, m.code.co_code, str(m.code.co_consts)) for m in mutants(Path("calcul.py"))}
    )


def test_types_are_left_alone(tmp_path):
    """Nobody runs an annotation, nor what only a type checker imports: no test could see them change."""
    path = tmp_path / "types.py"
    path.write_text(
        "if TYPE_CHECKING:\n    X = 1\n\ndef f(a: int | str) -> int | str:\n    b: int | str = a\n    return b\n"
    )
    assert [m.changement for m in mutants(path)] == ["ne renvoie rien"]


def test_weak_tests_leave_survivors_strong_ones_fewer(chantier, capsys):
    """The score is printed with the lines that no test watches; a score too low is exit code 1."""
    (chantier / "test_calcul.py").write_text(FAIBLE, encoding="utf-8")
    assert main(["calcul.py", "test_calcul.py", "--minimum", "90"]) == 1
    weak = capsys.readouterr().out
    assert "if couts < 0 or not taux: : ou → et" in weak
    (chantier / "test_calcul.py").write_text(FORT, encoding="utf-8")
    main(["calcul.py", "test_calcul.py"])
    strong = capsys.readouterr().out
    assert "ou → et" not in strong
    assert strong.count("ligne") < weak.count("ligne")


def test_explained_survivors_are_counted(chantier, capsys):
    """A change that changes nothing is explained by the text of its line."""
    (chantier / "test_calcul.py").write_text(FORT, encoding="utf-8")
    survivants = chantier / "tests" / "survivants"
    survivants.mkdir(parents=True)
    said = "- {ligne: 'if couts < 0 or not taux:', changement: Lt → LtE, raison: des coûts nuls ne donnent rien}\n"
    (survivants / "calcul.yaml").write_text(said, encoding="utf-8")
    main(["calcul.py", "test_calcul.py"])
    assert "1 expliqués" in capsys.readouterr().out


def test_the_package_is_left_out_of_the_place_of_explanations(chantier, capsys):
    """`aid_rules/law/pme.py` is explained by `law/pme.yaml`."""
    (chantier / "aid_rules").mkdir()
    (chantier / "aid_rules" / "rien.py").write_text("X = 1\n", encoding="utf-8")
    (chantier / "test_rien.py").write_text("def test_rien():\n    assert True\n", encoding="utf-8")
    (chantier / "survivants").mkdir()
    said = "- {ligne: 'X = 1', changement: 1 → 2, raison: personne ne le lit}\n"
    (chantier / "survivants" / "rien.yaml").write_text(said, encoding="utf-8")
    main(["aid_rules/rien.py", "test_rien.py", "--expliques", "survivants"])
    assert "1 expliqués sur 1" in capsys.readouterr().out


def test_tests_that_fail_already_are_told(chantier, capsys):
    """Nothing is measured with tests that do not pass."""
    (chantier / "test_calcul.py").write_text("def test_non():\n    assert False\n", encoding="utf-8")
    assert main(["calcul.py", "test_calcul.py"]) == 2
    assert "échouent déjà" in capsys.readouterr().err


def test_a_folder_ends_with_one_score_a_module(chantier, capsys):
    """What no test runs is told as such, and one command prints the score of every module."""
    package = chantier / "lois"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "aide.py").write_text(MODULE, encoding="utf-8")
    (package / "oubli.py").write_text("def double(n):\n    return n * 2\n", encoding="utf-8")
    (chantier / "test_aide.py").write_text(FORT.replace("calcul", "lois.aide"), encoding="utf-8")
    main(["lois", "test_aide.py"])
    *survivants, aide, oubli = capsys.readouterr().out.splitlines()
    assert aide.startswith(("lois/aide.py : 8", "lois/aide.py : 9"))
    assert oubli == "lois/oubli.py : 0 % (0 tués, 0 expliqués sur 3)"
    assert sum("aucun test n'y passe" in line for line in survivants) == 3
