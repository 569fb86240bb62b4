"""Rule files read one by one: each fault of a file is placed and said, and all are said together."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from aid_rules.faults import FaultsError, WorkError
from aid_rules.language.loader import load
from aid_rules.language.places import rulesets
from aid_rules.language.rulefiles import digest, rule_files

ERREURS = Path(__file__).parent.parent / "erreurs"
FIXTURES = sorted((ERREURS / "fichiers").glob("*.yaml"))


@pytest.fixture
def socle(tmp_path) -> Path:
    """A folder of sound rules in which a test lays files."""
    return Path(shutil.copytree(ERREURS / "regles" / "socle", tmp_path / "regles"))


def lay(socle, *names):
    for name in names:
        shutil.copy(ERREURS / "fichiers" / f"{name}.yaml", socle)
    return socle


def test_the_fixtures_are_found():
    """An empty folder would pass in silence."""
    assert len(FIXTURES) >= 55


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_one_fault_each(path, socle):
    """The bad file gives one fault, on the line marked « # ici », with the words that its head expects."""
    with pytest.raises(FaultsError) as caught:
        load(lay(socle, path.stem))
    (fault,) = caught.value.faults
    lines = path.read_text(encoding="utf-8").splitlines()
    for line in lines:
        if line.startswith("# attendu: "):
            assert line.removeprefix("# attendu: ") in str(fault)
    assert [fault.line] == [number for number, line in enumerate(lines, 1) if line.endswith("# ici")]
    assert Path(fault.file).name == path.name
    assert fault.column >= 1


def test_all_the_faults_of_all_the_files_are_said_together(socle):
    """A reader mends everything in one go."""
    names = ["cle_inconnue_dans_une_entree", "ref_absente", "genre_inconnu", "vocabulaire_fait_en_double", "ancre"]
    with pytest.raises(FaultsError) as caught:
        load(lay(socle, *names))
    assert sorted(Path(f.file).stem for f in caught.value.faults) == sorted(names)


def test_several_faults_of_one_file(socle):
    """Faults come in the order of the file."""
    (socle / "trois.yaml").write_text(
        """
id: loi.trois
genre: regime
intitule: Trois fautes
texte: loi
verifie_le: 2026-13-01
finalites: [essai]
conditions:
  - {id: neuf, si: neuff, ref: "1"}
plafonds:
  - {id: p, montant_eur: -1, ref: "1"}
"""
    )
    with pytest.raises(FaultsError) as caught:
        load(socle)
    assert [(f.line, f.path) for f in caught.value.faults] == [
        (6, "verifie_le"),
        (9, "conditions[0].si"),
        (11, "plafonds[0].montant_eur"),
    ]


def test_sound_rules_are_read(socle):
    """What is declared is found, sets give one fact per member."""
    rules = load(socle)
    assert set(rules.regimes) == {"loi.socle"}
    assert "taille" in rules.vocabulaire.faits
    assert rules.vocabulaire.faits["taille"].valeurs["petite"].libelle == "petite entreprise"
    assert rules.vocabulaire.libelles()["poste"] == {"machines": "machines", "terrains": "terrains"}


def test_sets_give_one_fact_per_member(engine):
    """`beneficiaire.secteurs contient transport` reads a fact of its own."""
    facts = engine.book.vocabulaire.faits
    assert facts["beneficiaire.secteurs"].type == "ensemble"
    member = facts["beneficiaire.secteurs.transport"]
    assert (member.type, member.derive, member.libre) == ("booleen", True, False)


def test_where_a_dossier_says_each_fact(engine):
    """A structural fact stands at its place, a free one under projet.faits, a computed one where it is asked."""
    facts = engine.book.vocabulaire.faits
    assert facts["projet.demande_aide_le"].chemin == "projet.demande_aide_le"
    assert facts["collaboration_effective"].chemin == "projet.faits.collaboration_effective"
    assert facts["beneficiaire.categorie"].chemin != ""
    assert all(fact.chemin for fact in facts.values())


def test_a_folder_laid_over_replaces_files_of_the_same_name(socle, tmp_path):
    """A third party changes one article by giving its file again, at the same place."""
    over = tmp_path / "dessus"
    over.mkdir()
    text = (socle / "regime.yaml").read_text()
    (over / "regime.yaml").write_text(text.replace("taux: 20", "taux: 35"))
    rules = load(socle, over)
    assert rules.regimes["loi.socle"].intensite.base[0].taux.valeur == 3500
    assert load(socle).regimes["loi.socle"].intensite.base[0].taux.valeur == 2000


def test_the_digest_tells_contents_and_names_apart(socle):
    """Any change of a file, of its name, or of their number changes the digest; the order of reading does not."""
    first = digest(rule_files([socle]))
    assert first == digest(dict(rule_files([socle])))
    path = socle / "regime.yaml"
    path.write_text(path.read_text() + "\n")
    second = digest(rule_files([socle]))
    path.rename(socle / "autre.yaml")
    third = digest(rule_files([socle]))
    assert len({first, second, third}) == 3


def test_folders_that_cannot_serve(tmp_path):
    """No folder, or a folder without rules: the reason, and no half answer."""
    with pytest.raises(WorkError, match=r"absent : dossier de règles introuvable"):
        load(tmp_path / "absent")
    with pytest.raises(WorkError, match="aucun fichier de règles"):
        load(tmp_path)
    (tmp_path / "donnees").mkdir()
    (tmp_path / "donnees" / "table.yaml").write_text("a: 1")
    with pytest.raises(WorkError, match="aucun fichier de règles"):
        load(tmp_path)


def test_the_shipped_rules_are_read_in_time():
    """The whole law is read from YAML in a few seconds at worst."""
    rules = load(rulesets())
    assert len(rules.regimes) >= 60
    assert len(rules.dispositifs) >= 30
    assert [c.rang for c in rules.criteres] == [1, 2, 3, 4, 5]
