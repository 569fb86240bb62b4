"""The API: one dossier in, one answer out, versions of the rules in each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import date
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, BeforeValidator, Field

from aid_rules import __version__
from aid_rules import assessment as out
from aid_rules.champs import read_day
from aid_rules.dossier import Dossier
from aid_rules.faults import FaultsError
from aid_rules.report.schema import dossier_schema
from aid_rules.web.guichet import Guichet
from aid_rules.web.problemes import MEDIA, ProblemeError, des_fautes

T = TypeVar("T")

TYPES = ("application/json", "application/yaml", "application/x-yaml", "text/yaml")


def _jour(value: object) -> date:
    return read_day(value)


Jour = Annotated[
    date | None,
    BeforeValidator(_jour),
    Query(alias="date", description="Droit de ce jour (AAAA-MM-JJ)", json_schema_extra={"example": "2019-11-18"}),
]
Tout = Annotated[bool, Query(description="Lire aussi les bases que le projet ne concerne pas")]


class VersionRegles(BaseModel):
    """The rules that answered."""

    version: str
    sha256: str


class Questions(BaseModel):
    """What is missing, the most decisive first."""

    dossier: str
    date_octroi: date
    regles: out.Regles
    avertissement: str
    questions: tuple[out.Question, ...]


class AidePlan(BaseModel):
    """One aid of the plan, with the verdict of its basis."""

    id: str
    base: str | None
    verdict: out.Verdict | None = Field(description="Verdict de la base légale, null sans base ou base hors vigueur")
    montant_max_eur: out.Euros | None
    alertes: tuple[str, ...] = Field(description="Codes des alertes qui visent cette aide")


class Plan(BaseModel):
    """The financing plan as given, checked, beside the best one when the dossier asks for it."""

    dossier: str
    date_octroi: date
    regles: out.Regles
    avertissement: str
    conforme: bool | None = Field(description="false : une alerte bloquante ; null : des points restent à vérifier")
    aides: tuple[AidePlan, ...]
    alertes: tuple[out.AlerteResultat, ...]
    marges: tuple[out.Marge, ...]
    registres: tuple[out.RegistreDeMinimis, ...]
    obligations: tuple[out.Obligation, ...]
    meilleur_plan: out.MeilleurPlan | None = Field(description="Quand le dossier porte une demande de plan (clé plan)")


class BeneficiaireReponse(BaseModel):
    """The beneficiary alone."""

    dossier: str
    date_octroi: date
    regles: out.Regles
    avertissement: str
    beneficiaire: out.Beneficiaire


class RegimeListe(BaseModel):
    """A legal basis or a scheme in force."""

    id: str
    intitule: str
    genre: str
    article: str
    verifie_le: date
    regimes_cadres: tuple[out.RegimeCadre, ...]
    volets: tuple[str, ...]


class Regimes(BaseModel):
    """The law of one day."""

    date: date
    regles: out.Regles
    regimes: tuple[RegimeListe, ...]
    dispositifs: tuple[RegimeListe, ...]


class Sante(BaseModel):
    """The service answers."""

    etat: str
    regles: VersionRegles


EXEMPLE: dict[str, Any] = {
    "intitule": "Modernisation d'un atelier de mécanique de précision",
    "date_octroi": "2019-11-18",
    "beneficiaire": {"nom": "Mécanique du Bray", "siren": "732829320", "naf": "25.62B", "categorie": "moyenne"},
    "projet": {
        "commune": "76462",
        "demande_aide_le": "2019-06-01",
        "debut_travaux_le": "2019-09-02",
        "couts": [
            {
                "id": "machines",
                "poste": "actifs_corporels",
                "finalite": "investissement_initial",
                "montant_eur": 2400000,
            }
        ],
    },
    "aides": [
        {
            "id": "region",
            "financeur": {"nom": "Région Normandie", "type": "region"},
            "forme": "subvention",
            "montant_eur": 240000,
            "base": "rgec.17",
            "couts": ["machines"],
            "statut": "prevue",
        }
    ],
}
"""The example dossier shown by the OpenAPI description."""

_REF = {"schema": {"$ref": "#/components/schemas/Dossier"}}
CORPS = {
    "requestBody": {
        "required": True,
        "description": "Un dossier, en JSON ou en YAML. Une clé absente ou nulle veut dire « inconnu ».",
        "content": {
            "application/json": {**_REF, "examples": {"bresle": {"summary": "Une PME de 2019", "value": EXEMPLE}}},
            "application/yaml": {"schema": {"type": "string"}},
        },
    }
}
_ERREURS = {
    403: "Demande venue d'un autre site",
    408: "Envoi trop lent",
    413: "Contenu trop gros",
    415: "Type de contenu non admis",
    422: "Dossier ou paramètre invalide : toutes les fautes, avec leur chemin",
    503: "Service occupé",
}


def _reponses(*codes: int) -> dict[int | str, dict[str, Any]]:
    schema = {"schema": {"$ref": "#/components/schemas/Probleme"}}
    return {code: {"description": _ERREURS[code], "content": {MEDIA: schema}} for code in codes}


ERREURS_CORPS = _reponses(*_ERREURS)
ERREURS_LECTURE = _reponses(413, 422, 503)


async def lire_corps(request: Request, guichet: Guichet) -> bytes:
    """Return the body of a request, read in a bounded time. Raises `ProblemeError`."""
    try:
        async with asyncio.timeout(guichet.reglages.lecture_s):
            return await request.body()
    except TimeoutError:
        raise ProblemeError(408, "Le dossier n'est pas arrivé à temps.") from None


def routeur(guichet: Guichet) -> APIRouter:
    """Return the routes of the API."""
    routes = APIRouter(prefix="/api/v1", tags=["dossier"])
    engine = guichet.engine
    regles = VersionRegles(version=__version__, sha256=engine.book.empreinte)

    async def recevoir(request: Request, travail: Callable[[Dossier], T]) -> T:
        media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media not in TYPES:
            raise ProblemeError(415, f"Envoyez le dossier avec l'un de ces types : {', '.join(TYPES[:2])}.")
        raw = await lire_corps(request, guichet)
        try:
            return await guichet.faire(lambda: travail(guichet.lire(raw, "corps")))
        except FaultsError as error:
            raise des_fautes(error) from None

    def json(model: BaseModel) -> Response:
        return Response(model.model_dump_json(), media_type="application/json")

    @routes.post(
        "/evaluer",
        response_model=out.Resultat,
        responses=ERREURS_CORPS,
        openapi_extra=CORPS,
        summary="Évaluer un dossier",
    )
    async def evaluer(request: Request, jour: Jour = None, tout: Tout = False) -> Response:
        """Dit s'il y a aide d'État, sur quelles bases elle peut être accordée, combien au plus, et le cumul."""
        return await recevoir(request, lambda d: json(guichet.complet(d, jour, tout)))

    @routes.post(
        "/questions", response_model=Questions, responses=ERREURS_CORPS, openapi_extra=CORPS, summary="Ce qui manque"
    )
    async def questions(request: Request, jour: Jour = None) -> Response:
        """Liste les faits manquants, celui qui tranche le plus de verdicts d'abord."""

        def travail(dossier: Dossier) -> Response:
            found = guichet.evaluer(dossier, jour)
            return json(Questions.model_construct(**_entete(found), questions=found.questions))

        return await recevoir(request, travail)

    @routes.post(
        "/plan",
        response_model=Plan,
        responses=ERREURS_CORPS,
        openapi_extra=CORPS,
        summary="Contrôler un plan de financement",
    )
    async def plan(request: Request, jour: Jour = None) -> Response:
        """Contrôle chaque aide contre sa base et toutes les aides contre les plafonds ; dit ce qui reste possible.

        Quand le dossier porte une clé « plan », donne aussi le meilleur plan légal.
        """

        def travail(dossier: Dossier) -> Response:
            return json(_plan(dossier, guichet.complet(dossier, jour)))

        return await recevoir(request, travail)

    @routes.post(
        "/beneficiaire",
        response_model=BeneficiaireReponse,
        responses=ERREURS_CORPS,
        openapi_extra=CORPS,
        summary="Catégorie, difficulté et territoire du bénéficiaire",
    )
    async def beneficiaire(request: Request, jour: Jour = None) -> Response:
        """Calcule la catégorie d'entreprise, la difficulté et la zone."""

        def travail(dossier: Dossier) -> Response:
            found = guichet.evaluer(dossier, jour)
            return json(BeneficiaireReponse.model_construct(**_entete(found), beneficiaire=found.beneficiaire))

        return await recevoir(request, travail)

    @routes.get(
        "/regimes", response_model=Regimes, responses=ERREURS_LECTURE, tags=["règles"], summary="Le droit d'un jour"
    )
    async def regimes(jour: Jour = None) -> Response:
        """Liste les bases légales et les dispositifs en vigueur."""
        return await guichet.faire(lambda: json(_regimes(guichet, jour or date.today())))  # noqa: DTZ011 - civil day

    @routes.get("/schema", responses=_reponses(413, 503), tags=["règles"], summary="Schéma JSON d'un dossier")
    async def schema() -> JSONResponse:
        """Donne le schéma JSON (2020-12) d'un dossier, avec les questions et les listes de valeurs."""
        return await guichet.faire(lambda: JSONResponse(dossier_schema(engine.book.vocabulaire)))

    @routes.get("/sante", response_model=Sante, responses=_reponses(413), tags=["service"], summary="Santé du service")
    async def sante() -> Sante:
        """Répond tant que le service est en marche."""
        return Sante(etat="bon", regles=regles)

    return routes


def _entete(found: out.Resultat) -> dict[str, Any]:
    return {
        "dossier": found.dossier,
        "date_octroi": found.date_octroi,
        "regles": found.regles,
        "avertissement": found.avertissement,
    }


def _plan(dossier: Dossier, found: out.Resultat) -> Plan:
    bases = {b.id: b for b in (*found.regimes, *found.dispositifs)}
    aides = []
    for aide in dossier.aides or ():
        base = bases.get(aide.base or "")
        aides.append(
            AidePlan.model_construct(
                id=aide.id,
                base=aide.base,
                verdict=base.verdict if base else None,
                montant_max_eur=base.montant_max_eur if base else None,
                alertes=tuple(dict.fromkeys(a.code for a in found.cumul.alertes if aide.id in a.aides)),
            )
        )
    graves = {a.gravite for a in found.cumul.alertes}
    return Plan.model_construct(
        **_entete(found),
        conforme=False if "bloquante" in graves else None if "attention" in graves else True,
        aides=tuple(aides),
        alertes=found.cumul.alertes,
        marges=found.cumul.marges,
        registres=found.cumul.registres,
        obligations=found.obligations,
        meilleur_plan=found.meilleur_plan,
    )


def _regimes(guichet: Guichet, jour: date) -> Regimes:
    loi = guichet.engine.at(jour).loi

    def liste(bases: Any) -> tuple[RegimeListe, ...]:  # noqa: ANN401 - regimes and schemes share their shape
        return tuple(
            RegimeListe(
                id=b.id,
                intitule=b.intitule,
                genre=b.genre,
                article=b.article,
                verifie_le=b.verifie_le,
                regimes_cadres=tuple(
                    out.RegimeCadre(sa=r.sa, intitule=r.intitule, confiance=r.confiance)
                    for r in loi.regimes_cadres
                    if b.id in r.regimes
                ),
                volets=tuple(v.intitule for v in b.volets if v.id != "seul"),
            )
            for b in bases
        )

    return Regimes(
        date=jour,
        regles=out.Regles(
            version=__version__,
            sha256=guichet.engine.book.empreinte,
            en_vigueur_du=loi.du,
            en_vigueur_au=loi.au,
        ),
        regimes=liste(loi.regimes),
        dispositifs=liste(loi.dispositifs),
    )
