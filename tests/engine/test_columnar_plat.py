"""Plain columns and dossiers as tables, held to explicit figures, column by column."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace

import petite_table as p
import polars as pl
import pytest

from aid_rules.engine.columnar_dossiers import colonnes, depuis_faits
from aid_rules.engine.columnar_flat import columns_from_flat
from aid_rules.engine.columnar_table import CONNUS
from aid_rules.language.tree import FAUX, INCONNU, VRAI

JOUR = date(2019, 5, 2)


def plat(engine, couts=None, **columns):
    height = max([len(values) for values in columns.values()], default=1)
    return columns_from_flat(engine, pl.DataFrame({"date_octroi": [JOUR] * height} | columns), couts)


@pytest.fixture(scope="module")
def loi(tmp_path_factory):
    return p.moteur(tmp_path_factory.mktemp("regles"))


def test_each_kind_of_fact(engine):
    """Days are ordinals, amounts cents, choices masks (all values when unknown), sets a truth value by member."""
    secteurs = list(engine.slots.facts["beneficiaire.secteurs"].valeurs)
    methodes = list(engine.slots.facts["methode_couts"].valeurs)
    table = plat(
        engine,
        **{
            "projet.demande_aide_le": [date(1970, 1, 1), None, date(2019, 5, 2)],
            "marge_exploitation_eur": [1_234, None, -5],
            "aide_ad_hoc": [True, None, False],
            "methode_couts": [methodes[0], None, methodes[2]],
        },
    )
    found = table.faits
    assert found["projet.demande_aide_le"].to_list() == [719_163, None, JOUR.toordinal()]
    assert found["date_octroi"].to_list() == [JOUR.toordinal()] * 3
    assert found["marge_exploitation_eur"].to_list() == [1_234, None, -5]
    assert found["aide_ad_hoc"].to_list() == [True, None, False]
    assert found["methode_couts"].to_list() == [1, 2 ** len(methodes) - 1, 4]
    assert found[CONNUS].to_list() == [False] * 3
    assert len(secteurs) > 1


def test_one_line_or_none(engine):
    """A line as soon as one of its three parts is told; without any, the costs are unknown."""
    lists = engine.book.vocabulaire.listes
    aims, kinds = list(lists["finalite"]), list(lists["poste"])
    table = plat(
        engine, finalite=[aims[0], None, None, aims[2], None], poste=[None, kinds[1], None, kinds[0], None],
        montant_eur=[None, None, 700, 900, None],
    )  # fmt: skip
    assert table.couts.rows() == [(0, 0, None, None), (1, None, 1, None), (2, None, None, 700), (3, 2, 0, 900)]
    assert table.faits[CONNUS].to_list() == [True, True, True, True, False]
    assert table.faits["couts_totaux.min"].to_list() == [0, 0, 700, 900, 0]
    assert table.faits["couts_totaux.max"].to_list() == [None, None, 700, 900, None]
    whole = plat(engine, montant_eur=[700, 800])
    assert whole.couts.rows() == [(0, None, None, 700), (1, None, None, 800)]
    assert whole.faits[CONNUS].to_list() == [True, True]


def test_lines_given_apart(engine):
    """They stand for the costs of each dossier: one without any spends nothing."""
    lists = engine.book.vocabulaire.listes
    aims, kinds = list(lists["finalite"]), list(lists["poste"])
    couts = pl.DataFrame({"ligne": [1, 1], "finalite": aims[1:3], "poste": [kinds[1], None], "montant_eur": [5, 6]})
    table = plat(engine, couts, aide_ad_hoc=[True, False])
    assert table.couts.rows() == [(1, 1, 1, 5), (1, 2, None, 6)]
    assert table.faits[CONNUS].to_list() == [True, True]
    assert table.faits["couts_totaux.max"].to_list() == [0, 11]


def test_what_is_told_of_the_beneficiary(engine):
    """Its own column stands, and what the law works out fills what it does not tell; aids received have bounds."""
    received = next(name for name in engine.slots.facts if name.startswith("de_minimis.recu_"))
    table = plat(
        engine,
        **{
            "beneficiaire.categorie": ["petite", None], "beneficiaire.activite_economique": [True, None],
            "beneficiaire.part_non_economique_pct": [None, 4_000],
            f"{received}.min": [None, 500], f"{received}.max": [None, 900],
        },
    )  # fmt: skip
    assert table.faits[f"{received}.min"].to_list() == [0, 500]
    assert table.faits[f"{received}.max"].to_list() == [None, 900]
    assert table.faits["beneficiaire.part_non_economique_pct"].to_list() == [0, 4_000]
    category = engine.slots.facts["beneficiaire.categorie"]
    assert table.faits["beneficiaire.categorie"].to_list() == [category.bit("petite"), category.masque()]


@pytest.mark.parametrize(("columns", "told"), [
    ({"inconnue": [1]}, "colonne « inconnue » inconnue"), ({"couts_totaux": [1]}, "colonne « couts_totaux » inconnue"),
    ({"de_minimis.recu_inconnu.min": [1]}, "inconnue"), ({"finalite": [None, "rien"]}, "finalite : valeur « rien »"),
    ({"methode_couts": ["rien"]}, "methode_couts : valeur « rien » inconnue"),
])  # fmt: skip
def test_what_is_not_known_is_told(engine, columns, told):
    """A column or a value that the vocabulary does not hold is named."""
    with pytest.raises(ValueError, match=told):
        plat(engine, **columns)


def test_dossiers_as_a_table(loi):
    """What the exact evaluator reads, as columns: what nobody tells has none, what one tells is unknown for others."""
    made = [
        (p.J1, (("essai", "machines", 50), ("autre", None, None), (None, "personnel", 7)), {"verte": True}),
        (p.J3, None, {"taille": "moyenne", "taux_carte": (5, None), "marge_eur": 0}),
        (p.J2, (("rien", "rien", 1), ("f69", "machines", 2)), {"verte": False, "duree_ans": 300, "zone": False}),
    ]
    found = p.table(loi, made)
    days = [d.toordinal() for d in (p.J1, p.J3, p.J2)]
    assert found.faits.to_dict(as_series=False) == {
        "date_octroi": days, CONNUS: [True, False, True], "verte": [True, None, False], "taille": [7, 2, 7],
        "taux_carte.min": [0, 5, 0], "taux_carte.max": [None] * 3, "marge_eur": [None, 0, None],
        "duree_ans": [None, None, 300], "zone": [None, None, False], "couts_totaux.min": [57, 0, 3],
        "couts_totaux.max": [None, None, 3],
    }  # fmt: skip
    assert found.couts.rows() == [
        (0, 0, 0, 50), (0, 1, None, None), (0, None, 2, 7), (2, 65_535, 65_535, 1), (2, 71, 0, 2),
    ]  # fmt: skip
    assert (found.faits["taille"].dtype, found.faits["verte"].dtype) == (pl.UInt8, pl.Boolean)
    assert depuis_faits(loi, []).height == 0


def test_columns_of_a_fact():
    """Nothing for a set or a text, which have none; two bounds; three truth values."""
    assert colonnes(SimpleNamespace(type="ensemble", nom="e"), [1]) == {}
    assert colonnes(SimpleNamespace(type="texte", nom="e"), [1]) == {}
    told = colonnes(SimpleNamespace(type="booleen", nom="b", intervalle=False), [VRAI, INCONNU, FAUX])
    assert told["b"].to_list() == [True, None, False]
    bounds = colonnes(SimpleNamespace(type="montant", nom="m", intervalle=True), [(1, 2), (0, None)])
    assert {name: s.to_list() for name, s in bounds.items()} == {"m.min": [1, 0], "m.max": [2, None]}


def test_a_set_has_a_column_by_member(engine):
    """A member told is there, another is not, and nothing is known of a set that nobody tells."""
    table = plat(engine, biens_loues=[["machines"], [], None, ["immobilier", "machines"]])
    assert table.faits["biens_loues.machines"].to_list() == [True, False, None, True]
    assert table.faits["biens_loues.immobilier"].to_list() == [False, False, None, True]
