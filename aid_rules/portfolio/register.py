"""Awards of the Commission's transparency register, screened by the rules in force on the day each was granted.

The register says the SA number, the objective, the size and the amount; neither costs nor facts of the project. What
these settle is told; the rest is to be checked, and what no rule here covers is said not to be judged.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
import yaml
from stdnum.fr import siren as stdnum_siren

from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError
from aid_rules.portfolio.mapping import Correspondance
from aid_rules.portfolio.morceaux import Morceau
from aid_rules.portfolio.results import NON_JUGE, PIECE_ALERTES, avec_alertes, departements

COLONNES = {
    "mesure": "Aid Measure Title", "sa": "SA.Number", "numero": "Ref-no.", "siren": "National ID",
    "taille": "Beneficiary Type", "region": "Region", "instrument": "Aid Instrument",
    "objectif": "Objectives of the Aid", "nominal": "Nominal Amount",
    "montant": "Aid element, expressed as full amount", "jour": "Date of granting",
}  # fmt: skip
"""Columns of the published table that are read."""

CORRESPONDANCE = Correspondance(
    "numero",
    {
        "intitule": "mesure", "date_octroi": "jour", "beneficiaire.siren": "siren", "beneficiaire.categorie": "taille",
        "projet.zone_afr": "zone", "projet.couts[0].finalite": "finalite", "aides[0].base": "base",
        "aides[0].forme": "forme", "aides[0].montant_eur": "nominal", "aides[0].esb_eur": "montant",
    },
    # a project always has a cost, of an amount that the register does not publish
    {"projet.couts[0].id": "projet", "aides[0].id": "aide"},
)  # fmt: skip
"""How the translated columns make a dossier."""

HORS_PERIODE = "regime_cadre_hors_periode"
AUTRE_ARTICLE = "regime_cadre_autre_article"
INCONNU = "regime_cadre_inconnu"

_SIREN = 9


@dataclass(frozen=True)
class Lecture:
    """What one pair of SA number and objective says: the basis and purpose, or why the award is not judged."""

    base: str | None
    finalite: str | None
    raison: str | None


class Registre:
    """Reads the register for one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.mots = _mots()
        self._lectures: dict[tuple[str, str], Lecture] = {}

    @cached_property
    def regimes_cadres(self) -> Mapping[str, frozenset[str]]:
        """The bases of each SA number, at any date."""
        found: dict[str, set[str]] = {}
        for day in self.engine.book.changements:
            for scheme in self.engine.library.law(day)[0].regimes_cadres:
                found.setdefault(scheme.sa, set()).update(scheme.regimes)
        return {sa: frozenset(bases) for sa, bases in found.items()}

    @cached_property
    def regions(self) -> Mapping[str, tuple[str, str]]:
        """Code and name of the region of each place name of the register."""
        rows = list(departements().values())
        names = {code: region for _, code, region in rows}
        found = {_nu(region): (code, region) for _, code, region in rows}
        found |= {_nu(name): (code, region) for name, code, region in rows}
        found |= {_nu(old): (code, names[code]) for code, olds in self.mots["regions"].items() for old in olds}
        return found

    def region(self, name: str) -> tuple[str, str]:
        """Return the code and the name of the region of a place; no code for a wider zone or another country."""
        if name in self.mots["grandes_zones"]:
            return "", "plusieurs régions"
        return self.regions.get(_nu(name), ("", "hors de France"))

    def lecture(self, sa: str, objectif: str) -> Lecture:
        """Return what a SA number and an objective say together."""
        key = (sa, objectif)
        if key not in self._lectures:
            self._lectures[key] = self._lire(sa, objectif)
        return self._lectures[key]

    def _lire(self, sa: str, objectif: str) -> Lecture:
        for known in self.mots["objectifs"]:
            if known["contient"] in objectif:
                return Lecture(known["base"], known.get("finalite"), None)
        for other in self.mots["autres_reglements"]:
            if other.get("contient", "\0") in objectif or objectif.startswith(other.get("commence", "\0")):
                return Lecture(None, None, f"{other['texte']}, que ces règles ne couvrent pas")
        bases = self.regimes_cadres.get(sa)
        if bases is None:
            return Lecture(
                None, None, "objectif sans article du RGEC et numéro de régime absent des régimes exemptés connus"
            )
        if len(bases) == 1:
            return Lecture(next(iter(bases)), None, None)
        return Lecture(None, None, "régime cadre reconnu, mais l'objectif publié ne désigne pas un de ses articles")

    def traduire(self, morceau: Morceau) -> Morceau:
        """Turn the published columns into those of `CORRESPONDANCE`, with what the report needs besides."""
        cells = morceau.cellules
        if cells is None or not set(COLONNES.values()) <= set(cells.columns):
            absent = sorted(set(COLONNES.values()) - set(cells.columns if cells is not None else ()))
            raise WorkError(f"Ce n'est pas le registre de transparence : colonnes absentes : {', '.join(absent)}")
        rows = cells.select([pl.col(name).str.strip_chars().alias(key) for key, name in COLONNES.items()])
        read = [self._ligne(row) for row in rows.iter_rows(named=True)]
        schema = dict.fromkeys(_ECRITES, pl.String)
        return Morceau(morceau.numero, morceau.lignes, pl.DataFrame(read, schema), (), morceau.rejets, morceau.avance)

    def _ligne(self, row: Mapping[str, str]) -> dict[str, str | None]:
        found = self.lecture(row["sa"], row["objectif"])
        code, region = self.region(row["region"])
        exact = _montant(row["montant"])
        number = re.sub(r"\D", "", row["siren"])
        number = number[:_SIREN] if len(number) in (_SIREN, 14) else ""
        low = re.match(r"\W*([\d,]+)", row["montant"])
        return {
            "mesure": row["mesure"][:500].replace("\ufeff", "") or None, "numero": row["numero"], "sa": row["sa"],
            "objectif": row["objectif"], "jour": _jour(row["jour"]),
            "siren": number if stdnum_siren.is_valid(number) else None,
            "taille": self.mots["tailles"].get(row["taille"]),
            "zone": "a" if code in self.mots["outre_mer"] else None, "region": region, "base": found.base,
            "finalite": found.finalite, "forme": self.mots["formes"].get(row["instrument"]) if found.base else None,
            "nominal": _montant(row["nominal"]) if found.base else None, "montant": exact if found.base else None,
            "montant_publie": exact or (low[1].replace(",", "") if low else None), "raison": found.raison,
        }  # fmt: skip

    def completer(self, morceau: Morceau, parties: Mapping[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
        """Add to the parts of a piece what the register alone shows; `morceau` is the translated one."""
        assert morceau.cellules is not None
        said = morceau.cellules.select(
            "sa",
            "objectif",
            "base",
            "raison",
            "region",
            identifiant="numero",
            jour=pl.col("jour").str.to_date("%Y-%m-%d", strict=False),
        ).with_columns(ligne=pl.Series(morceau.lignes, dtype=pl.Int64))
        kept = said.join(parties["resultats"].select("ligne"), on="ligne", how="semi", maintain_order="left")
        extra = pl.DataFrame([a for row in kept.iter_rows(named=True) for a in self._alertes(row)], PIECE_ALERTES)
        judged = kept.filter(pl.col("raison").is_null()).select("ligne")
        alone = pl.col("raison").is_not_null()
        planned = pl.col("verdict_base_prevue")
        results = (
            parties["resultats"]
            .drop("region")
            .join(said.select("ligne", "raison", "region"), on="ligne", how="left", maintain_order="left")
            .with_columns(
                etat=pl.when(alone).then(pl.lit(NON_JUGE)).otherwise("etat"),
                # the register tells one basis: the others are no news
                mobilisables=pl.when(planned == "mobilisable").then("base_prevue"),
                a_verifier=pl.when(planned == "a_verifier").then("base_prevue"),
                dispositifs_mobilisables=pl.lit(None, dtype=pl.String),
                dispositifs_a_verifier=pl.lit(None, dtype=pl.String),
                **{
                    c: pl.when(~alone).then(c)
                    for c in ("meilleure_base", "taux_max_pct", "montant_max_eur", "premier_fait_manquant")
                },
                faits_manquants=pl.when(alone).then(0).otherwise("faits_manquants").cast(pl.UInt32),
            )
        )
        return {
            **parties,
            "resultats": avec_alertes(results.lazy(), extra).select(parties["resultats"].columns).collect(),
            "alertes": pl.concat([parties["alertes"].join(judged, on="ligne", how="semi"), extra]),
            "manquants": parties["manquants"].join(judged, on="ligne", how="semi"),
        }

    def _alertes(self, row: Mapping[str, Any]) -> Sequence[dict[str, Any]]:
        if row["base"] is None:
            return [_alerte(row, NON_JUGE, "information", f"Non jugée : {row['raison']}.")]
        sa, base = row["sa"], row["base"]
        if sa not in self.regimes_cadres:
            text = f"{sa} n'est pas dans la liste des régimes exemptés connus : vérifiez qu'il porte bien {base}."
            return [_alerte(row, INCONNU, "attention", text)]
        there = [r for r in self._en_vigueur(row["jour"]) if r.sa == sa]
        if not there:
            text = f"{sa} n'était pas en vigueur le {row['jour']:%d/%m/%Y} selon les dates connues de ce régime."
            return [_alerte(row, HORS_PERIODE, "attention", text)]
        if not any(base in r.regimes for r in there):
            text = f"{sa} ne porte pas {base}, article que l'objectif publié désigne : vérifiez la base de l'aide."
            return [_alerte(row, AUTRE_ARTICLE, "attention", text)]
        return []

    def _en_vigueur(self, jour: date) -> Sequence[Any]:
        return self.engine.at(jour).loi.regimes_cadres


_ECRITES = (
    "mesure", "numero", "sa", "objectif", "jour", "siren", "taille", "zone", "region", "base", "finalite", "forme",
    "nominal", "montant", "montant_publie", "raison",
)  # fmt: skip


def _alerte(row: Mapping[str, Any], code: str, gravite: str, message: str) -> dict[str, Any]:
    return {
        "ligne": row["ligne"], "identifiant": row["identifiant"], "code": code, "gravite": gravite, "certaine": False,
        "message": message, "aides": "aide", "plafond": None, "total": None, "depassement": None,
    }  # fmt: skip


def _montant(text: str | None) -> str | None:
    """Return an exact amount, None for a range: the register publishes both."""
    return text if text and re.fullmatch(r"\d+(\.\d{1,2})?", text) else None


def _jour(text: str) -> str:
    try:
        return datetime.strptime(text, "%d/%m/%Y").date().isoformat()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return text


def _nu(name: str) -> str:
    """Return a name without accents, case nor punctuation."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().casefold()
    return re.sub(r"[^a-z]+", " ", plain).strip()


def notes() -> tuple[str, ...]:
    """Return what a reader of the report must know of the register."""
    return tuple(_mots()["notes"])


def _mots() -> dict[str, Any]:
    words: dict[str, Any] = yaml.safe_load(Path(__file__).with_name("tam.yaml").read_text(encoding="utf-8"))
    return words
