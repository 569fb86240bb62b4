"""Load run: `python tests/web/charge.py [USERS] [SECONDS]` prints requests per second, median and p99, and errors.

Each user goes on without a pause: a page of the questionnaire, its outline, the result, the API.
"""

from __future__ import annotations

import asyncio
import json
import socket
import sys
import threading
import time
from collections import Counter

import click
import httpx
import uvicorn

from aid_rules.engine.moteur import Engine
from aid_rules.web.api import EXEMPLE
from aid_rules.web.application import creer

FORM = {"dossier": json.dumps(EXEMPLE), "etape": "couts"}
DEMANDES = (
    ("questionnaire", "/questionnaire", {"data": FORM | {"action": "aller:questions"}}),
    ("aperçu", "/apercu", {"data": FORM}),
    ("résultat", "/questionnaire", {"data": FORM | {"action": "aller:resultat"}}),
    ("API", "/api/v1/evaluer", {"json": EXEMPLE}),
)


def demarrer() -> tuple[uvicorn.Server, str]:
    """Start a server on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(creer(Engine()), port=port, log_level="error", access_log=False))
    threading.Thread(target=server.run, daemon=True).start()
    while not server.started:
        time.sleep(0.05)
    return server, f"http://127.0.0.1:{port}"


async def utilisateur(
    client: httpx.AsyncClient, fin: float, durees: dict[str, list[float]], erreurs: Counter[str]
) -> None:
    """Send requests until the end."""
    while time.monotonic() < fin:
        for name, path, content in DEMANDES:
            start = time.perf_counter()
            try:
                found = await client.post(path, **content)
                status = "" if found.status_code == 200 else str(found.status_code)
            except httpx.HTTPError as error:
                status = type(error).__name__
            durees.setdefault(name, []).append(time.perf_counter() - start)
            if status:
                erreurs[f"{name} : {status}"] += 1


async def charger(adresse: str, nombre: int, secondes: float) -> tuple[dict[str, list[float]], Counter[str]]:
    """Run `nombre` users together."""
    durees: dict[str, list[float]] = {}
    erreurs: Counter[str] = Counter()
    limits = httpx.Limits(max_connections=nombre)
    async with httpx.AsyncClient(base_url=adresse, timeout=60, limits=limits) as client:
        for _, path, content in DEMANDES:
            await client.post(path, **content)
        end = time.monotonic() + secondes
        await asyncio.gather(*(utilisateur(client, end, durees, erreurs) for _ in range(nombre)))
    return durees, erreurs


def main() -> int:
    """Print the measures; return 1 when a request failed."""
    users = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 20
    server, address = demarrer()
    start = time.monotonic()
    times, errors = asyncio.run(charger(address, users, seconds))
    spent = time.monotonic() - start
    server.should_exit = True
    every = sorted(t for found in times.values() for t in found)
    rate = len(every) / spent
    click.echo(f"{users} utilisateurs, {len(every)} demandes, {rate:.0f} par seconde, {sum(errors.values())} erreurs")
    for name, found in {**times, "ensemble": every}.items():
        ranked = sorted(found)
        median, high = ranked[len(ranked) // 2], ranked[min(int(len(ranked) * 0.99), len(ranked) - 1)]
        click.echo(f"  {name:<14} médiane {median * 1000:5.0f} ms   p99 {high * 1000:5.0f} ms")
    for name, count in errors.items():
        click.echo(f"  {name} × {count}")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
