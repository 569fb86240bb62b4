"""Hostile input: a clear message every time, in bounded time and memory, on every way in."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from functools import partial
from time import perf_counter

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aid_rules.cli import cli
from aid_rules.faults import FaultsError
from aid_rules.language.expressions import ExpressionError, parse_amount, parse_block, parse_condition, parse_date
from aid_rules.language.loader import load
from aid_rules.language.places import rulesets
from aid_rules.language.positions import read_bytes
from aid_rules.language.reading import read_dossier
from aid_rules.testing.domaines import dossiers
from aid_rules.testing.ecriture import en_yaml
from aid_rules.testing.parties import lire

SECONDES = 12
OCTETS = 20_000_000

BOMBE = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 12)
)
HOSTILES = {
    "ancres": BOMBE.encode(),
    "profondeur de listes": b"[" * 200_000,
    "profondeur de blocs": b"{a: " * 50_000,
    "profondeur de tirets": b"- " * 50_000 + b"x",
    "grand nombre": b"date_octroi: 2024-03-15\nprojet: {couts: [{id: a, montant_eur: " + b"9" * 500_000 + b"}]}",
    "exposant": b"date_octroi: 2024-03-15\nprojet: {couts: [{id: a, montant_eur: 1e999999999999}]}",
    "non-nombre": b"date_octroi: 2024-03-15\nprojet: {couts: [{id: a, montant_eur: .nan}]}",
    "infini": b"date_octroi: 2024-03-15\nprojet: {couts: [{id: a, montant_eur: -.inf}]}",
    "nul": b"date_octroi: \x00",
    "utf-16": "date_octroi: 2024-03-15".encode("utf-16"),
    "latin-1": "intitule: été\ndate_octroi: 2024-03-15".encode("latin-1"),
    "fin coupée": "date_octroi: 2024-03-15\nintitule: é".encode()[:-1],
    "liste coupée": b"date_octroi: 2024-03-15\nprojet: {couts: [{id: a",
    "sens inverse": "date_octroi: 2024-03-15\nintitule: \u202edessous\ndate_octroi: 2024-03-15".encode(),
    "chiffres arabes": "date_octroi: ٢٠٢٤-٠٣-١٥".encode(),
    "demi-largeur": "date_octroi: ２０２４-03-15".encode(),
    "étiquette python": b"!!python/object/apply:os.system ['true']",
    "clé composée": b"? {a: [1]}\n: 2",
    "deux documents": b"date_octroi: 2024-03-15\n---\ndate_octroi: 2024-03-15",
    "cent mille clés": b"\n".join(b"cle%d: 1" % i for i in range(100_000)),
    "cent mille coûts au même nom": b"date_octroi: 2024-03-15\nprojet:\n  couts:\n" + b"    - {id: a}\n" * 3_000,
    "faits inconnus": b"date_octroi: 2024-03-15\nprojet:\n  faits:\n"
    + b"\n".join(b"    f%d: 1" % i for i in range(2_000)),
}


@pytest.mark.parametrize("nom", HOSTILES)
def test_a_hostile_dossier_is_refused_in_bounds(nom, engine):
    """Each is refused with a message, in a bounded time."""
    start = perf_counter()
    with pytest.raises(FaultsError) as caught:
        read_dossier(read_bytes(HOSTILES[nom], "f.yaml"), engine.book.vocabulaire, engine.book.bases)
    assert perf_counter() - start < SECONDES
    assert str(caught.value.faults[0]).startswith("f.yaml")


@pytest.mark.parametrize("nom", ["ancres", "profondeur de listes", "profondeur de blocs", "grand nombre"])
def test_it_takes_little_memory(nom, engine):
    """What is small on disk stays small in memory."""
    tracemalloc.start()
    with pytest.raises(FaultsError):
        read_dossier(read_bytes(HOSTILES[nom], "f.yaml"), engine.book.vocabulaire, engine.book.bases)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < OCTETS


@pytest.mark.parametrize("nom", ["ancres", "profondeur de listes", "utf-16", "fin coupée", "nul", "grand nombre"])
@pytest.mark.parametrize("commande", [["evaluer", "-"], ["questions", "-"], ["expliquer", "-", "rgec.17"]])
def test_the_command_line_refuses_it_too(nom, commande):
    """Standard input is no back door; the fault is the reader's, nothing else is raised."""
    done = CliRunner().invoke(cli, commande, input=HOSTILES[nom])
    assert isinstance(done.exception, FaultsError)
    assert done.stdout == ""


@pytest.mark.parametrize("nom", ["ancres", "profondeur de blocs", "latin-1", "liste coupée", "étiquette python", "nul"])
def test_a_hostile_rule_file_is_refused(nom, tmp_path):
    """A folder of rules from elsewhere goes through the same reader."""
    (tmp_path / "hostile.yaml").write_bytes(HOSTILES[nom])
    with pytest.raises(FaultsError) as caught:
        load(rulesets(), tmp_path)
    assert all("hostile.yaml" in f.file for f in caught.value.faults)


def lu_ou_dit(read: Callable[[], object]) -> bool:
    """Tell whether a reader gave something, or said what is wrong in words."""
    try:
        return read() is not None
    except (ExpressionError, FaultsError) as error:
        said = [f.message for f in error.faults] if isinstance(error, FaultsError) else [str(error)]
        return bool(said) and all(said)


MOTS = st.sampled_from(
    ["neuf", "et", "ou", "non", "dans", "[", "]", "(", ")", "<=", "=", "25 %", "5 EUR", "couts", "assiette", "min", ",",
     "*", "de", "+", "-", "2019-02-30", "1e9", "nan", "__class__", "\u202e", "é", "contient", "date_octroi", "6 mois"]
)  # fmt: skip


@given(st.lists(MOTS, max_size=30).map(" ".join))
def test_any_words_are_an_expression_or_a_fault(engine, text):
    """Whatever the words, each reader of expressions gives a tree or says what is wrong."""
    vocabulary = engine.book.vocabulaire
    for read in (parse_condition, parse_amount, parse_date):
        assert lu_ou_dit(partial(read, text, vocabulary))


PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.floats() | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["tous", "un_de", "aucun", "id", "couts", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(PLAIN)
def test_any_block_is_a_condition_or_a_fault(engine, value):
    """`si:` may hold anything: a condition comes out, or a message."""
    assert lu_ou_dit(lambda: parse_block(value, engine.book.vocabulaire))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_a_valid_dossier_with_one_thing_broken(engine, data):
    """Any value put in any place of a valid dossier: it is read, or refused with faults that have a path."""
    broken = dict(data.draw(dossiers(engine)))
    key = data.draw(st.sampled_from(sorted(broken)))
    value = data.draw(PLAIN)
    block = broken[key]
    if isinstance(block, dict) and block and data.draw(st.booleans()):
        broken[key] = {**block, data.draw(st.sampled_from(sorted(block))): value}
    else:
        broken[key] = value
    assert lu_ou_dit(lambda: engine.evaluate(lire(engine, broken)))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.data())
def test_a_file_cut_anywhere(engine, data):
    """A dossier cut in the middle, or with a byte changed: read or refused, never anything else."""
    raw = en_yaml(data.draw(dossiers(engine))).encode()
    place = data.draw(st.integers(0, len(raw)))
    cut = raw[:place] + data.draw(st.binary(max_size=2)) + raw[place + data.draw(st.integers(0, 2)) :]
    cut = cut[: data.draw(st.integers(0, len(cut)))] if data.draw(st.booleans()) else cut
    assert lu_ou_dit(
        lambda: engine.evaluate(read_dossier(read_bytes(cut, "f.yaml"), engine.book.vocabulaire, engine.book.bases))
    )
