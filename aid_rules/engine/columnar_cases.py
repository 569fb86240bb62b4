"""What the law computes from a few plain columns, read once for each different case by the reader of dossiers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from aid_rules.dossier import Aide, Beneficiaire, Dossier, Exercice, Financeur, Projet, SituationFinanciere
from aid_rules.engine.columnar_dossiers import colonnes
from aid_rules.engine.columnar_table import EPOQUE
from aid_rules.engine.facts import verite
from aid_rules.engine.intervalles import UNKNOWN, Interval
from aid_rules.language.places import donnees
from aid_rules.law import carte_afr
from aid_rules.law.communes import octets
from aid_rules.law.tailles import CATEGORIES
from aid_rules.law.territoire import situation_afr

if TYPE_CHECKING:
    from aid_rules.engine.moteur import Engine

CHIFFRES = {
    "beneficiaire.effectif_uta": "effectif",
    "beneficiaire.chiffre_affaires_eur": "chiffre_affaires",
    "beneficiaire.total_bilan_eur": "total_bilan",
}
BENEFICIAIRE = ("beneficiaire.categorie", "beneficiaire.naf", "beneficiaire.secteurs", "beneficiaire.en_difficulte")
LIEU = ("projet.commune", "projet.zone_afr")
AIDE = ("aide.forme", "aide.financeur", "aide.montant_eur", "aide.esb_eur")
TAILLES = ("petite", "moyenne", "grande")

_CATEGORIE = (BENEFICIAIRE[0], *CHIFFRES)
_SECTEURS = ("beneficiaire.naf", "beneficiaire.secteurs")
_DU_LIEU = ("projet.zone_afr", "projet.rup", *(f"afr.taux_{size}" for size in TAILLES))
_ANS = tuple(range(1, 41))
_DATE = re.compile(rb"\d{4}-\d\d-\d\d")


class Lecture:
    """Reads the cases of a frame of plain columns."""

    def __init__(self, engine: Engine, flat: pl.DataFrame) -> None:
        self.engine = engine
        self.faits = engine.slots.facts
        self.flat = flat
        self.jours = flat["date_octroi"].cast(pl.Date).cast(pl.Int32).cast(pl.Int64) + EPOQUE
        self.noms = [n for n in flat.columns if n.startswith("beneficiaire.")]

    def beneficiaire(self) -> dict[str, pl.Series]:
        """Return the facts of the beneficiary: category, then sectors, then what may rest on the category."""
        laws = self._parametres()
        size = self._lus((laws, *self._cles(_CATEGORIE)), _CATEGORIE)
        size = {name: series for name, series in size.items() if name == "beneficiaire.categorie"}
        days = _places(self.jours, _jours((donnees() / "naf_secteurs.yaml",))).alias("jour")
        activity = self._lus((days, *self._cles(_SECTEURS)), _SECTEURS)
        others = [n for n in self.noms if n not in (*_CATEGORIE, *_SECTEURS)]
        names = [n for n in self.noms if n not in _SECTEURS]
        rest = self._lus((laws, *size.values(), *self._cles(others)), names)
        # the category may be unknown in every case: then it is no column of any
        return {
            n: s for n, s in (activity | rest).items() if n not in _DU_LIEU and n != "beneficiaire.categorie"
        } | size

    def _lus(self, keys: Iterable[pl.Series], names: Iterable[str]) -> dict[str, pl.Series]:
        """Return the facts that some columns of the beneficiary give, from their cases."""
        held = [n for n in names if n in self.noms]
        groups, firsts = _cas(keys)
        envs = [self._lire(row, held) for row in firsts]
        slots = self.engine.slots
        blank = slots.blank
        given = [n for n, i in slots.index.items() if i and any(env[i] != blank[i] for env in envs)]
        return {
            column: series.gather(groups)
            for name in given
            if name not in _DU_LIEU and name != "couts_totaux"
            for column, series in colonnes(self.faits[name], [env[slots.index[name]] for env in envs]).items()
        }

    def _parametres(self) -> pl.Series:
        """Tell apart the days whose parameters differ."""
        changes = self.engine.book.changements
        periods = _places(self.jours, changes)
        known: list[Mapping[str, int]] = []
        numbers: dict[int, int] = {}
        for period in periods.unique().to_list():
            found = self.engine.at(changes[max(period, 0)]).loi.parametres
            if found not in known:
                known.append(found)
            numbers[period] = known.index(found)
        self.lois = known
        return periods.replace_strict(numbers, return_dtype=pl.Int64).alias("lois") if numbers else periods

    def _cles(self, names: Iterable[str]) -> list[pl.Series]:
        return [key for name in names if name in self.noms for key in self._cle(name)]

    def _cle(self, name: str) -> list[pl.Series]:
        """Return what matters of a column of the beneficiary: the rank of a figure, the age of an event."""
        series = self.flat[name]
        if name in CHIFFRES:
            figure = CHIFFRES[name]
            # headcount stays under its ceiling, amounts do not exceed theirs
            extra = 0 if figure == "effectif" else 1
            tops = {law[f"pme.{figure}_{size}"] + extra for law in self.lois for size in CATEGORIES[:3]}
            values = series.cast(pl.Int64)
            ranks = pl.Series(sorted(tops), dtype=pl.Int64).search_sorted(values.fill_null(-1), side="right")
            return [pl.select(pl.when(values.is_not_null()).then(ranks)).to_series().alias(name)]
        if series.dtype == pl.Date:
            births = pl.DataFrame({"ne": series, "jour": self.flat["date_octroi"].cast(pl.Date)})
            age = pl.sum_horizontal(pl.col("ne").dt.offset_by(f"{n}y") <= pl.col("jour") for n in _ANS)
            return births.select(
                age.alias(f"{name}|age"),
                (pl.col("ne") > pl.col("jour")).alias(f"{name}|futur"),
                pl.col("ne").dt.truncate("1q").alias(name),
            ).get_columns()
        if series.dtype == pl.List:
            return [series.list.sort().list.join("|").alias(name)]
        return [series]

    def _lire(self, row: int, names: Sequence[str], aide: Aide | None = None) -> list[Any]:
        values = {name: self.flat[name][row] for name in names}
        dossier = _dossier(date.fromordinal(self.jours[row]), values, aide)
        return self.engine.at(dossier.date_octroi).reader.read(dossier).env

    def lieu(self) -> dict[str, pl.Series]:
        """Return the facts of the place: its zone, and the rates of the map."""
        commune, zone = (self.flat[n] if n in self.flat.columns else None for n in LIEU)
        cards = sorted(p for p in donnees().glob("afr_*") if p.suffix in (".yaml", ".csv"))
        imported = carte_afr.lire(carte_afr.dossier_donnees())
        days = _debuts(self.jours, _jours(tuple(cards), (imported.arrete_le,) if imported else ()))
        if commune is not None:
            days = _depuis(commune, self.jours, days)
        groups, firsts = _cas([days, *(s for s in (commune, zone) if s is not None)])
        stamp = hash((imported and imported.empreinte, *(octets(p) for p in (*cards, donnees() / "communes.csv"))))
        found = [
            _situation(
                donnees(),
                stamp,
                None if commune is None else commune[row],
                None if zone is None else zone[row],
                days[row],
            )
            for row in firsts
        ]
        zones = self.faits["projet.zone_afr"]
        values: dict[str, list[Any]] = {
            "projet.zone_afr": [sum(zones.bit(z) for z in one[0]) for one in found],
            "projet.rup": [one[1] for one in found],
        }
        values |= {f"afr.taux_{size}": [one[2][i] for one in found] for i, size in enumerate(TAILLES)}
        return {
            column: series.gather(groups)
            for name in _DU_LIEU
            for column, series in colonnes(self.faits[name], values[name]).items()
        }

    def aide(self) -> dict[str, pl.Series]:
        """Return the facts of the planned aid; a grant is worth its amount, the other forms are read one by one."""
        held = [name for name in AIDE if name in self.flat.columns]
        if not held:
            return {}
        data = self.flat.select(held).with_columns(pl.lit(None).alias(n) for n in AIDE if n not in held)
        direct = data["aide.esb_eur"].is_not_null() | data["aide.forme"].fill_null("").eq("subvention")
        rows = pl.int_range(self.flat.height, eager=True)
        simple = data.select(
            pl.when(direct).then(-1).otherwise(rows).alias("rang"),
            "aide.forme",
            "aide.financeur",
            pl.col("aide.montant_eur").is_null().alias("sans_montant"),
            pl.col("aide.esb_eur").is_null().alias("sans_esb"),
            # the nominal amount counts for what is lent
            pl.when(pl.col("aide.forme").fill_null("").ne("subvention")).then("aide.montant_eur").alias("nominal"),
        )
        groups, firsts = _cas(simple.get_columns())
        envs = [self._lire(row, self.noms, _aide_de(data.row(row, named=True))) for row in firsts]
        found: dict[str, pl.Series] = {}
        for name, index in self.engine.slots.index.items():
            if name.startswith("aide."):
                values = [env[index] for env in envs]
                found |= {c: s.gather(groups) for c, s in colonnes(self.faits[name], values).items()}
        stated = data.select(
            pl.coalesce(pl.col("aide.esb_eur").cast(pl.Int64), pl.col("aide.montant_eur").cast(pl.Int64))
        )
        found["aide.montant_max"] = stated.to_series().zip_with(direct, found["aide.montant_max"])
        return found


def _dossier(jour: date, values: Mapping[str, Any], aide: Aide | None) -> Dossier:
    """Return a dossier from exact values, by path of the beneficiary."""
    own: dict[str, Any] = {}
    finance: dict[str, Any] = {}
    year: dict[str, Any] = {}
    for path, value in values.items():
        name = path.removeprefix("beneficiaire.")
        if value is None:
            continue
        if path in CHIFFRES:
            year[name.removesuffix("_eur")] = value
        elif name.startswith("situation_financiere."):
            finance[name.removeprefix("situation_financiere.")] = value
        else:
            own[name] = tuple(value) if isinstance(value, pl.Series | list) else value
    if year:
        own["exercices"] = (Exercice.model_construct(**year),)
    own["situation_financiere"] = SituationFinanciere.model_construct(**finance)
    return Dossier.model_construct(
        date_octroi=jour,
        beneficiaire=Beneficiaire.model_construct(**own),
        projet=Projet.model_construct(faits={}),
        aides=None if aide is None else (aide,),
    )


def _aide_de(row: Mapping[str, Any]) -> Aide | None:
    if all(row[name] is None for name in AIDE):
        return None
    return Aide.model_construct(
        id="aide",
        financeur=Financeur.model_construct(type=row["aide.financeur"]),
        forme=row["aide.forme"],
        montant=row["aide.montant_eur"],
        esb=row["aide.esb_eur"],
    )


def _cas(keys: Iterable[pl.Series]) -> tuple[pl.Series, list[int]]:
    """Number the different cases: the case of each row, and the first row of each case."""
    frame = pl.DataFrame([key.alias(f"k{i}") for i, key in enumerate(keys)])
    names = frame.columns
    firsts = frame.with_row_index("rang").group_by(names, maintain_order=True).agg(pl.col("rang").first())
    numbered = firsts.with_row_index("cas").drop("rang")
    cases = frame.join(numbered, on=names, how="left", nulls_equal=True, maintain_order="left")["cas"]
    return cases, firsts["rang"].to_list()


def _places(jours: pl.Series, changes: Sequence[date]) -> pl.Series:
    """Return the place of each day among the days on which something changes."""
    ends = pl.Series([d.toordinal() for d in changes], dtype=pl.Int64)
    return ends.search_sorted(jours, side="right").cast(pl.Int64) - 1


def _jours(files: tuple[Path, ...], more: Sequence[date] = ()) -> tuple[date, ...]:
    """Return the days written in some tables, and the days after: on no other can what they say change."""
    days = {d for path in files for d in _dates(path, octets(path))} | {d.toordinal() for d in more}
    return tuple(date.fromordinal(n) for n in sorted(days | {d + 1 for d in days}))


@lru_cache(maxsize=8)
def _dates(_path: Path, raw: bytes) -> frozenset[int]:
    return frozenset(date.fromisoformat(text.decode()).toordinal() for text in set(_DATE.findall(raw)))


def _debuts(jours: pl.Series, changes: Sequence[date]) -> pl.Series:
    """Return for each day the last one on which something changed, itself when nothing did before."""
    ordinals = pl.Series([0, *(d.toordinal() for d in changes)], dtype=pl.Int64)
    starts = ordinals.gather(_places(jours, changes) + 1)
    return pl.select(pl.when(starts > 0).then(starts).otherwise(jours)).to_series().alias("jour")


def _depuis(communes: pl.Series, jours: pl.Series, debuts: pl.Series) -> pl.Series:
    """Move these first days forward to the last change of each commune."""
    path = donnees() / "communes.csv"
    changes = _changements(path, octets(path))
    rows = pl.DataFrame({"commune": communes, "jour": jours, "debut": debuts}).with_row_index("rang")
    own = pl.DataFrame(changes, schema={"commune": pl.String, "change": pl.Int64}, orient="row").sort("change")
    joined = rows.sort("jour").join_asof(
        own, left_on="jour", right_on="change", by="commune", strategy="backward", check_sortedness=False
    )
    return joined.sort("rang").select(pl.max_horizontal("debut", "change")).to_series().alias("jour")


@lru_cache(maxsize=2)
def _changements(_path: Path, raw: bytes) -> tuple[tuple[str, int], ...]:
    """Return the days on which what a commune is may change: those that its lines bear, and the days after."""
    found: set[tuple[str, int]] = set()
    for line in raw.splitlines():
        code = line.split(b";", 1)[0].decode()
        days = [date.fromisoformat(text.decode()).toordinal() for text in _DATE.findall(line)]
        found |= {(code, day + more) for day in days for more in (0, 1)}
    return tuple(sorted(found))


@lru_cache(maxsize=1 << 20)
def _situation(
    tables: Path, _stamp: int, commune: str | None, zone: str | None, jour: int
) -> tuple[frozenset[str], int, tuple[Interval, ...]]:
    """Return the possible zones, whether the region is outermost, and the rate of each size, as facts read them."""
    found = situation_afr(tables, commune, zone, date.fromordinal(jour))
    outside = found.zones_possibles == {"aucune"}
    rates = tuple((0, 0) if outside else found.taux[size] or UNKNOWN for size in TAILLES)
    return found.zones_possibles, verite(found.territoire.rup), rates
