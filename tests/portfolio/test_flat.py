"""The ordinary table of a funder, read in columns: what the dossiers of its rows, read one by one, give."""

from __future__ import annotations

from random import Random

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aid_rules.dossier import Dossier
from aid_rules.engine.moteur import Engine
from aid_rules.portfolio import results
from aid_rules.portfolio.columns import evaluer_table
from aid_rules.portfolio.evaluation import Verdicts, evaluer_un_par_un
from aid_rules.portfolio.flat import entete_plate, table_plate
from aid_rules.portfolio.mapping import Correspondance
from aid_rules.portfolio.morceaux import Morceau
from aid_rules.portfolio.plans import plans, plans_plats
from aid_rules.portfolio.reading import Lecteur, Lus

OBJETS = (
    ("investissement_initial", "actifs_corporels"), ("investissement_initial", "actifs_incorporels"),
    ("conseil_pme", "conseil_externe"), ("developpement_experimental", "personnel"),
    ("recherche_industrielle", "personnel"), ("formation", "personnel"), ("etude_environnementale", "conseil_externe"),
    ("investissement_initial", ""), ("", "personnel"),
)  # fmt: skip
BASES = (
    "rgec.14", "rgec.17", "rgec.17", "rgec.18", "rgec.25", "rgec.31", "rgec.49", "rgec.22", "rgec.56e", "rgec.33",
    "de_minimis.general", "de_minimis.general", "de_minimis.agricole", "",
)  # fmt: skip
JOURS = ("2013-05-06", "2016-03-01", "2019-11-18", "2022-03-01", "2024-02-01", "2026-01-05")
CONSTANTES = {"aides[0].forme": "subvention", "beneficiaire.activite_economique": "oui"}


def colonnes(rng: Random, height: int) -> dict[str, list[str]]:
    """Return the columns of a table: some of the usual ones, their cells at times empty."""

    def draw(*words: str) -> list[str]:
        return [rng.choice(words) for _ in range(height)]

    def euros(top: int) -> list[str]:
        return [
            rng.choice(["", str(rng.randint(1, top)), f"{rng.randint(1, top)},{rng.randint(0, 99):02d}"])
            for _ in range(height)
        ]

    table = {
        "date_octroi": draw(*JOURS),
        "beneficiaire.categorie": draw("petite", "moyenne", "grande", "petite", ""),
        "beneficiaire.exercices[0].effectif_uta": draw("5", "30,5", "120", "400", ""),
        "beneficiaire.exercices[0].chiffre_affaires_eur": euros(10**8),
        "beneficiaire.exercices[0].total_bilan_eur": euros(10**8),
        "beneficiaire.exercices[0].clos_le": draw("2012-12-31", "2018-12-31", "2023-03-31", "2026-12-31", ""),
        "beneficiaire.naf": draw("25.62B", "01.11Z", "62.01Z", ""),
        "beneficiaire.en_difficulte": draw("non", "non", "oui", ""),
        "beneficiaire.injonction_recuperation": draw("non", "non", ""),
        "projet.commune": draw("76462", "97411", "59350", ""),
        "projet.demande_aide_le": draw("2012-01-15", "2012-01-15", ""),
        "projet.debut_travaux_le": draw("2026-02-01", "2026-02-01", ""),
        "projet.faits.aide_ad_hoc": draw("non", "non", "oui", ""),
    }
    table = {name: cells for name, cells in table.items() if name == "date_octroi" or rng.random() < 0.85}
    full = rng.random() < 0.7
    for rank in range(rng.randint(1, 3)):
        chosen = [rng.choice(OBJETS[:7] if full else OBJETS) for _ in range(height)]
        dropped = [rank > 0 and rng.random() < 0.4 for _ in range(height)]
        place = f"projet.couts[{rank}]"
        table[f"{place}.finalite"] = ["" if out else pair[0] for pair, out in zip(chosen, dropped, strict=True)]
        table[f"{place}.poste"] = ["" if out else pair[1] for pair, out in zip(chosen, dropped, strict=True)]
        amounts = [str(rng.randint(1000, 900_000)) for _ in range(height)] if full else euros(900_000)
        table[f"{place}.montant_eur"] = ["" if out else cell for cell, out in zip(amounts, dropped, strict=True)]
        if rng.random() < 0.2:
            table[f"{place}.id"] = [f"l{rank}" for _ in range(height)]
    table["aides[0].base"] = draw(*BASES)
    table["aides[0].montant_eur"] = euros(rng.choice([2000, 60_000, 400_000]))
    if rng.random() < 0.3:
        table["aides[0].forme"] = draw("subvention", "pret", "garantie", "")
        table["aides[0].esb_eur"] = euros(5000)
    if rng.random() < 0.5:
        table["aides[0].financeur.type"] = draw("region", "etat", "region", "prive", "union_directe", "")
    if rng.random() < 0.3:
        table["aides[0].statut"] = draw("prevue", "")
    return table


def lire(engine: Engine, table: dict[str, list[str]], constantes: dict[str, object]) -> tuple[Lecteur, Lus]:
    """Read a table whose columns bear the places of a dossier."""
    reader = Lecteur(engine, Correspondance(None, {name: name for name in table}, constantes))
    cells = pl.DataFrame(table)
    read = reader.lire(Morceau(0, range(2, cells.height + 2), cells))
    assert not read.rejets, read.rejets
    return reader, read


def comparer(engine: Engine, reader: Lecteur, read: Lus) -> tuple[Verdicts, list[Dossier]]:
    """Evaluate rows in columns and one by one; check that all is the same."""
    dossiers = reader.dossiers(read)
    table = table_plate(reader, read)
    assert table is not None
    assert read.table is not None
    assert plans_plats(read.table).equals(plans(dossiers))
    assert entete_plate(read.table).equals(results.entete(dossiers))
    found = evaluer_table(engine, table, plans_plats(read.table), lambda ranks: reader.dossiers(read, ranks))
    exact = evaluer_un_par_un(engine, dossiers)
    for name in ("dossiers", "bases", "alertes", "manquants"):
        left, right = getattr(exact, name), getattr(found, name)
        assert left.sort(left.columns).equals(right.sort(right.columns)), name
    return found, dossiers


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(graine=st.integers(0, 10**6), vides=st.booleans())
def test_table_d_un_financeur(engine: Engine, graine: int, vides: bool) -> None:
    """Promise: one planned aid and a few numbered cost lines give in columns what they give row by row."""
    constants: dict[str, object] = {**CONSTANTES, **({"de_minimis": []} if vides else {})}
    rng = Random(graine)  # noqa: S311 - reproducible, no secret
    found, dossiers = comparer(engine, *lire(engine, colonnes(rng, 30), constants))
    assert found.dossiers.height == len(dossiers) == 30


def test_hors_du_chemin_rapide(engine: Engine) -> None:
    """Promise: an aid already granted, aids on chosen costs, links or other lists need dossiers to be built."""
    plain = {"date_octroi": ["2024-02-01"], "aides[0].base": ["rgec.17"], "projet.couts[0].finalite": ["formation"]}
    assert table_plate(*lire(engine, plain, {})) is not None
    assert table_plate(*lire(engine, plain, {"projet.couts": []})) is not None
    for name, word in (
        ("aides[0].statut", "octroyee"), ("aides[0].couts", "cout1"), ("aides[1].base", "rgec.18"),
        ("beneficiaire.liens[0].nature", "liee"), ("de_minimis[0].montant_eur", "5"),
    ):  # fmt: skip
        assert table_plate(*lire(engine, {**plain, name: [word]}, {})) is None, name
    assert table_plate(*lire(engine, plain, {"aides": []})) is None


def test_couts_inconnus_ou_absents(engine: Engine) -> None:
    """Promise: a row that tells no cost line leaves its costs unknown, unless the mapping says that it has none."""
    table = {
        "date_octroi": ["2024-02-01"] * 2, "projet.couts[0].id": ["", "a"], "projet.couts[2].montant_eur": ["", "5"],
    }  # fmt: skip
    for constants, known in (({}, [False, True]), ({"projet.couts": []}, [True, True])):
        found = table_plate(*lire(engine, table, dict(constants)))
        assert found is not None
        assert found.couts["ligne"].to_list() == [1, 1]
        assert found.couts["montant"].to_list() == [None, 500]
        assert found.faits["couts_connus"].to_list() == known
        assert found.faits["couts_totaux.max"].to_list() == [0 if known[0] else None, None]


def test_alerte_d_une_base_fermee(engine: Engine) -> None:
    """Promise: without reading each row again, a basis that is not open is told, and why."""
    table = {
        "date_octroi": ["2024-02-01", "2013-05-06", "2024-02-01"],
        "aides[0].base": ["rgec.56e", "rgec.56e", "rgec.17"],
        "aides[0].montant_eur": ["10", "10", "100"],
        "projet.couts[0].finalite": ["formation", "formation", "investissement_initial"],
        "projet.couts[0].poste": ["personnel", "personnel", "actifs_corporels"],
        "projet.couts[0].montant_eur": ["1000", "1000", "100000"],
        "beneficiaire.categorie": ["petite"] * 3,
        "projet.commune": ["76462"] * 3,
    }
    reader, read = lire(engine, table, {**CONSTANTES, "beneficiaire.activite_economique": "oui"})
    whole = table_plate(reader, read)
    assert whole is not None
    assert read.table is not None

    def jamais(ranks: object) -> list[Dossier]:
        assert not ranks, "no row needs a closer look"
        return []

    found = evaluer_table(engine, whole, plans_plats(read.table), jamais)
    told = [(rank, code, "ce jour-là" in text) for rank, code, _, _, text, *_ in found.alertes.iter_rows()]
    assert told == [
        (0, "base_non_mobilisable", False), (1, "base_non_mobilisable", True), (2, "base_a_verifier", False),
    ]  # fmt: skip
    comparer(engine, reader, read)
