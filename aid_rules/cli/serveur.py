"""The web page and the API, on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from aid_rules.cli.commun import regles_option
from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8000, show_default=True, help="Port d'écoute.")
@click.option("--hote", default="127.0.0.1", show_default=True, metavar="ADRESSE", help="Adresse d'écoute.")
@regles_option
def serveur(port: int, hote: str, regles_dirs: tuple[Path, ...]) -> None:
    """Ouvre le questionnaire, la vue des financeurs et l'API dans un navigateur.

    Rien n'est gardé sur le serveur : le dossier vit dans la page, et se télécharge.
    """
    try:
        import uvicorn  # noqa: PLC0415 - an extra

        from aid_rules.web.application import creer  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise WorkError(
            f"Le serveur demande des bibliothèques absentes ({error.name}) : pip install 'aid-rules[web]'"
        ) from None
    app = creer(Engine(*regles_dirs))
    click.echo(
        f"Questionnaire : http://{hote}:{port}/   API : http://{hote}:{port}/api   (Ctrl+C pour arrêter)", err=True
    )
    config = uvicorn.Config(
        app, host=hote, port=port, access_log=False, log_level="warning", timeout_keep_alive=15, server_header=False
    )
    server = uvicorn.Server(config)
    server.run()
    if not server.started:
        raise WorkError(f"Le port {port} de {hote} ne peut pas être ouvert : choisissez-en un autre avec --port.")
