"""De minimis sums over a portfolio: what a plain reading of the regulation gives, in any order, cut anywhere."""

from __future__ import annotations

from datetime import date, timedelta

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aid_rules.dossier import Aide, AideDeMinimis, Beneficiaire, Dossier, Exercice
from aid_rules.engine.moteur import Engine
from aid_rules.law import de_minimis as loi
from aid_rules.portfolio import de_minimis
from aid_rules.portfolio.octrois import octrois

SIRENS = ("732829320", "552100554", "123456782")
JOURS = st.integers(0, 365 * 5).map(lambda n: date(2021, 6, 1) + timedelta(days=n))


@st.composite
def un_octroi(draw: st.DrawFn) -> Dossier:
    """One award, with or without its single undertaking, its amount and the closing of its accounts."""
    siren = draw(st.sampled_from(SIRENS))
    group = draw(st.sampled_from([None, SIRENS[:2]])) if siren in SIRENS[:2] else None
    closing = draw(st.sampled_from([None, date(2020, 12, 31), date(2021, 3, 31)]))
    years = None if closing is None else (Exercice.model_construct(clos_le=closing),)
    base = draw(st.sampled_from(["de_minimis.general", "de_minimis.general", "de_minimis.agricole"]))
    amount = draw(st.sampled_from([None, 10**6, 5 * 10**6, 12 * 10**6, 20 * 10**6]))
    aid = Aide.model_construct(id="a", base=base, forme="subvention", montant=amount)
    people = Beneficiaire.model_construct(siren=siren, secteurs=("autre",), entreprise_unique=group, exercices=years)
    return Dossier.model_construct(date_octroi=draw(JOURS), beneficiaire=people, aides=(aid,))


def _attendu(engine: Engine, dossiers: list[Dossier]) -> list[tuple[int, int | None]]:
    """Sum by hand: every award of the group, against the window of each, by the very function of the law."""
    tied = any(d.beneficiaire.entreprise_unique for d in dossiers)
    together = {s: (0 if tied and s in SIRENS[:2] else s) for s in SIRENS}
    found = []
    for dossier in dossiers:
        aid = dossier.aides[0]  # type: ignore[index]
        law = engine.at(dossier.date_octroi).loi
        rule = next(r for r in law.regimes if r.id == aid.base).de_minimis[0]
        mine = [
            loi.Recue(other.date_octroi, other.aides[0].montant, str(other.aides[0].base).removeprefix("de_minimis."))  # type: ignore[index]
            for other in dossiers
            if together[str(other.beneficiaire.siren)] == together[str(dossier.beneficiaire.siren)]
        ]
        window = loi.Fenetre(rule.fenetre, rule.ans)
        found.append(loi.total(mine, dossier.date_octroi, window, frozenset(rule.compte), loi.cloture(dossier)))
    return found


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(dossiers=st.lists(un_octroi(), min_size=1, max_size=12), coupe=st.integers(0, 12))
def test_sommes_du_portefeuille(engine: Engine, dossiers: list[Dossier], coupe: int) -> None:
    """Règlement 1407/2013, articles 2(2) and 3; 2023/2831, the same: right whatever the pieces."""
    parts = [
        octrois(engine, part, range(start, start + len(part)), [None] * len(part))
        for start, part in ((0, dossiers[:coupe]), (coupe, dossiers[coupe:]))
        if part
    ]
    start = 0
    for index, part in enumerate(parts):
        parts[index] = part.with_columns(ligne=pl.int_range(start, start + part.height, dtype=pl.Int64))
        start += part.height
    sums = de_minimis.sommes(pl.concat(parts[::-1])).sort("ligne")
    assert sums.select("total_bas", "total_haut").rows() == _attendu(engine, dossiers)


def _octroi(jour: date, siren: str, euros: int, recues: tuple[AideDeMinimis, ...] | None = None) -> Dossier:
    aid = Aide.model_construct(id="a", base="de_minimis.general", forme="subvention", montant=100 * euros)
    people = Beneficiaire.model_construct(siren=siren, secteurs=("autre",))
    return Dossier.model_construct(date_octroi=jour, beneficiaire=people, aides=(aid,), de_minimis=recues)


def test_fenetre_glissante(engine: Engine) -> None:
    """2023/2831, article 3(2): an award leaves the window three years later, day for day."""
    days = [date(2024, 1, 15), date(2027, 1, 14), date(2027, 1, 15)]
    rows = [_octroi(day, SIRENS[0], 200_000) for day in days]
    sums = de_minimis.sommes(octrois(engine, rows, range(3), [None] * 3)).sort("ligne")
    assert sums["total_bas"].to_list() == [20_000_000, 40_000_000, 40_000_000]


def test_aide_declaree_deja_tenue(engine: Engine) -> None:
    """Promise: an aid that a row declares as received, and that the portfolio holds, counts once."""
    past = AideDeMinimis.model_construct(octroye_le=date(2024, 3, 1), montant=15_000_000, reglement="general")
    other = AideDeMinimis.model_construct(octroye_le=date(2024, 4, 1), montant=1_000_000, reglement="general")
    rows = [
        _octroi(date(2024, 3, 1), SIRENS[0], 150_000),
        _octroi(date(2025, 3, 1), SIRENS[0], 100_000, (past, other)),
        _octroi(date(2025, 4, 1), SIRENS[0], 1_000, (past, other)),
    ]
    sums = de_minimis.sommes(octrois(engine, rows, range(3), [None] * 3)).sort("ligne")
    assert sums["total_bas"].to_list() == [15_000_000, 26_000_000, 26_100_000]


def test_alerte(engine: Engine) -> None:
    """Promise: the award that goes over the ceiling is told, with the excess; the others are not."""
    rows = [_octroi(date(2024, 3, 1), SIRENS[0], 200_000), _octroi(date(2025, 3, 1), SIRENS[0], 100_001)]
    alerts = de_minimis.alertes(de_minimis.sommes(octrois(engine, rows, range(2), [None] * 2)))
    assert alerts.select("ligne", "gravite", "certaine", "depassement").rows() == [(1, "bloquante", True, 100)]


def test_sans_siren_ne_compte_que_soi(engine: Engine) -> None:
    """Promise: rows without SIREN are not thrown together."""
    rows = [_octroi(date(2024, 3, 1), "", 250_000), _octroi(date(2024, 3, 1), "", 250_000)]
    sums = de_minimis.sommes(octrois(engine, rows, range(2), [None] * 2))
    assert sums["total_bas"].to_list() == [25_000_000, 25_000_000]
