"""The gross grant equivalent of an aid, alone."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import click

from aid_rules.cli.commun import Jour, every_base, open_dossier, regles_option
from aid_rules.engine.moteur import Engine
from aid_rules.language.reading import dossier_of
from aid_rules.report.beneficiaire import describe_equivalent
from aid_rules.report.groupe import grant_equivalents

_TERMS = ("duree_mois", "differe_mois", "periodicite_mois", "taux_pct", "amortissement", "suretes",
          "suretes_couverture_pct", "quotite_garantie_pct", "prime_annuelle_pct", "pertes_partagees",
          "plafond_integre", "taux_base_pct")  # fmt: skip
_WHO = ("categorie", "notation", "notation_societe_mere", "naf", "en_difficulte")
_OUI = click.Choice(["oui", "non"])


@click.command()
@click.argument("dossier", metavar="[DOSSIER]", required=False)
@click.option("--date", "jour", type=Jour(), help="Date d'octroi (par défaut : aujourd'hui).")
@click.option("--forme", help="subvention, pret, garantie, avance_recuperable, avantage_fiscal…")
@click.option("--montant", "montant_eur", metavar="EUROS", help="Montant nominal de l'aide.")
@click.option("--duree", "duree_mois", metavar="MOIS", help="Durée du prêt ou de la garantie.")
@click.option("--differe", "differe_mois", metavar="MOIS", help="Mois sans remboursement du capital.")
@click.option("--periodicite", "periodicite_mois", metavar="MOIS", help="Mois entre deux échéances (12 par défaut).")
@click.option("--taux", "taux_pct", metavar="PCT", help="Taux d'intérêt annuel du prêt.")
@click.option("--amortissement", help="constant ou in_fine.")
@click.option("--suretes", help="elevees, normales ou faibles.")
@click.option("--couverture", "suretes_couverture_pct", metavar="PCT", help="Part du prêt couverte par les sûretés.")
@click.option("--quotite", "quotite_garantie_pct", metavar="PCT", help="Part du prêt garantie.")
@click.option("--prime", "prime_annuelle_pct", metavar="PCT", help="Prime annuelle, sur le montant garanti.")
@click.option("--pertes-partagees", type=_OUI, help="Pertes partagées dans la même proportion par prêteur et garant.")
@click.option("--plafond-integre", type=_OUI, help="La mesure fixe un plafond d'aide par entreprise.")
@click.option(
    "--tranche",
    "tranches",
    multiple=True,
    metavar="JOUR:EUROS",
    help="Versement, par exemple 2025-06-30:5000 (répétable).",
)
@click.option(
    "--taux-base", "taux_base_pct", metavar="PCT", help="Taux de base de la Commission, s'il manque à la table."
)
@click.option("--categorie", help="micro, petite, moyenne ou grande.")
@click.option("--notation", help="Notation de crédit : aaa à ccc, ou aucune.")
@click.option("--notation-mere", "notation_societe_mere", help="Notation de la société mère, si « aucune ».")
@click.option("--naf", help="Code NAF de l'activité aidée.")
@click.option("--en-difficulte", type=_OUI, help="Entreprise en difficulté.")
@click.option("--procedure-collective", type=_OUI, help="Procédure collective, ou ses conditions réunies.")
@click.option("--base", help="Base légale, par exemple de_minimis.general.")
@click.option("--format", "format_", type=click.Choice(["texte", "json"]), default="texte", help="Forme du résultat.")
@regles_option
def esb(
    dossier: str | None,
    jour: date | None,
    format_: str,
    regles_dirs: tuple[Path, ...],
    tranches: tuple[str, ...],
    **terms: str | None,
) -> None:
    """Calcule l'équivalent-subvention brut des aides de DOSSIER, ou d'une aide décrite par les options."""
    if dossier is not None:
        engine, read = open_dossier(dossier, regles_dirs)
    elif terms["forme"] is None:
        raise click.UsageError("Donnez un DOSSIER, ou décrivez l'aide : --forme, --montant…")
    else:
        engine = Engine(*regles_dirs)
        read = dossier_of(_described(jour, terms, tranches), engine.book.vocabulaire, every_base(engine))
    law = engine.at(read.date_octroi)
    found = grant_equivalents(read, law.reader.read(read), law.reader.parametres_au)
    if format_ == "json":
        click.echo("[\n" + ",\n".join(one.model_dump_json(indent=2) for one in found) + "\n]")
    else:
        click.echo("\n\n".join(map(describe_equivalent, found)) or "Le dossier ne décrit aucune aide.")


def _described(jour: date | None, terms: dict[str, str | None], tranches: tuple[str, ...]) -> dict[str, Any]:
    """Return the dossier of one aid described by options."""
    aide: dict[str, Any] = {"id": "aide", "conditions": {name: terms[name] for name in _TERMS}}
    if tranches:
        pairs = [text.partition(":") for text in tranches]
        aide["conditions"]["tranches"] = [{"le": day, "montant_eur": euros} for day, _, euros in pairs]
    aide.update({name: terms[name] for name in ("forme", "montant_eur", "base")})
    return {
        "date_octroi": jour or date.today(),  # noqa: DTZ011 - the user's own day
        "beneficiaire": {
            **{name: terms[name] for name in _WHO},
            "situation_financiere": {"procedure_collective": terms["procedure_collective"]},
        },
        "aides": [aide],
    }
