"""Mergers, acquisitions and splits across a portfolio: whose earlier aids count on the day of whose award."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from aid_rules.dossier import Aide, AideDeMinimis, Beneficiaire, Dossier, Operation
from aid_rules.engine.moteur import Engine
from aid_rules.law import de_minimis as loi
from aid_rules.portfolio import de_minimis
from aid_rules.portfolio.octrois import octrois

A, B, C = "732829320", "552100554", "123456782"


def _operation(
    nature: str | None, le: date | None, siren: str | None, parts: tuple[int, int] | None = None
) -> Operation:
    repris, total = parts or (None, None)
    return Operation.model_construct(nature=nature, le=le, siren=siren, capital_repris=repris, capital_total=total)


def _octroi(
    jour: date, siren: str, euros: int, *operations: Operation, recues: tuple[AideDeMinimis, ...] = ()
) -> Dossier:
    aid = Aide.model_construct(id="a", base="de_minimis.general", forme="subvention", montant=100 * euros)
    people = Beneficiaire.model_construct(
        siren=siren, secteurs=("autre",), entreprise_unique=(siren,), operations=operations
    )
    return Dossier.model_construct(date_octroi=jour, beneficiaire=people, aides=(aid,), de_minimis=recues)


def _recue(jour: date, euros: int, **said: object) -> AideDeMinimis:
    return AideDeMinimis.model_construct(octroye_le=jour, montant=100 * euros, reglement="general", **said)


def _sommes(engine: Engine, rows: list[Dossier]) -> list[tuple[int, int | None]]:
    """Sum a portfolio, cut anywhere and put in any order: always the same, in euros."""
    found = []
    for cut in range(len(rows) + 1):
        parts = [octrois(engine, rows[a:b], range(a, b), [None] * (b - a)) for a, b in ((cut, len(rows)), (0, cut))]
        sums = de_minimis.sommes(pl.concat(parts)).sort("ligne")
        found.append(
            [
                (low // 100, None if top is None else top // 100)
                for low, top in sums.select("total_bas", "total_haut").rows()
            ]
        )
    assert all(one == found[0] for one in found)
    return found[0]


@pytest.mark.parametrize("nature", ["fusion", "acquisition"])
def test_fusion_datee(engine: Engine, nature: str) -> None:
    """2023/2831, article 3(8): earlier aids of both count from the day of the merger, whoever tells it; not before."""
    rows = [
        _octroi(date(2024, 3, 1), B, 100_000),
        _octroi(date(2024, 6, 1), A, 50_000),
        _octroi(date(2025, 6, 1), A, 70_000, _operation(nature, date(2025, 1, 1), B)),
        _octroi(date(2025, 7, 1), A, 1_000),
        _octroi(date(2025, 8, 1), B, 2_000),
    ]
    assert _sommes(engine, rows) == [
        (100_000, 100_000), (50_000, 50_000), (220_000, 220_000), (221_000, 221_000), (223_000, 223_000),
    ]  # fmt: skip


def test_fusions_en_chaine(engine: Engine) -> None:
    """2023/2831, article 3(8): what an absorbed enterprise had itself absorbed comes with it."""
    rows = [
        _octroi(date(2024, 3, 1), C, 10_000),
        _octroi(date(2024, 6, 1), B, 20_000, _operation("fusion", date(2024, 5, 1), C)),
        _octroi(date(2025, 6, 1), A, 40_000, _operation("fusion", date(2025, 1, 1), B)),
    ]
    assert _sommes(engine, rows)[2] == (70_000, 70_000)


@pytest.mark.parametrize(
    ("nature", "le", "dit"), [("fusion", None, "date"), (None, date(2025, 1, 1), "nature"), ("scission", None, "part")]
)
def test_operation_incertaine(engine: Engine, nature: str | None, le: date | None, dit: str) -> None:
    """Promise: what the rows leave open only widens the sum, and the alert says what is to be checked."""
    rows = [
        _octroi(date(2024, 3, 1), B, 290_000),
        _octroi(date(2025, 6, 1), A, 70_000, _operation(nature, le, B)),
    ]
    assert _sommes(engine, rows)[1] == (70_000, 360_000)
    alerts = de_minimis.alertes(de_minimis.sommes(octrois(engine, rows, range(2), [None] * 2)))
    told = alerts.filter(pl.col("ligne") == 1)
    assert told["gravite"].to_list() == ["attention"]
    assert "À vérifier" in told["message"][0]
    assert dit in told["message"][0].partition("À vérifier")[2]


@pytest.mark.parametrize("nature", ["fusion", "acquisition", "scission", None])
@pytest.mark.parametrize("le", [date(2025, 1, 1), None])
def test_operation_sans_siren(engine: Engine, nature: str | None, le: date | None) -> None:
    """Promise: an enterprise acquired without a name may have received anything: the sum has no bound, and is asked."""
    rows = [
        _octroi(date(2024, 3, 1), B, 10_000),
        _octroi(date(2025, 6, 1), A, 70_000, _operation(nature, le, None)),
        _octroi(date(2025, 7, 1), A, 1_000),
    ]
    assert _sommes(engine, rows) == [(10_000, 10_000), (70_000, None), (71_000, None)]
    for part in (rows, rows[1:2]):
        found = octrois(engine, part, range(len(part)), [None] * len(part))
        told = de_minimis.alertes(de_minimis.sommes(found))
        assert set(told["gravite"]) == {"attention"}
        assert all("À vérifier" in m and "SIREN n'est pas dit" in m for m in told["message"])
        assert told.height == (2 if len(part) > 1 else 1)


def test_operation_sans_siren_a_venir(engine: Engine) -> None:
    """2023/2831, article 3(8): an operation changes nothing of an award made before it."""
    rows = [_octroi(date(2024, 12, 1), A, 70_000, _operation("fusion", date(2025, 1, 1), None))]
    assert _sommes(engine, rows) == [(70_000, 70_000)]


def test_scission_de_l_entreprise(engine: Engine) -> None:
    """2023/2831, article 3(9): once split, an enterprise no longer holds for certain what it received before."""
    split = _operation("scission", date(2025, 1, 1), A)
    rows = [_octroi(date(2024, 3, 1), A, 200_000), _octroi(date(2025, 6, 1), A, 150_000, split)]
    assert _sommes(engine, rows) == [(200_000, 200_000), (150_000, 350_000)]
    later = _octroi(date(2025, 7, 1), A, 2_000)
    assert _sommes(engine, [*rows, later])[2] == (152_000, 352_000)


def test_aide_recue_apres_scission(engine: Engine) -> None:
    """2023/2831, article 3(9): taken over it counts whole, left to another not at all, else by the capital."""
    split = _operation("scission", date(2025, 1, 1), B, (1_000, 3_000))
    for said, low in (("reprise", 90_001), ("autre", 1), ("impossible", 30_001)):
        past = _recue(date(2024, 3, 1), 90_000, siren=B, apres_scission=said)
        assert _sommes(engine, [_octroi(date(2025, 6, 1), A, 1, split, recues=(past,))]) == [(low, low)], said
    unsaid = _recue(date(2024, 3, 1), 90_000, siren=B)
    assert _sommes(engine, [_octroi(date(2025, 6, 1), A, 1, split, recues=(unsaid,))])[0] == (1, 90_001)


@pytest.mark.parametrize(
    ("dit", "repreneur", "scindee"),
    [
        ("reprise", (90_000, 90_000), (0, 0)),
        ("autre", (0, 0), (0, 90_000)),
        ("impossible", (30_000, 30_000), (0, 60_000)),
        (None, (0, 90_000), (0, 90_000)),
    ],
)
@pytest.mark.parametrize("tenue", [True, False])
def test_part_dite_vaut_pour_toutes_les_lignes(
    engine: Engine, dit: str | None, repreneur: tuple[int, int], scindee: tuple[int, int], tenue: bool
) -> None:
    """2023/2831, article 3(9): what a row says of a share holds for all, as one dossier alone is told, held or not."""
    split = _operation("scission", date(2025, 1, 1), B, (1_000, 3_000))
    past = _recue(date(2024, 3, 1), 90_000, siren=B, apres_scission=dit)
    teller = _octroi(date(2025, 6, 1), A, 1, split, recues=(past,))
    rows = [
        teller,
        _octroi(date(2024, 12, 1), A, 7),
        _octroi(date(2025, 9, 1), A, 4),
        _octroi(date(2025, 7, 1), B, 2),
        _octroi(date(2024, 12, 1), B, 3),
        *([_octroi(date(2024, 3, 1), B, 90_000)] if tenue else []),
    ]
    law = engine.at(teller.date_octroi).loi
    window = loi.Fenetre("glissante", 3)
    alone = loi.total(
        loi.recues(teller, law.parametres, "general"), teller.date_octroi, window, frozenset({"general"}), None
    )
    low, high = repreneur
    assert alone == (100 * low, 100 * high)
    assert _sommes(engine, [teller]) == [(low + 1, high + 1)]
    # 3 EUR of the enterprise split are of no told share; what it receives once split is its own
    assert _sommes(engine, rows)[:5] == [
        (low + 1 + 7, high + 1 + 7 + 3), (7, 7), (low + 1 + 7 + 4, high + 1 + 7 + 3 + 4),
        (scindee[0] + 2, scindee[1] + 3 + 2), (90_003, 90_003),
    ]  # fmt: skip


@pytest.mark.parametrize(("dit", "garde"), [("reprise", 90_000), ("autre", 0), ("impossible", 30_000)])
@pytest.mark.parametrize("siren", [A, None])
def test_part_gardee_par_l_entreprise_scindee(engine: Engine, dit: str, garde: int, siren: str | None) -> None:
    """2023/2831, article 3(9): what an enterprise that was split says of its own earlier aid settles its later sums."""
    split = _operation("scission", date(2025, 1, 1), A, (1_000, 3_000))
    past = _recue(date(2024, 3, 1), 90_000, siren=siren, apres_scission=dit)
    rows = [
        _octroi(date(2024, 3, 1), A, 90_000),
        _octroi(date(2025, 7, 1), A, 2, split, recues=(past,)),
        _octroi(date(2025, 8, 1), A, 3),
    ]
    sums = [(90_000, 90_000), (garde + 2, garde + 2), (garde + 5, garde + 5)]
    assert _sommes(engine, rows) == sums
    assert _sommes(engine, rows[1:]) == sums[1:]


def test_aide_recue_de_la_societe_absorbee(engine: Engine) -> None:
    """2023/2831, article 3(8): told by a row or held, an aid of the enterprise absorbed counts once."""
    merged = _operation("fusion", date(2025, 1, 1), B)
    past = _recue(date(2024, 3, 1), 90_000, siren=B)
    later = _octroi(date(2025, 6, 1), A, 1, merged, recues=(past,))
    assert _sommes(engine, [later]) == [(90_001, 90_001)]
    assert _sommes(engine, [_octroi(date(2024, 3, 1), B, 90_000), later])[1] == (90_001, 90_001)
    before = _octroi(date(2024, 12, 1), A, 1, merged, recues=(past,))
    assert _sommes(engine, [before]) == [(1, 1)]


def test_aide_deja_au_plan(engine: Engine) -> None:
    """Promise: an aid told to be that of the plan counts once, told to be another twice, and unsaid it may be both."""
    day = date(2025, 6, 1)
    for said, sums in ((True, (50_000, 50_000)), (False, (100_000, 100_000))):
        row = _octroi(day, A, 50_000, recues=(_recue(day, 50_000, deja_au_plan=said),))
        assert _sommes(engine, [row]) == [sums], said


def test_sans_entreprise_unique(engine: Engine) -> None:
    """360/2012 knows no single undertaking: what a merger brings is never certain there."""
    merged = _operation("fusion", date(2022, 1, 1), B)
    rows = [_octroi(date(2021, 3, 1), B, 5_000), _octroi(date(2022, 6, 1), A, 7_000, merged)]
    for row in rows:
        object.__setattr__(row, "aides", (row.aides[0].model_copy(update={"base": "de_minimis.sieg"}),))  # type: ignore[index]
    assert _sommes(engine, rows)[1] == (7_000, 12_000)


@pytest.mark.parametrize("taille", [1, 2, 3])
def test_par_lots(engine: Engine, taille: int) -> None:
    """Promise: summed a few awards at a time, a portfolio gives the same alerts, whatever ties its undertakings."""
    merged, split = _operation("fusion", date(2025, 1, 1), B), _operation("scission", date(2025, 1, 1), C, (1, 3))
    past = _recue(date(2024, 4, 1), 90_000, siren=C, apres_scission="impossible")
    rows = [
        _octroi(date(2024, 3, 1), B, 290_000),
        _octroi(date(2025, 6, 1), A, 50_000, merged),
        _octroi(date(2024, 4, 1), C, 90_000),
        _octroi(date(2025, 7, 1), "", 310_000),
        _octroi(date(2025, 7, 1), B, 1, split, recues=(past,)),
        _octroi(date(2025, 8, 1), "", 1, _operation("fusion", None, A)),
        _octroi(date(2025, 9, 1), "444444442", 250_000),
        _octroi(date(2025, 9, 2), "444444442", 60_000),
    ]
    table = octrois(engine, rows, range(len(rows)), [None] * len(rows))
    whole = de_minimis.alertes(de_minimis.sommes(table))
    assert whole.height > 2
    assert de_minimis.depassements(table.lazy(), taille).equals(whole.sort("ligne"))
