"""The view of a table too long, or too much the funder's own, to be shown dossier by dossier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi.responses import HTMLResponse, Response

from aid_rules.faults import Fault
from aid_rules.web import tableaux
from aid_rules.web.gabarits_web import Rendu
from aid_rules.web.guichet import Guichet
from aid_rules.web.problemes import ProblemeError
from aid_rules.web.saisie import Champs
from aid_rules.web.tableaux import Tableau

if TYPE_CHECKING:
    import polars as pl

LIGNES = 200
REJETS = 50
ETATS = {
    "alerte_bloquante": ("Alerte bloquante", "mauvais"),
    "mobilisable": ("Mobilisable", "bon"),
    "a_verifier": ("À vérifier", "doute"),
    "non_mobilisable": ("Non mobilisable", "mauvais"),
    "hors_aide": ("Pas une aide d'État", "bon"),
    "non_juge": ("Hors des règles chargées", "neutre"),
}


class Portefeuille:
    """Evaluates a table, and shows what its user filters."""

    def __init__(self, guichet: Guichet, rendu: Rendu) -> None:
        self.guichet = guichet
        self.rendu = rendu

    def vue(self, tableau: Tableau, envoi: Champs, fautes: list[Fault]) -> HTMLResponse:
        """Return the page of a table. Raises `FaultsError`."""
        limit = self.guichet.reglages.lignes_max
        found = tableaux.evaluer(self.guichet.engine, tableau, limit)
        filtre = {k: envoi.get(k, [""])[0].strip() for k in ("etat", "base", "cherche")}
        shown = _filtrer(found.resultats, filtre)
        alerts: dict[int, str] = {}
        for row in found.alertes.filter(found.alertes["gravite"] == "bloquante").iter_rows(named=True):
            alerts.setdefault(row["ligne"], row["message"])
        return self.rendu.page(
            "portefeuille.html",
            titre="Vue des financeurs",
            nom=tableau.nom,
            tableau=tableau.porter(),
            bilan=found.bilan,
            lignes=list(shown.head(LIGNES).iter_rows(named=True)),
            combien=shown.height,
            montrees=min(shown.height, LIGNES),
            limite=limit if found.tronque else 0,
            alertes=alerts,
            rejets=list(found.rejets.head(REJETS).iter_rows(named=True)),
            ignorees=found.ignorees,
            etats=ETATS,
            comptes=[(ETATS[v], n) for r, v, n, _ in found.bilan.statistiques.iter_rows() if r == "état"],
            bases=sorted(set(found.resultats["meilleure_base"].drop_nulls())),
            filtre=filtre,
            fautes=fautes,
        )

    def exporter(self, envoi: Champs, maximum: int) -> Response:
        """Return the whole result as a file. Raises `FaultsError` or `ProblemeError`."""
        format_ = envoi.get("format", [""])[-1]
        if format_ not in tableaux.EXPORTS:
            raise ProblemeError(422, "Ce format d'export n'existe pas.")
        tableau = tableaux.lire(envoi["tableau"][0], maximum)
        name, content = tableaux.exporter(self.guichet.engine, tableau, self.guichet.reglages.lignes_max, format_)
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(content, media_type=tableaux.EXPORTS[format_], headers=headers)


def _filtrer(frame: pl.DataFrame, filtre: dict[str, str]) -> pl.DataFrame:
    """Return the rows that the filters let through."""
    import polars as pl  # noqa: PLC0415 - an extra

    tests: list[Any] = [pl.lit(value=True)]
    if filtre["etat"]:
        tests.append(pl.col("etat") == filtre["etat"])
    if filtre["base"]:
        tests.append(pl.col("meilleure_base") == filtre["base"])
    if filtre["cherche"]:
        word = filtre["cherche"].lower()
        tests.append(
            pl.any_horizontal(
                pl.col(name).fill_null("").str.to_lowercase().str.contains(word, literal=True)
                for name in ("identifiant", "intitule", "siren")
            )
        )
    return frame.filter(tests)
