"""The view of the funders: many dossiers at once, seen, filtered, exported. Nothing is kept."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from aid_rules import assessment as out
from aid_rules.faults import Fault, FaultsError
from aid_rules.portfolio.extras import exiger
from aid_rules.report import libelles as mots
from aid_rules.web import chemins, saisie, tableaux, vues
from aid_rules.web.depots import en_csv, est_correspondance, lire_dossiers
from aid_rules.web.envoi import lire_envoi
from aid_rules.web.etapes import RESULTAT
from aid_rules.web.etat import Etat
from aid_rules.web.gabarits_web import Rendu
from aid_rules.web.guichet import Guichet
from aid_rules.web.pages import Pages
from aid_rules.web.portefeuille import Portefeuille
from aid_rules.web.problemes import ProblemeError
from aid_rules.web.saisie import Champs
from aid_rules.web.tableaux import Tableau

COLONNES = (
    "dossier", "date_octroi", "conclusion", "bases_mobilisables", "bases_a_verifier", "montant_max_eur",
    "alertes_bloquantes", "alertes", "questions", "fautes",
)  # fmt: skip


class Expert:
    """Evaluates and filters dossiers."""

    def __init__(self, guichet: Guichet, rendu: Rendu) -> None:
        self.guichet = guichet
        self.rendu = rendu

    def lire(self, envoi: Champs, files: Iterable[tuple[str, bytes]]) -> tuple[list[dict[str, Any]], list[Fault]]:
        """Return the dossiers that the page carries, those of the files and the pasted one, with what is wrong."""
        found = saisie.charger_liste(envoi.get("dossiers", [""])[0])
        faults: list[Fault] = []
        pasted = envoi.get("texte", [""])[0].strip()
        sources = [*files, *([("texte collé", pasted.encode())] if pasted else [])]
        for name, raw in sources:
            try:
                found += lire_dossiers(name, raw)
            except FaultsError as error:
                faults += error.faults
        limit = self.guichet.reglages.dossiers_max
        if len(found) > limit:
            faults.append(Fault(f"{len(found)} dossiers : les {limit} premiers sont montrés"))
        return found[:limit], faults

    def lignes(self, dossiers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        """Evaluate the dossiers: one row each, in their order."""
        return [self.ligne(rank, data) for rank, data in enumerate(dossiers)]

    def ligne(self, rank: int, data: dict[str, Any]) -> dict[str, Any]:
        """Evaluate one dossier."""
        row: dict[str, Any] = {"rang": rank, "dossier": str(data.get("intitule") or f"Dossier {rank + 1}")}
        try:
            result = self.guichet.evaluer(self.guichet.lire_donnees(data))
        except FaultsError as error:
            return row | {"fautes": error.faults, "bases": [], "bloquantes": 0}
        live = sorted((b for b in result.regimes if b.examine and b.verdict != "non_mobilisable"), key=mots.ordre)
        return row | {
            "fautes": [],
            "resultat": result,
            "apercu": vues.apercu(result, couts=bool(chemins.prendre(data, ("projet", "couts")))),
            "bases": [b.id for b in live],
            "meilleure": live[0] if live else None,
            "bloquantes": sum(a.gravite == "bloquante" for a in result.cumul.alertes),
        }

    def vue(self, envoi: Champs, files: Sequence[tuple[str, bytes]]) -> HTMLResponse:
        """Return the view of the dossiers sent, or of the table that is too long for it."""
        kept, tableau, faults = self.trier(files)
        if tableau is None and envoi.get("tableau", [""])[0]:
            tableau = tableaux.lire(envoi["tableau"][0], self.guichet.reglages.tableau_max)
        if tableau is not None:
            try:
                return Portefeuille(self.guichet, self.rendu).vue(tableau, envoi, faults)
            except FaultsError as error:
                faults += error.faults
                envoi = {}
        return self.detail(envoi, kept, faults)

    def trier(self, files: Sequence[tuple[str, bytes]]) -> tuple[list[tuple[str, bytes]], Tableau | None, list[Fault]]:
        """Part the files shown dossier by dossier from the table to be shown whole; a mapping file goes with it."""
        limit = self.guichet.reglages.dossiers_max
        mappings = [raw.decode("utf-8", "replace") for name, raw in files if est_correspondance(name, raw)]
        kept: list[tuple[str, bytes]] = []
        tables: list[Tableau] = []
        faults: list[Fault] = []
        for name, raw in files:
            found = Tableau(name, raw, mappings[0] if mappings else "")
            if len(raw) > self.guichet.reglages.fichier_max:
                size = self.guichet.reglages.fichier_max // 1_000_000
                faults.append(Fault(f"fichier trop gros : {size} Mo au plus", file=name))
                continue
            try:
                if est_correspondance(name, raw):
                    continue
                if found.suffixe not in tableaux.SUFFIXES:
                    kept.append((name, raw))
                elif found.correspondance or (found.suffixe in tableaux.TEXTES and raw.count(b"\n") > limit + 1):
                    tables.append(found)
                elif found.suffixe in tableaux.TEXTES:
                    kept.append((name, raw))
                else:
                    rows = tableaux.dossiers(found, limit)
                    if rows is None:
                        tables.append(found)
                    else:
                        kept.append((name, en_csv(rows)))
            except FaultsError as error:
                faults += error.faults
        if tables and (kept or tables[1:]):
            others = [t.nom for t in tables[1:]] + [name for name, _ in kept]
            faults.append(Fault(f"un seul tableau à la fois : {', '.join(others)} à donner à part", file=tables[0].nom))
        return kept, tables[0] if tables else None, faults

    def detail(self, envoi: Champs, files: Iterable[tuple[str, bytes]], more: Iterable[Fault]) -> HTMLResponse:
        """Return the view of the dossiers, one by one."""
        dossiers, faults = self.lire(envoi, files)
        faults = [*more, *faults]
        rows = self.lignes(dossiers)
        shown = [row for row in rows if _garde(row, envoi)]
        bases = sorted({base for row in rows for base in row["bases"]})
        return self.rendu.page(
            "expert.html",
            titre="Vue des financeurs",
            lignes=shown,
            total=len(rows),
            fautes=faults,
            bases=bases,
            filtre={k: envoi.get(k, [""])[0] for k in ("conclusion", "base", "alertes", "cherche")},
            dossiers=saisie.porter(dossiers),
            maximum=self.guichet.reglages.dossiers_max,
            lignes_max=self.guichet.reglages.lignes_max,
            taille_max=self.guichet.reglages.fichier_max // 1_000_000,
        )

    def ouvrir(self, envoi: Champs, rank: int) -> dict[str, Any]:
        """Return one of the dossiers that the page carries. Raises `ProblemeError`."""
        dossiers, _ = self.lire(envoi, ())
        if not 0 <= rank < len(dossiers):
            raise ProblemeError(404, "Ce dossier n'est plus dans la page.")
        return dossiers[rank]

    def exporter(self, envoi: Champs) -> Response:
        """Return the rows shown as CSV, or the whole results as JSON."""
        if envoi.get("tableau", [""])[0]:
            return Portefeuille(self.guichet, self.rendu).exporter(envoi, self.guichet.reglages.tableau_max)
        dossiers, _ = self.lire(envoi, ())
        rows = [row for row in self.lignes(dossiers) if _garde(row, envoi)]
        if envoi.get("format", ["csv"])[-1] == "json":
            results = [row["resultat"].model_dump(mode="json") for row in rows if "resultat" in row]
            return _fichier(json.dumps(results, ensure_ascii=False, indent=1), "resultats.json", "application/json")
        stream = io.StringIO()
        writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        writer.writerow(COLONNES)
        writer.writerows(_valeurs(row) for row in rows)
        return _fichier("\ufeff" + stream.getvalue(), "resultats.csv", "text/csv; charset=utf-8")


def _garde(row: Mapping[str, Any], envoi: Champs) -> bool:
    """Tell whether a row passes the filters."""

    def un(name: str) -> str:
        return envoi.get(name, [""])[0].strip()

    result: out.Resultat | None = row.get("resultat")
    conclusion = result.qualification.conclusion if result else "fautes"
    return (
        un("conclusion") in ("", conclusion)
        and (not un("base") or un("base") in row["bases"])
        and (not un("alertes") or bool(row["bloquantes"]))
        and un("cherche").lower() in str(row["dossier"]).lower()
    )


def _valeurs(row: Mapping[str, Any]) -> list[str]:
    result: out.Resultat | None = row.get("resultat")
    if result is None:
        return [_texte(row["dossier"]), *[""] * 8, " | ".join(_texte(f.message) for f in row["fautes"])]
    verdicts = {v: [b.id for b in result.regimes if b.examine and b.verdict == v] for v in mots.VERDICTS}
    best = row["meilleure"]
    amount = "" if best is None or best.montant_max_eur is None else str(best.montant_max_eur).replace(".", ",")
    return [
        _texte(row["dossier"]),
        result.date_octroi.isoformat(),
        result.qualification.conclusion,
        " ".join(verdicts["mobilisable"]),
        " ".join(verdicts["a_verifier"]),
        amount,
        str(row["bloquantes"]),
        " | ".join(_texte(a.message) for a in result.cumul.alertes),
        str(len(result.questions)),
        "",
    ]


def _texte(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _fichier(text: str, name: str, media: str) -> Response:
    return Response(text.encode(), media_type=media, headers={"Content-Disposition": f'attachment; filename="{name}"'})


def routeur(guichet: Guichet, rendu: Rendu) -> APIRouter:
    """Return the routes of the view."""
    routes = APIRouter(include_in_schema=False)
    expert = Expert(guichet, rendu)

    @routes.get("/expert")
    async def accueil() -> HTMLResponse:
        return await guichet.faire(lambda: expert.vue({}, ()))

    @routes.post("/expert")
    async def montrer(request: Request) -> HTMLResponse:
        envoi, files = await lire_envoi(request, guichet)
        return await guichet.faire(lambda: expert.vue(envoi, files), guichet.reglages.attente_tableau_s)

    @routes.get("/expert/correspondance")
    async def correspondance() -> Response:
        def travail() -> str:
            exiger("portefeuille", "polars", "numba")
            from aid_rules.portfolio import mapping  # noqa: PLC0415 - an extra
            from aid_rules.portfolio.fields import Places  # noqa: PLC0415

            book = guichet.engine.book
            return mapping.modele(Places(book.vocabulaire, book.bases))

        return _fichier(await guichet.faire(travail), "correspondance.yaml", "application/yaml")

    @routes.post("/expert/ouvrir")
    async def ouvrir(request: Request) -> HTMLResponse:
        envoi, _ = await lire_envoi(request, guichet)
        rank = chemins.rang(envoi.get("rang", [""])[0])

        def travail() -> HTMLResponse:
            data = expert.ouvrir(envoi, -1 if rank is None else rank)
            return Pages(guichet, rendu).resultat(Etat(data, RESULTAT))

        return await guichet.faire(travail)

    @routes.post("/expert/exporter")
    async def exporter(request: Request) -> Response:
        envoi, _ = await lire_envoi(request, guichet)
        return await guichet.faire(lambda: expert.exporter(envoi), guichet.reglages.attente_tableau_s)

    return routes
