"""A piece of the input to dossiers: exact values, column by column, and the rows set aside with every reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from aid_rules.dossier import Dossier
from aid_rules.engine.moteur import Engine
from aid_rules.faults import FaultsError, WorkError, nearest
from aid_rules.language.reading import ACTIVITE_CONTREDITE, TOUT_NON_ECONOMIQUE, dossier_of
from aid_rules.portfolio.fields import IDENTIFIANT, Place, Places, completer, construire
from aid_rules.portfolio.mapping import Correspondance
from aid_rules.portfolio.morceaux import Morceau, Rejet
from aid_rules.portfolio.values import FORMES_DE_DATE, TYPES, colonne, mise_en_forme

LIGNE = "ligne"
_ACTIVITE, _PART = "beneficiaire.activite_economique", "beneficiaire.part_non_economique_pct"


@dataclass(frozen=True)
class Lus:
    """The rows read: their line, their identifier, and the exact values, by path or as dossiers."""

    lignes: Sequence[int]
    identifiants: Sequence[str | None]
    table: pl.DataFrame | None
    dossiers: tuple[Dossier, ...]
    rejets: tuple[Rejet, ...]


class Lecteur:
    """Reads pieces of one input, for one engine and one mapping."""

    def __init__(self, engine: Engine, correspondance: Correspondance) -> None:
        self.engine = engine
        self.correspondance = correspondance
        self.places = Places(engine.book.vocabulaire, engine.book.bases)
        self.par_place = {
            c: self.places.trouver(c) for c in correspondance.places if correspondance.constantes.get(c) != []
        }
        self.constantes = dict(self._constantes())
        self.vides = [c for c, value in correspondance.constantes.items() if value == []]
        self.dates = FORMES_DE_DATE.get(correspondance.lecture.get("dates", ""))

    def _constantes(self) -> list[tuple[Place, Any]]:
        found = []
        for chemin, value in self.correspondance.constantes.items():
            if value is not None and value != []:
                place = self.par_place[chemin]
                found.append((place, place.lire(value)))
        return found

    def verifier(self, entetes: Sequence[str]) -> None:
        """Check that the table holds every column that the mapping names. Raises `WorkError` with all of them."""
        if "date_octroi" not in self.par_place:
            raise WorkError("Il manque la colonne de « date_octroi » : le droit appliqué en dépend.")
        wanted = [*self.correspondance.colonnes.values()]
        if self.correspondance.identifiant:
            wanted.append(self.correspondance.identifiant)
        absent = [f"« {name} »{nearest(name, entetes)}" for name in dict.fromkeys(wanted) if name not in entetes]
        if absent:
            raise WorkError(
                f"Colonnes absentes du tableau : {' ; '.join(absent)}. Colonnes présentes : {', '.join(entetes)}."
            )

    def lire(self, morceau: Morceau) -> Lus:
        """Read a piece; a row with any fault is set aside, with all its faults."""
        if morceau.cellules is None:
            return self._objets(morceau)
        return self._tableau(morceau, morceau.cellules)

    def _tableau(self, morceau: Morceau, cells: pl.DataFrame) -> Lus:
        columns: dict[str, pl.Series] = {}
        reasons: dict[int, list[str]] = {}
        for chemin, name in self.correspondance.colonnes.items():
            place = self.par_place[chemin]
            values, bad = colonne(cells[name], place, self.correspondance.valeurs.get(chemin, {}), self.dates)
            columns[chemin] = values
            for rank, word, reason in bad.iter_rows():
                reasons.setdefault(rank, []).append(f"colonne « {name} » : {reason} (lu : « {_court(word)} »)")
        for chemin, constant in ((p.chemin, v) for p, v in self.constantes.items()):
            value = list(constant) if isinstance(constant, tuple) else constant
            default = pl.Series([value], dtype=TYPES[self.par_place[chemin].nature]).new_from_index(0, cells.height)
            columns[chemin] = (
                columns[chemin].zip_with(columns[chemin].is_not_null(), default) if chemin in columns else default
            )
        day = columns.get("date_octroi")
        if day is not None:
            for rank in day.is_null().arg_true():
                if rank not in reasons:
                    reasons[rank] = ["la date d'octroi manque : le droit applicable en dépend"]
        if _ACTIVITE in columns and _PART in columns:
            against = columns[_ACTIVITE] & (columns[_PART] == TOUT_NON_ECONOMIQUE)
            for rank in against.fill_null(value=False).arg_true():
                reasons.setdefault(rank, []).append(f"{_ACTIVITE} : {ACTIVITE_CONTREDITE}")
        self._renvois(columns, reasons)
        ids = self._identifiants(cells)
        aside = [Rejet(morceau.lignes[r], " ; ".join(reasons[r]), ids[r]) for r in sorted(reasons)]
        kept = [rank for rank in range(cells.height) if rank not in reasons] if reasons else None
        table = pl.DataFrame({name: values.alias(name) for name, values in columns.items()})
        lines, names = list(morceau.lignes), ids
        if kept is not None:
            table, lines, names = table[kept], [lines[r] for r in kept], [names[r] for r in kept]
        return Lus(lines, names, table, (), (*morceau.rejets, *aside))

    def _renvois(self, columns: Mapping[str, pl.Series], reasons: dict[int, list[str]]) -> None:
        """Check that the aids point at cost lines that exist, and that no identifier is taken twice."""
        aids = [c for c in columns if c.startswith("aides[") and c.endswith("].couts")]
        names = [c.partition("[")[0] for c in columns if c.endswith("].id")]
        several = {c for c in columns if c.startswith(("projet.couts[1]", "aides[1]"))}
        if not aids and not (names and several):
            return
        frame = pl.DataFrame({c: s.alias(c) for c, s in columns.items() if c.startswith(("projet.couts[", "aides["))})
        for rank, row in enumerate(frame.iter_rows(named=True)):
            found = [] if rank in reasons else _renvois_fautifs(row)
            if found:
                reasons[rank] = found

    def _identifiants(self, cells: pl.DataFrame) -> list[str | None]:
        name = self.correspondance.identifiant
        return cells[name].str.strip_chars().to_list() if name else [None] * cells.height

    def _objets(self, morceau: Morceau) -> Lus:
        lines: list[int] = []
        ids: list[str | None] = []
        found: list[Dossier] = []
        aside = list(morceau.rejets)
        for line, data in zip(morceau.lignes, morceau.dossiers, strict=True):
            plain = dict(data)
            name = plain.pop(self.correspondance.identifiant or IDENTIFIANT, None)
            name = None if name is None else str(name)
            try:
                found.append(self._objet(plain))
            except FaultsError as error:
                reasons = " ; ".join(f"{f.path} : {f.message}" if f.path else f.message for f in error.faults)
                aside.append(Rejet(line, reasons, name))
                continue
            lines.append(line)
            ids.append(name)
        return Lus(lines, ids, None, tuple(found), tuple(sorted(aside, key=lambda r: r.ligne)))

    def _objet(self, data: Mapping[str, Any]) -> Dossier:
        if self.correspondance.colonnes:
            data = {c: data.get(name) for c, name in self.correspondance.colonnes.items()}
            return self._plat(data)
        return dossier_of(
            completer(data, self.correspondance.constantes), self.places.vocabulaire, self.engine.book.bases
        )

    def _plat(self, data: Mapping[str, Any]) -> Dossier:
        """Read one flat JSON object. Raises `FaultsError`."""
        from aid_rules.faults import Fault  # noqa: PLC0415 - only flat objects pay for it

        values = {place.etapes: value for place, value in self.constantes.items()}
        faults = []
        for chemin, raw in data.items():
            words = self.correspondance.valeurs.get(chemin, {})
            if raw is None or raw == "":
                continue
            place = self.par_place[chemin]
            word = words.get(raw, raw) if isinstance(raw, str) else raw
            try:
                values[place.etapes] = place.lire(mise_en_forme(word, place.nature, self.dates))
            except ValueError as error:
                faults.append(Fault(str(error), chemin))
        if ("date_octroi",) not in values and not faults:
            faults.append(Fault("la date d'octroi manque : le droit applicable en dépend"))
        said = {c: values.get(place.etapes) for c, place in self.par_place.items()}
        if said.get(_ACTIVITE) and said.get(_PART) == TOUT_NON_ECONOMIQUE:
            faults.append(Fault(ACTIVITE_CONTREDITE, _ACTIVITE))
        faults += [] if faults else [Fault(text) for text in _renvois_fautifs(said)]
        if faults:
            raise FaultsError(faults)
        return self._construire(values)

    def dossiers(self, lus: Lus, rangs: Sequence[int] | None = None) -> list[Dossier]:
        """Return the dossiers of the rows read, or of those of these ranks."""
        if lus.table is None:
            return list(lus.dossiers) if rangs is None else [lus.dossiers[r] for r in rangs]
        table = lus.table if rangs is None else lus.table[list(rangs)]
        steps = [self.par_place[name].etapes for name in lus.table.columns]
        kinds = [self.par_place[name].nature for name in lus.table.columns]
        found = []
        for row in table.iter_rows():
            values = {
                step: tuple(value) if kind == "ensemble" else value
                for step, kind, value in zip(steps, kinds, row, strict=True)
                if value is not None
            }
            found.append(self._construire(values))
        return found

    def _construire(self, values: dict[tuple[str | int, ...], Any]) -> Dossier:
        for chemin in self.vides:
            steps = tuple(chemin.split("."))
            if not any(known[: len(steps)] == steps for known in values):
                values[steps] = ()
        return construire(values)


def _renvois_fautifs(row: Mapping[str, Any]) -> list[str]:
    """Tell the identifiers that a row takes twice, and the cost line that its aids point at and that is not there."""
    taken = {block: _noms(row, block) for block in ("projet.couts", "aides")}
    faults = []
    for block, found in taken.items():
        double = next((n for i, n in enumerate(found) if n in found[:i]), None)
        if double:
            faults.append(f"{block} : identifiant « {double} » pris deux fois")
    aids = [c for c in row if c.startswith("aides[") and c.endswith("].couts")]
    unknown = [x for c in aids for x in row[c] or () if x not in taken["projet.couts"]]
    if unknown:
        faults.append(f"aides : ligne de coût « {unknown[0]} » inconnue")
    return faults


def _noms(row: Mapping[str, Any], block: str) -> list[str]:
    """Return the identifiers of the items of a list that a row holds, those given by rank included."""
    ranks = sorted({int(c[len(block) + 1 :].partition("]")[0]) for c in row if c.startswith(f"{block}[")})
    prefix = "cout" if block == "projet.couts" else "aide"
    found = []
    for rank in ranks:
        start = f"{block}[{rank}]."
        if any(row[c] is not None for c in row if c.startswith(start)):
            found.append(row.get(f"{start}id") or f"{prefix}{rank + 1}")
    return found


def _court(word: str) -> str:
    return word if len(word) <= 60 else f"{word[:60]}…"  # noqa: PLR2004 - fits a cell
