"""The pages: home, questionnaire, result, downloads. Plain forms; the enhancement sends the same forms."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from aid_rules import assessment as out
from aid_rules.faults import Fault, FaultsError
from aid_rules.language.positions import read_bytes
from aid_rules.report import libelles as mots
from aid_rules.web import chemins, etat, saisie, vues
from aid_rules.web.documents import ecrire_fiche
from aid_rules.web.envoi import lire_envoi
from aid_rules.web.etapes import ORDRE, PAR_ID, QUESTIONS, RESULTAT, TITRES
from aid_rules.web.etat import PAR_PAGE, Etat
from aid_rules.web.formulaire import Champ, Tableau
from aid_rules.web.gabarits_web import Rendu
from aid_rules.web.guichet import Guichet
from aid_rules.web.problemes import ProblemeError
from aid_rules.web.recherche import RECHERCHES
from aid_rules.web.resultat import contexte
from aid_rules.web.saisie import Champs

T = TypeVar("T")


class Pages:
    """The questionnaire on one counter."""

    def __init__(self, guichet: Guichet, rendu: Rendu) -> None:
        self.guichet = guichet
        self.rendu = rendu
        self.vues = vues.Vues(guichet.engine)

    def evaluer(self, data: dict[str, Any], complet: bool = False) -> tuple[out.Resultat | None, list[Fault]]:
        """Evaluate the dossier of a page; None with its faults when it cannot be read.

        `complet` adds what the result page alone shows: the other versions of the text, and the best plan.
        """
        try:
            dossier = self.guichet.lire_donnees(copy.deepcopy(chemins.elaguer(data)))
        except FaultsError as error:
            return None, error.faults
        return (self.guichet.complet(dossier) if complet else self.guichet.evaluer(dossier)), []

    def appliquer(self, found: Etat, envoi: Champs) -> dict[str, str]:
        """Write what the form sent; return the searches that no choice has ended."""
        if found.etape == QUESTIONS:
            if found.page < len(found.parcours):
                saisie.appliquer_champs(found.data, envoi, self.vues.champs_de(found.parcours[found.page]))
            return {}
        if found.etape == RESULTAT:
            return {}
        step = PAR_ID[found.etape]
        before = copy.deepcopy(found.data)
        saisie.appliquer(found.data, envoi, step)
        return _recherches(found.data, before, envoi, found.etape)

    def questionnaire(self, envoi: Champs) -> HTMLResponse:
        """Answer one submission of the questionnaire."""
        found = etat.lire(envoi)
        pending = self.appliquer(found, envoi)
        action, _, detail = envoi.get("action", ["suivant"])[-1].partition(":")
        added: dict[str, int] = {}
        if action == "ajouter":
            added[detail] = 1
            return self.etape(found, added=added, cible=detail)
        if action == "retirer":
            table, _, index = detail.rpartition(":")
            saisie.retirer(found.data, table, chemins.rang(index) or 0)
            return self.etape(found, cible=table)
        if action == "chercher":
            return self.etape(found, searches=pending)
        if action == "suivant" and pending:
            faults = [Fault("choisissez dans la liste, ou effacez la recherche", path) for path in pending]
            return self.etape(found, faults, searches=pending)
        _, faults = self.evaluer(found.data)
        mine = [f for f in faults if self.ici(f.path, found)]
        if mine and action != "precedent":
            return self.etape(found, mine)
        if action == "aller" and detail in ORDRE:
            found.etape = detail
        elif action == "precedent":
            etat.reculer(found)
        else:
            etat.avancer(found)
        return self.montrer(found)

    def ici(self, chemin: str, found: Etat) -> bool:
        """Tell whether a path is asked on the page that was sent."""
        if found.etape == QUESTIONS:
            asked = found.parcours[found.page] if found.page < len(found.parcours) else []
            return chemin in asked
        if found.etape == RESULTAT:
            return False
        for bloc in PAR_ID[found.etape].blocs:
            if isinstance(bloc, Tableau):
                if chemin == bloc.chemin or chemin.startswith(f"{bloc.chemin}["):
                    return True
            elif any(chemin == c.chemin for c in bloc.champs):
                return True
        return False

    def montrer(self, found: Etat) -> HTMLResponse:
        """Return the page of a state: a step, the next questions, or the result."""
        if found.etape == RESULTAT:
            return self.resultat(found)
        if found.etape == QUESTIONS:
            return self.questions(found)
        return self.etape(found)

    def etape(
        self,
        found: Etat,
        faults: Iterable[Fault] = (),
        added: dict[str, int] | None = None,
        searches: dict[str, str] | None = None,
        cible: str = "",
    ) -> HTMLResponse:
        """Return one step."""
        if found.etape == QUESTIONS:
            return self.questions(found, faults)
        if found.etape == RESULTAT:
            return self.resultat(found)
        said = list(faults)
        result, all_faults = self.evaluer(found.data)
        step = PAR_ID[found.etape]
        return self.rendu.page(
            "etape.html",
            422 if said else 200,
            titre=step.titre,
            etape=step,
            blocs=self.vues.etape(step, found.data, said, added, searches),
            cible=cible if added else "",
            fautes=[(f, vues.id_de(f.path)) for f in said],
            **self.cadre(found, result, all_faults),
        )

    def questions(self, found: Etat, faults: Iterable[Fault] = ()) -> HTMLResponse:
        """Return a page of questions, the most decisive of those not yet asked."""
        said = list(faults)
        result, all_faults = self.evaluer(found.data)
        if found.page >= len(found.parcours):
            found.page = len(found.parcours)
            following = vues.a_poser(result, found.poses(), PAR_PAGE) if result else []
            if following:
                found.parcours.append(following)
        asked = found.parcours[found.page] if found.page < len(found.parcours) else []
        return self.rendu.page(
            "questions.html",
            422 if said else 200,
            titre=TITRES[QUESTIONS],
            champs=self.vues.questions(asked, found.data, said, vues.enjeux(result) if result else None),
            completer=vues.a_completer(result) if result else [],
            fautes=[(f, vues.id_de(f.path)) for f in said],
            **self.cadre(found, result, all_faults),
        )

    def cadre(self, found: Etat, result: out.Resultat | None, faults: list[Fault]) -> dict[str, Any]:
        """Return what every page of the questionnaire shows around its fields."""
        elsewhere = [(f, vues.etape_de(f.path) or _etape_du_champ(f.path)) for f in faults]
        return {
            "etat": found,
            "porte": found.porte(),
            "ordre": [(name, TITRES[name]) for name in ORDRE],
            "rang": ORDRE.index(found.etape) + 1,
            "apercu": _apercu(found, result),
            "ailleurs": [(f, step) for f, step in elsewhere if step and step != found.etape],
            "groupe": vues.groupe(found.data),
            "titres": TITRES,
        }

    def resultat(self, found: Etat) -> HTMLResponse:
        """Return the result page, or the step where a fault stands."""
        result, faults = self.evaluer(found.data, complet=True)
        if result is None:
            step = next((s for s in (_etape_du_champ(f.path) for f in faults) if s), ORDRE[0])
            found.etape = step
            return self.etape(found, [f for f in faults if self.ici(f.path, found)] or faults)
        dossier = self.guichet.lire_donnees(copy.deepcopy(chemins.elaguer(found.data)))
        return self.rendu.page(
            "resultat.html",
            titre=f"Résultat : {result.dossier}",
            **contexte(result, dossier),
            **self.cadre(found, result, []),
        )

    def ouvrir(self, envoi: Champs, files: list[tuple[str, bytes]]) -> HTMLResponse:
        """Reopen a saved dossier, from a file or from pasted text."""
        pasted = envoi.get("texte", [""])[0].strip()
        name, raw = files[0] if files else ("texte collé", pasted.encode())
        try:
            document = read_bytes(raw or b"{}", name)
            self.guichet.lire_document(document)
        except FaultsError as error:
            return self.rendu.page("accueil.html", 422, titre="Accueil", fautes_ouverture=error.faults, texte=pasted)
        return self.resultat(Etat(document.data, RESULTAT))

    def apercu(self, envoi: Champs) -> HTMLResponse:
        """Return the outline of the result as the answers now stand."""
        found = etat.lire(envoi)
        self.appliquer(found, envoi)
        result, faults = self.evaluer(found.data)
        return self.rendu.fragment(
            "apercu.html",
            apercu=_apercu(found, result),
            ailleurs=[(f, _etape_du_champ(f.path)) for f in faults],
            groupe=vues.groupe(found.data) if found.etape == "groupe" else None,
            vif=True,
            titres=TITRES,
        )

    def chercher(self, envoi: Champs) -> HTMLResponse:
        """Return what a search finds, as choices."""
        path = envoi.get("champ", [""])[0]
        champ = next((c for c in self.vues.champs_de([path]) if c.genre in RECHERCHES), None)
        if champ is None:
            raise ProblemeError(404, "Cette recherche n'existe pas.")
        text = envoi.get(f"recherche:{path}", [""])[0]
        data = etat.lire(envoi).data
        return self.rendu.fragment("choix.html", v=self.vues.champ(champ, data, {}, {path: text}))

    def verifier(self, envoi: Champs) -> HTMLResponse:
        """Return whether a SIREN number stands its check, beside its field."""
        path = envoi.get("champ", [""])[0]
        chemins.lire(path)
        text = envoi.get(path, [""])[0].strip()
        wrong = vues.siren(text) if text else ""
        champ = Champ(path, "", "siren")
        v = vues.Vue(champ, vues.id_de(path), text, (), (wrong,) if wrong else ())
        return self.rendu.fragment("siren.html", v=v)

    def telecharger(self, envoi: Champs) -> Response:
        """Return the dossier, or its document, as a file."""
        found = etat.lire(envoi)
        self.appliquer(found, envoi)
        format_ = envoi.get("format", ["yaml"])[-1]
        name = saisie.ascii_de(str(found.data.get("intitule") or "dossier"))[:60] or "dossier"
        if format_ in ("yaml", "json"):
            text = saisie.en_yaml(found.data) if format_ == "yaml" else saisie.en_json(found.data)
            media = "application/yaml" if format_ == "yaml" else "application/json"
            return _fichier(text.encode(), f"{name}.{format_}", media)
        content, media = ecrire_fiche(self.guichet, found.data, format_)
        return _fichier(content, f"fiche_{name}.{format_}", media)


def _apercu(found: Etat, result: out.Resultat | None) -> dict[str, Any] | None:
    """Return the outline of a result, None when the dossier could not be read."""
    costs = chemins.prendre(found.data, ("projet", "couts"))
    return vues.apercu(result, couts=bool(costs)) if result else None


def _fichier(content: bytes, name: str, media: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(content, media_type=media, headers=headers)


def _etape_du_champ(chemin: str) -> str:
    """Return the step where a path is filled, the questions when none does."""
    step = vues.etape_de(chemin)
    if step:
        return step
    for etape in PAR_ID.values():
        for bloc in etape.blocs:
            if not isinstance(bloc, Tableau) and any(chemin == c.chemin for c in bloc.champs):
                return etape.id
    return ""


def _recherches(data: dict[str, Any], before: dict[str, Any], envoi: Champs, etape: str) -> dict[str, str]:
    """Settle the searches of a step: a single find is taken, several wait for a choice."""
    pending = {}
    for bloc in PAR_ID[etape].blocs:
        if isinstance(bloc, Tableau):
            continue
        for champ in bloc.champs:
            text = envoi.get(f"recherche:{champ.chemin}", [""])[0].strip()
            if champ.genre not in RECHERCHES or not text:
                continue
            chosen = chemins.prendre(data, chemins.lire(champ.chemin))
            if chosen and chosen != chemins.prendre(before, chemins.lire(champ.chemin)):
                continue
            found = RECHERCHES[champ.genre][0](text)
            if len(found) == 1:
                chemins.poser(data, chemins.lire(champ.chemin), found[0][0])
            else:
                pending[champ.chemin] = text
    return pending


def routeur(guichet: Guichet, rendu: Rendu) -> APIRouter:
    """Return the routes of the pages."""
    routes = APIRouter(include_in_schema=False)
    pages = Pages(guichet, rendu)

    async def faire(request: Request, travail: Callable[[Champs], T]) -> T:
        envoi, _ = await lire_envoi(request, guichet)
        return await guichet.faire(lambda: travail(envoi))

    @routes.get("/")
    async def accueil() -> HTMLResponse:
        return rendu.page("accueil.html", titre="Accueil", fautes_ouverture=[], texte="")

    @routes.get("/a-propos")
    async def a_propos() -> HTMLResponse:
        book = guichet.engine.book
        return rendu.page("a_propos.html", titre="À propos", empreinte=book.empreinte, reglages=guichet.reglages)

    @routes.get("/api")
    async def api() -> HTMLResponse:
        return rendu.page("api.html", titre="L'API", types=mots.VERDICTS)

    @routes.get("/questionnaire")
    async def commencer() -> HTMLResponse:
        return await guichet.faire(lambda: pages.montrer(Etat({"date_octroi": saisie.aujourd_hui()})))

    @routes.post("/questionnaire")
    async def questionnaire(request: Request) -> HTMLResponse:
        return await faire(request, pages.questionnaire)

    @routes.get("/resultat")
    @routes.get("/ouvrir")
    async def sans_dossier() -> Response:
        return RedirectResponse("/", 303)

    @routes.post("/ouvrir")
    async def ouvrir(request: Request) -> HTMLResponse:
        envoi, files = await lire_envoi(request, guichet)
        return await guichet.faire(lambda: pages.ouvrir(envoi, files))

    @routes.post("/apercu")
    async def apercu(request: Request) -> HTMLResponse:
        return await faire(request, pages.apercu)

    @routes.post("/verifier")
    async def verifier(request: Request) -> HTMLResponse:
        return await faire(request, pages.verifier)

    @routes.post("/chercher")
    async def chercher(request: Request) -> HTMLResponse:
        return await faire(request, pages.chercher)

    @routes.post("/telecharger")
    async def telecharger(request: Request) -> Response:
        return await faire(request, pages.telecharger)

    return routes
