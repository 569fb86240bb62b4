"""Many dossiers at once."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from aid_rules import __version__
from aid_rules.cli.commun import emit, regles_option
from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError
from aid_rules.portfolio.extras import exiger


@click.command()
@click.argument("entree", metavar="ENTREE", required=False, type=click.Path(path_type=Path))
@click.option(
    "--sortie", type=click.Path(path_type=Path, dir_okay=False), metavar="SORTIE",
    help="Fichier à écrire : .xlsx, .csv, .parquet ou .jsonl.",
)  # fmt: skip
@click.option(
    "--correspondance", "fichier", type=click.Path(path_type=Path, dir_okay=False), metavar="F",
    help="Fichier YAML qui dit quelle colonne porte quoi.",
)  # fmt: skip
@click.option("--modele", is_flag=True, help="Écrit une correspondance vide, expliquée, et s'arrête.")
@click.option(
    "--lignes", "taille", type=click.IntRange(1, 1_000_000), default=50_000, help="Lignes traitées à la fois."
)
@click.option("--format-tam", "tam", is_flag=True, help="ENTREE est un export du registre de transparence des aides.")
@click.option(
    "--rapport", type=click.Path(path_type=Path, file_okay=False), metavar="DOSSIER",
    help="Dossier où écrire un rapport HTML et ses graphiques PNG.",
)  # fmt: skip
@click.option("--cluster", metavar="ADRESSE", help="Ordonnanceur Dask qui fera le travail (entrée Parquet).")
@regles_option
def portefeuille(
    entree: Path | None,
    sortie: Path | None,
    fichier: Path | None,
    modele: bool,
    taille: int,
    tam: bool,
    rapport: Path | None,
    cluster: str | None,
    regles_dirs: tuple[Path, ...],
) -> None:
    """Évalue tous les dossiers d'ENTREE : CSV, Excel, Parquet (fichier ou dossier) ou lignes JSON.

    Les lignes fautives sont mises à part avec leurs motifs, les autres sont traitées. Un calcul interrompu reprend là
    où il s'était arrêté quand la même commande est relancée.
    """
    exiger("portefeuille", "polars", "numba")
    from aid_rules.portfolio import mapping, run  # noqa: PLC0415 - needs the extra just checked
    from aid_rules.portfolio.fields import Places  # noqa: PLC0415
    from aid_rules.portfolio.progress import suivre  # noqa: PLC0415
    from aid_rules.portfolio.sources import ouvrir  # noqa: PLC0415

    engine = Engine(*regles_dirs)
    places = Places(engine.book.vocabulaire, engine.book.bases)
    if modele:
        emit(mapping.modele(places).rstrip("\n"), sortie)
        return
    if entree is None or sortie is None:
        raise click.UsageError("ENTREE et --sortie sont attendus (ou --modele seul).")
    if entree.resolve() == sortie.resolve():
        raise click.UsageError("ENTREE et --sortie sont le même fichier.")
    given = mapping.lire(fichier, places) if fichier else None
    adaptation = None
    ignored: list[str] = []
    if tam:
        from aid_rules.portfolio.register import CORRESPONDANCE, Registre  # noqa: PLC0415

        adaptation = Registre(engine)
        source, correspondance = ouvrir(entree, {}), CORRESPONDANCE
    else:
        source, correspondance, ignored = run.preparer(engine, entree, given)
    if ignored:
        click.echo(f"Colonnes ignorées : {', '.join(ignored)}.", err=True)
    try:
        if cluster:
            from aid_rules.portfolio.cluster import traiter_ailleurs  # noqa: PLC0415 - needs another extra

            with suivre(source.total) as told:
                bilan = traiter_ailleurs(cluster, engine, source, correspondance, sortie, told, taille, adaptation)
        else:
            with suivre(source.total) as told:
                bilan = run.traiter(engine, source, correspondance, sortie, told, taille, adaptation)
    except KeyboardInterrupt:
        raise WorkError("Interrompu. Relancez la même commande pour reprendre.") from None
    _dire(bilan, tam=tam)
    if rapport:
        from aid_rules.portfolio import charts, register  # noqa: PLC0415 - needs another extra

        title = "Registre de transparence : aides françaises" if tam else f"Portefeuille {entree.name}"
        rules = f"Règles {__version__}, empreinte {engine.book.empreinte[:12]}."
        files = charts.rapport(bilan.croisement, rapport, title, register.notes() if tam else (), rules)
        click.echo("Rapport : " + ", ".join(str(path) for path in files))
    if bilan.lues and not bilan.traitees:
        sys.exit(2)


def _dire(bilan: object, *, tam: bool) -> None:
    from aid_rules.portfolio.run import Bilan  # noqa: PLC0415

    assert isinstance(bilan, Bilan)
    click.echo(
        f"{_nombre(bilan.lues)} lignes lues : {_nombre(bilan.traitees)} traitées, {_nombre(bilan.rejetees)} rejetées."
    )
    if bilan.reprises:
        click.echo(f"{bilan.reprises} morceau{'x' if bilan.reprises > 1 else ''} repris d'un calcul interrompu.")
    for rubrique, valeur, nombre, _ in bilan.statistiques.iter_rows():
        if rubrique == "état":
            click.echo(f"  {_ETATS.get(valeur, valeur):<18} {_nombre(nombre):>12}")
    click.echo("Écrit : " + ", ".join(str(path) for path in bilan.fichiers))
    if bilan.rejetees:
        aside = next((f"le fichier {path}" for path in bilan.fichiers if ".rejets." in path.name), None)
        click.echo(f"Le motif de chaque rejet est dans {aside or 'la feuille « Lignes rejetées »'}.")
        if not tam:
            click.echo("Un mot de votre tableau que le moteur ignore se traduit sous « valeurs » de la correspondance.")


_ETATS = {
    "alerte_bloquante": "alerte bloquante", "mobilisable": "mobilisable", "a_verifier": "à vérifier",
    "non_mobilisable": "non mobilisable", "hors_aide": "hors aide d'État",
    "non_juge": "non jugée",
}  # fmt: skip


def _nombre(value: int) -> str:
    return f"{value:,}".replace(",", "\u202f")
