"""What the templates show: fields with their values, options and faults; the outline of a result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from aid_rules import assessment as out
from aid_rules.champs import read_day, read_siren
from aid_rules.engine.moteur import Engine
from aid_rules.faults import Fault
from aid_rules.report import libelles as mots
from aid_rules.report.questions import by_path
from aid_rules.web import chemins, saisie
from aid_rules.web.etapes import BLOCS_D_ETAPE, champ_de
from aid_rules.web.formulaire import Champ, Etape, Tableau
from aid_rules.web.recherche import RECHERCHES

MAX_BASES = 2
Option = tuple[str, str, str]
"""A value, its label, its help."""


@dataclass(frozen=True)
class Vue:
    """One field, ready to be shown."""

    champ: Champ
    id: str
    valeur: Any
    options: Sequence[Option]
    fautes: tuple[str, ...]
    cherche: str = ""
    trouves: Sequence[tuple[str, str]] = ()
    pour: str = ""

    @property
    def juste(self) -> str:
        """Return what confirms a SIREN number that stands its check, nothing for the rest."""
        known = self.champ.genre == "siren" and self.valeur and not self.fautes
        return "Numéro valide." if known and not siren(str(self.valeur)) else ""


@dataclass(frozen=True)
class VueLigne:
    """One row of a table."""

    index: int
    colonnes: tuple[tuple[Vue, ...], ...]


@dataclass(frozen=True)
class VueBloc:
    """One block of a step: a group of fields, or a table."""

    bloc: Any
    champs: tuple[Vue, ...] = ()
    lignes: tuple[VueLigne, ...] = ()
    aucun: bool = False


class Vues:
    """Builds what is shown from the vocabulary and from the law of the day."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.listes = engine.book.vocabulaire.listes
        self.faits = by_path(engine.book.vocabulaire)

    def etape(
        self,
        etape: Etape,
        data: dict[str, Any],
        fautes: Iterable[Fault] = (),
        ajoutees: Mapping[str, int] | None = None,
        recherches: Mapping[str, str] | None = None,
    ) -> list[VueBloc]:
        """Return the blocks of a step; `ajoutees` counts the empty rows to show after those of the dossier."""
        said = _par_chemin(fautes)
        more = ajoutees or {}
        found = []
        for bloc in etape.blocs:
            if isinstance(bloc, Tableau):
                found.append(self.tableau(bloc, data, said, more.get(bloc.chemin, 0)))
            else:
                vues = tuple(self.champ(c, data, said, recherches or {}) for c in bloc.champs)
                found.append(VueBloc(bloc, champs=vues))
        return found

    def tableau(self, bloc: Tableau, data: dict[str, Any], said: Mapping[str, list[str]], more: int) -> VueBloc:
        """Return a table with its rows; a table without any row shows an empty one, unless there is none to give."""
        rows = chemins.prendre(data, chemins.lire(bloc.chemin))
        known = rows if isinstance(rows, list) else []
        none_at_all = rows == []
        count = len(known) + more
        if count == 0 and not none_at_all:
            count = 1
        lines = []
        for index in range(count):
            prefix = f"{bloc.chemin}[{index}]"
            columns = tuple(
                tuple(self.champ(c.sous(prefix), data, said, {}) for c in colonne.champs) for colonne in bloc.colonnes
            )
            lines.append(VueLigne(index, columns))
        return VueBloc(bloc, lignes=tuple(lines), aucun=none_at_all)

    def questions(
        self,
        paths: Iterable[str],
        data: dict[str, Any],
        fautes: Iterable[Fault] = (),
        pour: Mapping[str, str] | None = None,
    ) -> list[Vue]:
        """Return the fields of a page of questions; `pour` says what each decides of."""
        said = _par_chemin(fautes)
        found = [self.champ(champ_de(p, self.faits.get(p)), data, said, {}) for p in paths]
        return [replace(vue, pour=(pour or {}).get(vue.champ.chemin, "")) for vue in found]

    def champs_de(self, paths: Iterable[str]) -> list[Champ]:
        """Return the fields that a page of questions reads."""
        return [champ_de(p, self.faits.get(p)) for p in paths]

    def champ(
        self, champ: Champ, data: dict[str, Any], said: Mapping[str, list[str]], recherches: Mapping[str, str]
    ) -> Vue:
        """Return one field."""
        raw = chemins.prendre(data, chemins.lire(champ.chemin))
        valeur = saisie.affichage(champ, raw)
        cherche = recherches.get(champ.chemin, "")
        trouves: list[tuple[str, str]] = []
        if champ.genre in RECHERCHES:
            chercher, nommer = RECHERCHES[champ.genre]
            trouves = chercher(cherche) if cherche else []
            if valeur and all(code != valeur for code, _ in trouves):
                trouves.insert(0, (valeur, nommer(valeur)))
        return Vue(
            champ,
            id_de(champ.chemin),
            valeur,
            self.options(champ, data),
            tuple(said.get(champ.chemin, ())),
            cherche,
            trouves,
        )

    def options(self, champ: Champ, data: dict[str, Any]) -> Sequence[Option]:
        """Return the values that a field admits."""
        if champ.valeurs:
            return champ.valeurs
        if champ.liste:
            values = [(key, v.libelle, v.aide) for key, v in self.listes[champ.liste].items()]
            return sorted(values, key=lambda v: v[1].lower()) if champ.liste == "finalite" else values
        if champ.genre == "base":
            return self.bases(data)
        if champ.genre == "lignes":
            rows = chemins.prendre(data, ("projet", "couts"))
            lines = [r for r in rows if isinstance(r, dict) and r.get("id")] if isinstance(rows, list) else []
            return [(str(r["id"]), str(r.get("intitule") or r["id"]), "") for r in lines]
        return ()

    def bases(self, data: dict[str, Any]) -> Sequence[Option]:
        """Return the bases in force on the day of the award."""
        try:
            day = read_day(data.get("date_octroi"))
        except ValueError:
            day = date.today()  # noqa: DTZ011 - the user's own day
        loi = self.engine.at(day).loi
        return [(b.id, f"{b.intitule} ({b.id})", "") for b in (*loi.regimes, *loi.dispositifs)]


def _par_chemin(fautes: Iterable[Fault]) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    for fault in fautes:
        said.setdefault(fault.path, []).append(fault.message)
    return said


def id_de(chemin: str) -> str:
    """Return the HTML identifier of a field."""
    return "c-" + "".join(c if c.isalnum() else "-" for c in chemin).strip("-")


def etape_de(chemin: str) -> str:
    """Return the step where a path is asked, nothing when it is asked among the questions."""
    for block, step in BLOCS_D_ETAPE.items():
        if chemin == block or chemin.startswith((f"{block}[", f"{block}.")):
            return step
    return ""


def a_poser(result: out.Resultat, deja: set[str], combien: int) -> list[str]:
    """Return the next questions, in the order of the result.

    Nothing more is asked when the funding is known not to be an aid, nor is what a whole block answers.
    """
    if result.qualification.conclusion == "pas_aide_etat":
        return []
    return [q.chemin for q in result.questions if q.chemin not in deja and not etape_de(q.chemin)][:combien]


def siren(texte: str) -> str:
    """Return what is wrong with a SIREN number, nothing when it is right."""
    try:
        read_siren(texte)
    except ValueError as error:
        return str(error)
    return ""


def enjeux(result: out.Resultat) -> dict[str, str]:
    """Return, by path, what each question decides of: State aid or not, or which bases."""
    criteres = {c.id for c in result.qualification.criteres}
    names = {b.id: b.intitule for b in (*result.regimes, *result.dispositifs)}
    found = {}
    for question in result.questions:
        if not criteres.isdisjoint(question.pour):
            found[question.chemin] = "Peut décider s'il y a aide d'État ou non."
            continue
        bases = [names[b] for b in question.pour if b in names]
        more = len(bases) - MAX_BASES
        rest = f" et {more} autre{'s' if more > 1 else ''}" if more > 0 else ""
        found[question.chemin] = f"Pour : {' ; '.join(bases[:MAX_BASES])}{rest}." if bases else ""
    return found


def a_completer(result: out.Resultat) -> list[tuple[str, str]]:
    """Return the steps whose blocks still lack something, with the question that says so."""
    found: dict[str, str] = {}
    for question in result.questions:
        step = BLOCS_D_ETAPE.get(question.chemin)
        if step:
            found.setdefault(step, question.question)
    return list(found.items())


def groupe(data: dict[str, Any]) -> dict[str, Any] | None:
    """Return the group as it is drawn: who holds, the undertaking, who is held."""
    links = chemins.prendre(data, ("beneficiaire", "liens"))
    if not isinstance(links, list):
        return None
    named = [link for link in links if isinstance(link, dict)]
    if not named:
        return None
    nom = chemins.prendre(data, ("beneficiaire", "nom")) or "L'entreprise"
    return {
        "nom": nom,
        "amont": [_noeud(link) for link in named if link.get("sens") == "amont"],
        "aval": [_noeud(link) for link in named if link.get("sens") == "aval"],
        "autres": [_noeud(link) for link in named if link.get("sens") not in ("amont", "aval")],
    }


def _noeud(link: dict[str, Any]) -> dict[str, Any]:
    share = link.get("droits_de_vote_pct") or link.get("capital_pct")
    below = link.get("liens")
    return {
        "nom": link.get("nom") or link.get("siren") or "Société sans nom",
        "part": f"{share} %" if share is not None else "",
        "nature": {"liee": "liée", "partenaire": "partenaire", "autonome": "autonome"}.get(str(link.get("nature")), ""),
        "liens": [_noeud(b) for b in below if isinstance(b, dict)] if isinstance(below, list) else [],
    }


def apercu(result: out.Resultat, couts: bool = True) -> dict[str, Any]:
    """Return the outline of a result: aid or not, the best bases, what blocks, what is missing.

    Without any cost line every basis is possible, and naming three would mislead.
    """
    conclusion = result.qualification.conclusion
    shown = couts and conclusion != "pas_aide_etat"
    live = sorted((b for b in result.regimes if b.examine and b.verdict != "non_mobilisable"), key=mots.ordre)
    return {
        "conclusion": mots.CONCLUSIONS[conclusion],
        "ton": mots.ton(conclusion),
        "conclue": conclusion == "pas_aide_etat",
        "bases": live[:3] if shown else [],
        "autres": max(len(live) - 3, 0) if shown else 0,
        "sans_couts": not couts and conclusion != "pas_aide_etat",
        "bloquantes": sum(a.gravite == "bloquante" for a in result.cumul.alertes),
        "questions": len(result.questions),
    }
