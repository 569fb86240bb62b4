"""YAML and JSON read with places, nothing guessed, nothing hostile let in."""

from __future__ import annotations

import re
import tracemalloc
from decimal import Decimal
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aid_rules.faults import FaultsError, WorkError
from aid_rules.language.positions import MAX_BYTES, MAX_DEPTH, path_text, read_bytes, read_file, read_text, scalar


def faults(text):
    with pytest.raises(FaultsError) as caught:
        read_bytes(text if isinstance(text, bytes) else text.encode(), "essai.yaml")
    return caught.value.faults


def test_each_node_has_its_place():
    """A key is placed where its name stands, an item where it begins; both count from 1."""
    document = read_text("a:\n  b: 1\n  c:\n    - x\n    - {d: é, e: 2}\n", "f")
    assert document.positions == {
        (): (1, 1),
        ("a",): (1, 1),
        ("a", "b"): (2, 3),
        ("a", "c"): (3, 3),
        ("a", "c", 0): (4, 7),
        ("a", "c", 1): (5, 7),
        ("a", "c", 1, "d"): (5, 8),
        ("a", "c", 1, "e"): (5, 14),
    }


def test_json_is_read_with_places():
    """JSON is YAML, dates and booleans included."""
    document = read_text('{"a": {"b": true,\n "c": "2019-11-18"}}', "f")
    assert document.data == {"a": {"b": True, "c": "2019-11-18"}}
    assert document.positions["a", "c"] == (2, 2)


def test_a_fault_is_placed_at_the_nearest_known_ancestor():
    """A missing key has no place: its block lends its own."""
    document = read_text("x: 1\na:\n  b: [1]\n", "f")
    fault = document.fault("manque", ("a", "b", 4, "c"))
    assert (fault.line, fault.column, fault.path) == (3, 3, "a.b[4].c")
    assert document.fault("manque", ()).line == 1


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        (None, ""),
        (None, "~"),
        (None, "null"),
        (True, "true"),
        (False, "False"),
        ("oui", "oui"),
        ("non", "non"),
        ("yes", "yes"),
        ("no", "no"),
        ("on", "on"),
        ("nULL", "nULL"),
        (0, "0"),
        (-12, "-12"),
        (1_000_000, "1_000_000"),
        ("012", "012"),
        ("0x1F", "0x1F"),
        ("0o17", "0o17"),
        ("1:30", "1:30"),
        ("2019-11-18", "2019-11-18"),
        (Decimal("12.50"), "12.50"),
        (Decimal("-0.1"), "-0.1"),
        ("1e9", "1e9"),
        ("1.5e3", "1.5e3"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("NaN", "NaN"),
        ("1.", "1."),
        ("12,5", "12,5"),
        ("9" * 31, "9" * 31),
        ("١٢", "١٢"),
    ],
)
def test_plain_scalars_follow_yaml_1_2(expected, text):
    """`oui`, `non`, `on`, octal-looking and sexagesimal words stay text: a commune 01234 keeps its zero."""
    found = scalar(text)
    assert found == expected
    assert type(found) is type(expected)


def test_quoted_scalars_stay_text():
    """Quotes say text: a SIREN in quotes is no number."""
    assert read_text("[\"012\", 'true', \"1.5\", '']", "f").data == ["012", "true", "1.5", ""]


@given(st.integers(-(10**25), 10**25))
def test_integers_are_exact(number):
    """An integer is read as written."""
    assert read_text(f"a: {number}", "f").data == {"a": number}


@given(st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12))
def test_decimals_are_exact(number):
    """A decimal is read as written, never through a binary float."""
    found = read_text(f"a: {number}", "f").data["a"]
    assert found == number
    assert isinstance(found, Decimal)


def test_duplicate_keys_are_refused_at_the_second():
    """Two values for one key: the second place is shown, and the path."""
    (fault,) = faults("a:\n  b: 1\n  c: 2\n  b: 3\n")
    assert (fault.line, fault.column, fault.path) == (4, 3, "a.b")
    assert "clé écrite deux fois" in fault.message


@pytest.mark.parametrize(
    ("place", "text"),
    [((1, 4), "a: &x 1\n"), ((2, 4), "a: 1\nb: *x\n"), ((1, 4), "a: &x {b: 1}\n"), ((1, 4), "a: &x [1]\n")],
)
def test_anchors_and_aliases_are_refused(place, text):
    """Anchors hide what a file says, and expand without bound."""
    found = faults(text)
    assert (found[0].line, found[0].column) == place
    assert "ancres et alias" in found[0].message


@pytest.mark.parametrize("tag", ["!!python/object:os.system x", "!!binary aGk=", "!local 1", "!!float 1"])
def test_tags_are_refused(tag):
    """A tag asks the reader to build something else than plain data."""
    (fault,) = faults(f"a: {tag}\n")
    assert "étiquette YAML" in fault.message
    assert fault.line == 1


def test_merge_keys_are_plain_keys():
    """`<<` has no meaning of its own: it is a key like another, which the models then refuse."""
    assert read_text("<<: {a: 1}", "f").data == {"<<": {"a": 1}}


@pytest.mark.parametrize("opening", ["[", "{a: ", "- "])
def test_depth_is_bounded(opening):
    """Hostile nesting is refused in a moment, whatever its depth."""
    start = process_time()
    (fault,) = faults("a: " * (opening != "- ") + opening * 100_000)
    assert f"plus de {MAX_DEPTH} niveaux" in fault.message
    assert process_time() - start < 2


def test_forty_levels_are_read():
    """The bound itself is admitted."""
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert read_text(text, "f").positions


def test_a_bomb_of_aliases_costs_nothing():
    """The ten-line file that would expand to a billion items is refused in little memory."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 10)]
    tracemalloc.start()
    found = faults("\n".join(lines))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "ancres et alias" in found[0].message
    assert peak < 5_000_000


@pytest.mark.parametrize(
    ("words", "line", "raw"),
    [
        ("UTF-8", 2, b"a: 1\nb: \xe9t\xe9\n"),
        ("UTF-8", 1, "a: été".encode("utf-16")),
        ("UTF-8", 1, b"\xff\xfe"),
        ("caractère interdit dans du YAML (U+0000)", 1, b"a: \x00\n"),
        ("caractère interdit dans du YAML (U+0007)", 3, "é: 1\n\nb: \x07\n".encode()),
    ],
)
def test_other_encodings_are_said(words, line, raw):
    """A file saved in Latin-1 or UTF-16 is told to be saved in UTF-8, with the line."""
    (fault,) = faults(raw)
    assert words in fault.message
    assert fault.line == line


def test_a_byte_order_mark_is_accepted():
    """Windows editors write one."""
    assert read_bytes(b"\xef\xbb\xbfa: 1\r\nb: 2\r\n", "f").data == {"a": 1, "b": 2}


@pytest.mark.parametrize("raw", [b"", b"   \n", b"# rien\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_said(raw):
    """Nothing at all is a fault of its own, not a crash."""
    (fault,) = faults(raw)
    assert "fichier vide" in fault.message


def test_two_documents_are_refused():
    """One file, one dossier."""
    (fault,) = faults("a: 1\n---\nb: 2\n")
    assert "un seul document" in fault.message
    assert fault.line == 2


@pytest.mark.parametrize(
    ("place", "words", "text"),
    [
        ((2, 1), "une liste n'est pas refermée", "a: [1, 2"),
        ((2, 1), "un bloc n'est pas refermé", "a: {b: 1"),
        ((1, 6), "au milieu d'un texte entre guillemets", 'a: "b'),
        ((1, 5), "un « : » est de trop", "a: b: c"),
        ((1, 1), "une tabulation, peut-être", "\ta: 1"),
        ((2, 1), "un élément de liste « - » est attendu ici", "- a\nb: 1"),
        ((2, 1), "une clé est attendue ici", "a: 1\n- b"),
        ((1, 4), "« - » n'est pas admis ici", "a: - b"),
        ((1, 5), "une barre oblique inverse", 'a: "\\q"'),
        ((1, 2), "", "%"),
        ((1, 7), "", "{a: 1}}"),
        ((1, 2), "", "*"),
        ((1, 5), "", "a: |x\n b"),
    ],
)
def test_broken_yaml_is_said_with_its_place(place, words, text):
    """A file cut short or badly indented: one fault, its place, what to look at, in French."""
    (fault,) = faults(text)
    assert fault.message.startswith("YAML mal formé")
    assert words in fault.message
    assert "vérifiez l'indentation et les guillemets" in fault.message
    assert (fault.line, fault.column) == place
    assert not re.search("expected|found|could|not |while", fault.message)


@pytest.mark.parametrize("text", ["? [a, b]\n: 1\n", "{[1]: 2}", "? {a: 1}\n: 2\n"])
def test_a_key_is_a_word(text):
    """A list or a block as a key is refused."""
    assert "une clé est un simple mot" in faults(text)[-1].message


def test_a_huge_file_is_refused_unread():
    """The size is checked before anything is parsed."""
    (fault,) = faults(b"a" * (MAX_BYTES + 1))
    assert "fichier trop gros" in fault.message


def test_a_file_that_cannot_be_opened(tmp_path):
    """A missing file is work that cannot be done: the path and the reason."""
    with pytest.raises(WorkError, match=r"absent\.yaml : fichier illisible"):
        read_file(tmp_path / "absent.yaml")
    with pytest.raises(WorkError, match="fichier illisible"):
        read_file(tmp_path)


def test_paths_are_written_as_users_read_them():
    """Dots between keys, brackets around ranks."""
    assert path_text(("projet", "couts", 2, "montant_eur")) == "projet.couts[2].montant_eur"
    assert path_text((0, "cas")) == "[0].cas"
    assert path_text(()) == ""


def _told(raw: bytes) -> bool:
    """Return whether the reader gives data, or faults that each say something of the file."""
    try:
        read_bytes(raw, "f")
    except FaultsError as error:
        return bool(error.faults) and all(fault.message and str(fault).startswith("f") for fault in error.faults)
    return True


@given(st.text(max_size=200))
def test_any_text_is_data_or_a_fault(text):
    """Whatever the text, the reader gives data or a French fault, never another error."""
    assert _told(text.encode("utf-8", "surrogatepass"))


@given(st.binary(max_size=300))
def test_any_bytes_are_data_or_a_fault(raw):
    """Whatever the bytes."""
    assert _told(raw)
