"""The command line: French help, exit codes, standard input, files written whole, and never a traceback."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from dossiers_cli import SAIN

from aid_rules.cli import COMMANDS, cli
from aid_rules.cli.francais import CATALOGUE

MOTS_ANGLAIS = re.compile(
    r"\b(the|this|and|show|exit|usage:|options:|commands:|error|missing|invalid|value|file|required|default|help for"
    r"|message and|expected|not|unknown|try|argument '|no such)\b",
    re.IGNORECASE,
)
FRANCAIS_AUSSI = ("Options", "Usage :")


def every_command(group=cli, path=()):
    """Yield the path of every command, groups included."""
    yield path
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*path, name))
        else:
            yield (*path, name)


def invoke(*args, **kwargs):
    return CliRunner().invoke(cli, [str(a) for a in args], **kwargs)


@pytest.mark.parametrize("path", list(every_command()), ids=" ".join)
def test_help_is_in_french(path):
    """Each command says in French what it does, and nothing in English."""
    done = invoke(*path, "--help")
    assert done.exit_code == 0
    text = done.output
    for word in FRANCAIS_AUSSI:
        text = text.replace(word, "")
    assert "Affiche cette aide." in text
    assert not MOTS_ANGLAIS.findall(text), MOTS_ANGLAIS.findall(text)
    assert len(text.splitlines()[2].strip()) > 10


def test_every_command_is_in_the_table():
    """The list of the help and the commands are one thing."""
    assert set(COMMANDS) >= {"evaluer", "questions", "expliquer", "beneficiaire", "regles", "schema"}
    context = click.Context(cli)
    assert all(cli.get_command(context, name) is not None for name in COMMANDS)
    assert cli.get_command(context, "inconnue") is None


@pytest.mark.parametrize(
    ("words", "args"),
    [
        ("Commande inconnue", ["evaluerr"]),
        ("Argument manquant", ["evaluer"]),
        ("Option inconnue", ["evaluer", "x.yaml", "--formatt", "json"]),
        ("Valeur non admise", ["evaluer", "x.yaml", "--format", "xml"]),
        ("une date existante, écrite AAAA-MM-JJ, est attendue", ["evaluer", "x.yaml", "--date", "demain"]),
        ("une date existante", ["evaluer", "x.yaml", "--date", "2023-02-29"]),
        ("demande une valeur", ["evaluer", "x.yaml", "--date"]),
        ("de trop", ["evaluer", "x.yaml", "y.yaml"]),
        (
            "base « rgec.170 » inconnue ; vouliez-vous dire « rgec.17 » ?",
            ["regles", "montrer", "rgec.170", "--date", "2024-03-15"],
        ),
    ],
)
def test_wrong_usage_exits_2_in_french(words, args):
    """What click refuses is said in French too."""
    done = invoke(*args)
    assert done.exit_code == 2
    said = " ".join(done.stderr.split())
    assert words in said
    assert "Erreur : " in said
    assert not MOTS_ANGLAIS.findall(said)


def test_no_message_of_click_is_left_in_english():
    """Every message that click can show a user of this program has its French; a new release of click is noticed."""
    never = {"_termui_impl.py", "_winconsole.py", "shell_completion.py", "termui.py", "utils.py"}
    programmer = re.compile(r"declar|DeprecationWarning|deprecated|defined twice|must be an iterable|Boolean option")
    unused = re.compile(r"UUID|boolean|format|env var|version %|Choice|len_type|Confirm|continue|start character")
    missing = []
    for path in Path(click.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("_", "ngettext"):
                texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
                missing += [text for text in texts if path.name not in never and text not in CATALOGUE]
    assert [text for text in missing if not programmer.search(text) and not unused.search(text)] == []


def test_a_missing_file_exits_1(lance):
    """Work that cannot be done: exit code 1, the path and the reason, nothing on standard output."""
    done = lance("evaluer", "absent.yaml")
    assert done.returncode == 1
    assert done.stdout == b""
    assert "absent.yaml : fichier illisible" in done.stderr.decode()


def test_faults_exit_2_all_together(lance, tmp_path):
    """An invalid dossier: each fault on its line, the count, and no half answer."""
    path = tmp_path / "faux.yaml"
    path.write_text("date_octroi: 2024-02-30\nbeneficiare: {}\nprojet: {couts: [{id: a, montant_eur: -1}]}\n")
    done = lance("evaluer", path)
    assert done.returncode == 2
    assert done.stdout == b""
    lines = done.stderr.decode().splitlines()
    assert len(lines) == 4
    assert lines[0].startswith(f"{path}:1:1 : date_octroi : ")
    assert "vouliez-vous dire « beneficiaire » ?" in lines[1]
    assert lines[3] == "3 fautes : rien n'a été calculé."


def test_done_exits_0(lance, sain):
    """The evaluation of a sound dossier; a path with accents and spaces is a path."""
    done = lance("evaluer", sain)
    assert done.returncode == 0
    text = done.stdout.decode("utf-8")
    assert "Atelier d'Émile – découpe à façon" in text
    assert "Pré-analyse" in text
    assert "\x1b[" not in text


@pytest.mark.parametrize("options", [[], ["--format", "json"], ["--date", "2024-06-01"]])
def test_strict_exits_3_on_a_blocking_alert(bloquant, sain, options):
    """--strict : 3 when a blocking alert stands, 0 otherwise; the result is written all the same."""
    done = invoke("evaluer", bloquant, "--strict", *options)
    assert done.exit_code == 3
    assert "de_minimis" in done.output
    assert invoke("evaluer", bloquant, *options).exit_code == 0
    assert invoke("evaluer", sain, "--strict", *options).exit_code == 0


def test_standard_input(lance, sain):
    """`-` reads standard input; the answer is the same."""
    piped = lance("evaluer", "-", "--format", "json", entree=sain.read_bytes())
    assert piped.returncode == 0
    assert json.loads(piped.stdout) == json.loads(lance("evaluer", sain, "--format", "json").stdout)


def test_faults_of_standard_input_are_named(lance):
    """A fault says that it comes from standard input."""
    done = lance("evaluer", "-", entree=b"date_octroi: demain\n")
    assert done.returncode == 2
    assert done.stderr.decode().startswith("entrée standard:1:1 : date_octroi")


@pytest.mark.parametrize("env", [{"LC_ALL": "C", "PYTHONIOENCODING": "ascii"}, {"LC_ALL": "C", "PYTHONUTF8": "0"}])
def test_output_is_utf8_whatever_the_locale(lance, sain, env):
    """A pipe in an ASCII locale still gets UTF-8."""
    done = lance("evaluer", sain, **env)
    assert done.returncode == 0
    assert "Émile" in done.stdout.decode("utf-8")


def test_a_closed_pipe_is_no_drama():
    """`aid-rules regles lister | head -1` ends without a word."""
    racine = Path(__file__).parents[2]
    done = subprocess.run(
        ["bash", "-c", f"{sys.executable} -m aid_rules regles lister | head -1"],
        capture_output=True,
        check=False,
        cwd=racine,
        env=os.environ | {"PYTHONPATH": str(racine)},
    )
    assert b"Traceback" not in done.stderr
    assert b"Exception" not in done.stderr


def test_json_of_two_dates_is_a_list(sain):
    """Two dates give two results, in order."""
    done = invoke("evaluer", sain, "--date", "2023-06-30", "--date", "2023-07-01", "--format", "json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert [r["date_octroi"] for r in found] == ["2023-06-30", "2023-07-01"]


def test_two_dates_compare(sain):
    """Two dates in text say what changes between them."""
    done = invoke("evaluer", sain, "--date", "2023-06-30", "--date", "2023-07-01")
    assert "Ce qui change entre le 30/06/2023 et le 01/07/2023" in done.output
    assert "n'existe pas" in done.output.split("Ce qui change")[1]
    same = invoke("evaluer", sain, "--date", "2024-06-01", "--date", "2024-06-01")
    assert "Rien ne change pour ce dossier." in same.output


def test_sortie_is_written_whole(sain, tmp_path):
    """--sortie writes the file, without colour, and leaves nothing else behind."""
    target = tmp_path / "sortie" / "résultat.json"
    target.parent.mkdir()
    done = invoke("evaluer", sain, "--format", "json", "--sortie", target)
    assert done.exit_code == 0
    assert done.stdout == ""
    assert json.loads(target.read_text(encoding="utf-8"))["dossier"].startswith("Atelier")
    assert [p.name for p in target.parent.iterdir()] == ["résultat.json"]
    text = tmp_path / "sortie" / "résultat.txt"
    invoke("evaluer", sain, "--sortie", text, color=True)
    assert "\x1b[" not in text.read_text(encoding="utf-8")


def test_sortie_is_not_touched_by_a_failure(lance, tmp_path):
    """A run that fails leaves the former file as it was."""
    target = tmp_path / "resultat.txt"
    target.write_text("ancien")
    path = tmp_path / "faux.yaml"
    path.write_text("date_octroi: demain\n")
    assert lance("evaluer", path, "--sortie", target).returncode == 2
    assert target.read_text() == "ancien"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["faux.yaml", "resultat.txt"]


def test_sortie_that_cannot_be_written(lance, sain, tmp_path):
    """A folder that does not exist: exit code 1 and the reason."""
    done = lance("evaluer", sain, "--sortie", tmp_path / "absent" / "r.txt")
    assert done.returncode == 1
    assert "écriture impossible" in done.stderr.decode()


@pytest.mark.parametrize(
    "args", [["evaluer", "-"], ["questions", "-"], ["expliquer", "-", "rgec.17"], ["beneficiaire", "-"], ["plan", "-"]]
)
def test_every_dossier_command_reads_standard_input(args):
    """Each command that takes a dossier takes it from a pipe."""
    if args[0] not in COMMANDS:
        pytest.skip("commande absente")
    done = invoke(*args, input=SAIN.encode())
    assert done.exit_code == 0, done.output
    assert done.stdout.strip()


def test_questions(sain):
    """The missing facts, in plain French, the path and the count of verdicts that wait."""
    done = invoke("questions", sain)
    assert done.exit_code == 0
    assert "Ce qui manque" in done.output
    assert re.search(r"\d+ verdicts? en attente", done.output)
    found = json.loads(invoke("questions", sain, "--format", "json").stdout)
    assert found
    assert all(q["question"] for q in found)


def test_explain(sain):
    """Every condition of a basis with its mark and its reference, and the calculation."""
    done = invoke("expliquer", sain, "rgec.17")
    assert done.exit_code == 0
    assert "[RGEC, art. 17, § 1]" in " ".join(done.output.split())
    assert "Assiette" in done.output


def test_explain_a_basis_of_another_time(lance, sain):
    """A basis that exists, but not that day: exit code 1 and the day."""
    done = lance("expliquer", sain, "rgec.36b", "--date", "2015-01-01")
    assert done.returncode == 1
    assert "« rgec.36b » n'est pas en vigueur le 2015-01-01." in done.stderr.decode()


def test_rules_that_cannot_be_read(lance, sain, tmp_path):
    """--regles with no folder, an empty one, a faulty one: the reason, and no half answer."""
    done = lance("evaluer", sain, "--regles", tmp_path / "absent")
    assert done.returncode == 1
    assert "dossier de règles introuvable" in done.stderr.decode()
    empty = tmp_path / "vide"
    empty.mkdir()
    assert lance("evaluer", sain, "--regles", empty).returncode == 1
    (empty / "faux.yaml").write_text("genre: regime\nid: a.b\n")
    done = lance("evaluer", sain, "--regles", empty)
    assert done.returncode == 2
    assert done.stdout == b""
    assert "clé obligatoire « intitule » absente" in done.stderr.decode()


def test_rules_are_listed_and_shown():
    """The law of a day, and one basis whole, with references."""
    listed = invoke("regles", "lister", "--date", "2024-03-15").output
    assert "rgec.17" in listed
    assert "inchangé du" in listed
    shown = invoke("regles", "montrer", "rgec.17", "--date", "2024-03-15").output
    assert "RGEC, art. 17, § 6, a)" in " ".join(shown.split())


def test_the_shipped_rules_are_checked():
    """`regles verifier` accepts what ships."""
    done = invoke("regles", "verifier")
    assert done.exit_code == 0, done.output
    assert re.search(r"\d+ régimes", done.output)


def test_schema(tmp_path):
    """The JSON Schema is JSON, and knows the free facts."""
    target = tmp_path / "schema.json"
    assert invoke("schema", "--sortie", target).exit_code == 0
    found = json.loads(target.read_text(encoding="utf-8"))
    assert found["$schema"].endswith("2020-12/schema")
    assert "collaboration_effective" in found["$defs"]["Projet"]["properties"]["faits"]["properties"]


def test_version():
    """The version alone."""
    done = invoke("--version")
    assert done.exit_code == 0
    assert re.fullmatch(r"aid-rules \d+\.\d+\.\d+\n", done.output)


def test_the_result_is_the_same_twice(lance, sain):
    """Two processes, whatever the hash seed, write the same bytes."""
    runs = {lance("evaluer", sain, "--format", "json", PYTHONHASHSEED=seed).stdout for seed in ("1", "2", "3")}
    assert len(runs) == 1


def test_the_beneficiary_asks_in_plain_french(tmp_path):
    """What would settle the beneficiary is asked as questions, each with the place of its answer."""
    years = ", ".join(
        f"{{clos_le: {year}-12-31, effectif_uta: 5, chiffre_affaires_eur: 9, total_bilan_eur: 9}}"
        for year in (2023, 2022)
    )
    path = tmp_path / "d.yaml"
    path.write_text(f"date_octroi: 2024-03-15\nbeneficiaire: {{exercices: [{years}]}}\n", encoding="utf-8")
    done = invoke("beneficiaire", path)
    assert done.exit_code == 0
    said = " ".join(done.stdout.split())
    assert "• Quelles entreprises détiennent au moins 25 % de celle-ci" in said
    assert "(beneficiaire.liens)" in said
