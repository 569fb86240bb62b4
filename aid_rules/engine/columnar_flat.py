"""Plain columns as a table, without building a dossier for each row: what a portfolio of simple dossiers gives.

What the law computes from a few columns (category, difficulty, sectors, zone, terms of the aid) is read once for each
different case by the very reader of the exact evaluator, and shared by the rows of that case.
"""

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
from aid_rules.engine.columnar_table import CONNUS, Table, fabriquer, rangs
from aid_rules.engine.columnar_trees import EPOQUE
from aid_rules.engine.facts import verite
from aid_rules.engine.intervalles import UNKNOWN
from aid_rules.language.places import donnees
from aid_rules.language.vocabulary import FactDefinition
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
LIGNE = ("finalite", "poste", "montant_eur")
TAILLES = ("petite", "moyenne", "grande")

_DU_LIEU = ("projet.zone_afr", "projet.rup", *(f"afr.taux_{size}" for size in TAILLES))
_ANS = tuple(range(1, 41))
_DATE = re.compile(rb"\d{4}-\d\d-\d\d")


def columns_from_flat(engine: Engine, flat: pl.DataFrame, couts: pl.DataFrame | None = None) -> Table:
    """Return plain columns as a table; the same as through dossiers of one enterprise without links.

    `flat` has one row per dossier: `date_octroi`; facts by name (dates as Date, choices as text, sets as lists of text,
    the others in exact units: cents, basis points, hundredths; null is unknown); figures of the last year (`CHIFFRES`),
    `BENEFICIAIRE`, `LIEU`; one planned aid (`AIDE`); one cost line (`LIGNE`: when all three are null there is none, and
    the costs are unknown); `de_minimis.recu_*` with `.min` and `.max` when they are known. `couts`, when given, holds
    the cost lines instead: `ligne` (row of `flat`), `finalite`, `poste`, `montant_eur`; a row without any has none.
    Raises `ValueError`, in French, on a column or a value that it does not know.
    """
    return _Plat(engine, flat).table(couts)


class _Plat:
    def __init__(self, engine: Engine, flat: pl.DataFrame) -> None:
        self.engine = engine
        self.faits = engine.slots.facts
        self.flat = flat
        self.jours = flat["date_octroi"].cast(pl.Date).cast(pl.Int32).cast(pl.Int64) + EPOQUE
        self.periodes = _places(self.jours, engine.book.changements)
        for name in flat.columns:
            self._connaitre(name)

    def _connaitre(self, name: str) -> None:
        fact = self.faits.get(name)
        special = ("date_octroi", *CHIFFRES, *BENEFICIAIRE, *LIEU, *AIDE, *LIGNE)
        received = name.startswith("de_minimis.recu_") and name.rpartition(".")[0] in self.faits
        if name not in special and not received and (fact is None or fact.derive or fact.type == "texte"):
            raise ValueError(f"colonne « {name} » inconnue")

    def table(self, couts: pl.DataFrame | None) -> Table:
        columns = self._directs()
        for name, series in self._beneficiaire().items():
            columns[name] = (
                series if name not in columns else columns[name].zip_with(columns[name].is_not_null(), series)
            )
        columns |= self._lieu()
        columns |= self._aide()
        columns["date_octroi"] = self.jours
        lines, known = self._couts(couts)
        columns[CONNUS] = known
        return fabriquer(pl.DataFrame([s.alias(name) for name, s in columns.items()]), lines)

    def _colonne(self, name: str) -> pl.Series | None:
        return self.flat[name] if name in self.flat.columns else None

    def _directs(self) -> dict[str, pl.Series]:
        """Return the facts that a column gives as they are."""
        found: dict[str, pl.Series] = {}
        for series in self.flat.get_columns():
            name = series.name
            fact = self.faits.get(name)
            if name.startswith("de_minimis."):
                low = series.fill_null(0) if name.endswith(".min") else series
                found[name] = low.cast(pl.Int64)
            elif fact is None or fact.derive or name in (*BENEFICIAIRE, *LIEU, *AIDE):
                continue
            elif fact.type == "ensemble":
                found |= {f"{name}.{m}": _membre(series, m) for m in fact.valeurs}
            else:
                found[name] = _exacte(fact, series)
        return found

    def _beneficiaire(self) -> dict[str, pl.Series]:
        """Return what the law says of the beneficiary, read once per case."""
        names = [n for n in self.flat.columns if n.startswith("beneficiaire.")]
        keys = [self.periodes.alias("periode")]
        for name in names:
            keys += self._cle_beneficiaire(name)
        if "beneficiaire.naf" in names:
            keys.append(_places(self.jours, _jours((donnees() / "naf_secteurs.yaml",))).alias("naf|jour"))
        groups, firsts = _cas(keys)
        envs = [self._lire(row, names) for row in firsts]
        skip = {*_DU_LIEU, "couts_totaux"}
        slots = self.engine.slots
        different = [
            name
            for name, index in slots.index.items()
            if index and name not in skip and any(env[index] != slots.blank[index] for env in envs)
        ]
        found: dict[str, pl.Series] = {}
        for name in different:
            values = [env[slots.index[name]] for env in envs]
            for column, series in colonnes(self.faits[name], values).items():
                found[column] = series.gather(groups)
        return found

    def _cle_beneficiaire(self, name: str) -> list[pl.Series]:
        """Return what matters of a column of the beneficiary: the rank of a figure, the age of an event."""
        series = self.flat[name]
        if name in CHIFFRES:
            figure = CHIFFRES[name]
            laws = [self.engine.at(self.engine.book.changements[max(p, 0)]).loi for p in self.periodes.unique()]
            # headcount stays under its ceiling, amounts do not exceed theirs
            extra = 0 if figure == "effectif" else 1
            tops = {law.parametres[f"pme.{figure}_{size}"] + extra for law in laws for size in CATEGORIES[:3]}
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

    def _lieu(self) -> dict[str, pl.Series]:
        commune, zone = (self._colonne(name) for name in LIEU)
        tables = donnees()
        cards = sorted(p for p in tables.glob("afr_*") if p.suffix in (".yaml", ".csv"))
        imported = carte_afr.lire(carte_afr.dossier_donnees())
        more = (imported.arrete_le,) if imported else ()
        keys = [_places(self.jours, _jours(tuple(cards), more)).alias("jour")]
        if commune is not None:
            moved = _communes_changees(tables / "communes.csv", octets(tables / "communes.csv"))
            all_days = _places(self.jours, _jours((*cards, tables / "communes.csv"), more))
            changed = commune.is_in(list(moved))
            keys = [pl.select(pl.when(changed).then(all_days).otherwise(keys[0] - 1_000_000)).to_series().alias("jour")]
            keys.append(commune)
        if zone is not None:
            keys.append(zone)
        groups, firsts = _cas(keys)
        zones = self.faits["projet.zone_afr"]
        values: dict[str, list[Any]] = {name: [] for name in _DU_LIEU}
        for row in firsts:
            place = None if commune is None else commune[row]
            stated = None if zone is None else zone[row]
            found = situation_afr(tables, place, stated, date.fromordinal(self.jours[row]))
            values["projet.zone_afr"].append(sum(zones.bit(z) for z in found.zones_possibles))
            values["projet.rup"].append(verite(found.territoire.rup))
            for size in TAILLES:
                outside = found.zones_possibles == {"aucune"}
                values[f"afr.taux_{size}"].append((0, 0) if outside else found.taux[size] or UNKNOWN)
        return {
            column: series.gather(groups)
            for name in _DU_LIEU
            for column, series in colonnes(self.faits[name], values[name]).items()
        }

    def _aide(self) -> dict[str, pl.Series]:
        """Return the facts of the planned aid; a grant is worth its amount, the other forms are read one by one."""
        held = [name for name in AIDE if name in self.flat.columns]
        if not held:
            return {}
        names = [n for n in self.flat.columns if n.startswith("beneficiaire.")]
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
        envs = [self._lire(row, names, _aide_de(data.row(row, named=True))) for row in firsts]
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

    def _couts(self, couts: pl.DataFrame | None) -> tuple[pl.DataFrame, pl.Series]:
        height = self.flat.height
        if couts is None:
            given = [name for name in LIGNE if name in self.flat.columns]
            missing = [pl.lit(None).alias(name) for name in LIGNE if name not in given]
            rows = pl.int_range(height, dtype=pl.UInt32, eager=True).alias("ligne")
            lines = self.flat.select(rows, *given).with_columns(missing)
            known = lines.select(pl.any_horizontal(pl.col(LIGNE).is_not_null())).to_series()
            lines = lines if known.all() else lines.filter(known)
        else:
            lines, known = couts, pl.Series([True]).new_from_index(0, height)
        ranks = rangs(self.engine.book.vocabulaire.listes)
        return lines.select(
            "ligne",
            *(_rang(lines[name], ranks[name]).alias(name) for name in ("finalite", "poste")),
            pl.col("montant_eur").cast(pl.Int64).alias("montant"),
        ), known


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


@lru_cache(maxsize=2)
def _communes_changees(_path: Path, raw: bytes) -> frozenset[str]:
    """Return the codes of the communes that a date says something of."""
    return frozenset(line.split(b";", 1)[0].decode() for line in raw.splitlines() if _DATE.search(line))


def _membre(series: pl.Series, member: str) -> pl.Series:
    return series.list.contains(member)


def _exacte(fact: FactDefinition, series: pl.Series) -> pl.Series:
    if fact.type == "date":
        return series.cast(pl.Date).cast(pl.Int32).cast(pl.Int64) + EPOQUE
    if fact.type == "choix":
        bits = colonnes(fact, [fact.bit(v) for v in fact.valeurs])[fact.nom]
        ranks = _rang(series, {v: i for i, v in enumerate(fact.valeurs)}, fact.nom)
        return bits.gather(ranks).fill_null(fact.masque())
    return series.cast(pl.Boolean if fact.type == "booleen" else pl.Int64)


def _rang(series: pl.Series, ranks: Mapping[str, int], name: str | None = None) -> pl.Series:
    kind = pl.Enum(sorted(ranks, key=lambda value: ranks[value]))
    texts = series.cast(pl.String)
    strange = texts.filter(texts.is_not_null() & ~texts.is_in(list(ranks)))
    if len(strange):
        raise ValueError(f"{name or series.name} : valeur « {strange[0]} » inconnue")
    return texts.cast(kind).to_physical().cast(pl.UInt32)
