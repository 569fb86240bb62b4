"""Reads a folder of rulesets, checks it whole, and gives the rules with their digest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from aid_rules.champs import Booleen, Jour, Texte
from aid_rules.faults import Fault, FaultsError, nearest
from aid_rules.language import entries
from aid_rules.language import files as f
from aid_rules.language.positions import Document, read_file
from aid_rules.language.rulefiles import digest, rule_files
from aid_rules.language.validation import validate
from aid_rules.language.vocabulary import KINDS, STRUCTURAL, FactDefinition, Valeur, Vocabulary


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Valeur(_Model):
    libelle: Texte
    aide: Texte | None = None
    ref: entries.Refs | None = None
    texte: str | None = None


class _Fait(_Model):
    type: str
    libelle: Texte
    question: Texte
    ref: entries.Refs
    aide: Texte | None = None
    unite: str | None = None
    valeurs: dict[str, Texte] | None = None
    liste: str | None = None
    derive: Booleen = False
    intervalle: Booleen = False
    demander: tuple[str, ...] = ()
    questions: dict[str, Texte] = Field(default_factory=dict)
    appreciation: Booleen = False
    texte: str | None = None


class _Vocabulaire(_Model):
    genre: str
    id: str
    verifie_le: Jour | None = None
    intitule: Texte | None = None
    listes: dict[str, dict[str, _Valeur]] = Field(default_factory=dict)
    faits: dict[str, _Fait] = Field(default_factory=dict)


@dataclass(frozen=True)
class RuleSet:
    """Every rule of a folder, all dates together.

    `empreinte` is the SHA-256 of the files read; `documents` gives each file's positions, by identifier of what it
    declares.
    """

    vocabulaire: Vocabulary
    textes: Mapping[str, f.TexteLoi]
    regimes: Mapping[str, f.Regime]
    dispositifs: Mapping[str, f.Dispositif]
    communs: tuple[f.Commun, ...]
    criteres: tuple[f.Critere, ...]
    cumuls: tuple[f.Cumul, ...]
    regimes_cadres: tuple[f.RegimeCadre, ...]
    parametres: Mapping[str, tuple[str, f.Parametre]]
    empreinte: str
    documents: Mapping[str, Document] = field(default_factory=dict, compare=False, repr=False)

    def lois(self) -> Iterable[f.Base]:
        """Yield every file of law: regimes, schemes, common provisions, criteria, cumulation."""
        yield from self.criteres
        yield from self.communs
        yield from self.regimes.values()
        yield from self.dispositifs.values()
        yield from self.cumuls


def load(*folders: Path) -> RuleSet:
    """Read and check the rulesets of `folders`. Raises `FaultsError` with every fault of every file."""
    paths = rule_files(folders)
    faults: list[Fault] = []
    documents: dict[str, Document] = {}
    for name, path in paths.items():
        try:
            document = read_file(path)
        except FaultsError as error:
            faults += error.faults
            continue
        if not isinstance(document.data, dict) or not isinstance(document.data.get("genre"), str):
            faults.append(document.fault("un fichier de règles commence par « genre: » (regime, vocabulaire…)"))
            continue
        documents[name] = document
    vocabulary = _read_vocabulary([d for d in documents.values() if d.data["genre"] == "vocabulaire"], faults)
    models: list[tuple[Any, Document]] = []
    for document in documents.values():
        genre = document.data["genre"]
        if genre == "vocabulaire":
            continue
        if genre not in f.GENRES:
            faults.append(document.fault(f"genre « {genre} » inconnu{nearest(genre, f.GENRES)}", ("genre",)))
            continue
        try:
            models.append((validate(f.GENRES[genre], document, {"vocabulaire": vocabulary}), document))
        except FaultsError as error:
            faults += error.faults
    faults += _duplicates(models)
    if faults:
        raise FaultsError(faults)
    return _assemble(vocabulary, models, digest(paths))


def _duplicates(models: list[tuple[Any, Document]]) -> list[Fault]:
    seen: dict[str, Document] = {}
    faults = []
    for model, document in models:
        if model.id in seen:
            message = f"identifiant « {model.id} » déjà déclaré dans {seen[model.id].file}"
            faults.append(document.fault(message, ("id",)))
        seen[model.id] = document
    return faults


def _assemble(vocabulary: Vocabulary, models: list[tuple[Any, Document]], empreinte: str) -> RuleSet:
    def every(kind: type) -> list[Any]:
        return [model for model, _ in models if type(model) is kind]

    return RuleSet(
        vocabulaire=vocabulary,
        textes={texte.id: texte for book in every(f.Textes) for texte in book.textes},
        regimes={m.id: m for m in sorted(every(f.Regime), key=_article_order)},
        dispositifs={m.id: m for m in sorted(every(f.Dispositif), key=lambda m: (m.fiche or 999, m.id))},
        communs=tuple(sorted(every(f.Commun), key=_article_order)),
        criteres=tuple(sorted(every(f.Critere), key=lambda m: m.rang)),
        cumuls=tuple(sorted(every(f.Cumul), key=lambda m: m.id)),
        regimes_cadres=tuple(row for book in every(f.RegimesCadres) for row in book.regimes_cadres),
        parametres={
            f"{book.id}.{name}": (book.texte, parametre)
            for book in every(f.Parametres)
            for name, parametre in book.parametres.items()
        },
        empreinte=empreinte,
        documents={model.id: document for model, document in models},
    )


def _article_order(model: f.Base) -> tuple[str, int, str, str]:
    digits = "".join(c for c in model.article if c.isdigit())
    return (model.texte, int(digits) if digits else 0, model.article, model.id)


def _read_vocabulary(documents: list[Document], faults: list[Fault]) -> Vocabulary:
    listes: dict[str, dict[str, Valeur]] = {}
    books: list[tuple[_Vocabulaire, Document]] = []
    for document in documents:
        try:
            books.append((validate(_Vocabulaire, document, {}), document))
        except FaultsError as error:
            faults += error.faults
    for book, document in books:
        for name, values in book.listes.items():
            known = listes.setdefault(name, {})
            for key, value in values.items():
                if key in known:
                    faults.append(document.fault(f"valeur « {key} » déjà déclarée", ("listes", name, key)))
                known[key] = Valeur(value.libelle, value.aide or "")
    facts: dict[str, FactDefinition] = {}
    for book, document in books:
        for name, fact in book.faits.items():
            place = ("faits", name)
            if name in facts:
                faults.append(document.fault(f"fait « {name} » déjà déclaré dans {facts[name].fichier}", place))
                continue
            try:
                facts[name] = _fact(name, fact, listes, document)
            except ValueError as error:
                faults.append(document.fault(str(error), place))
    facts.update(_members(facts))
    return Vocabulary(facts, listes)


def _fact(name: str, fact: _Fait, listes: Mapping[str, Mapping[str, Valeur]], document: Document) -> FactDefinition:
    if fact.type not in KINDS:
        raise ValueError(f"type « {fact.type} » inconnu{nearest(fact.type, KINDS)} ; types admis : {', '.join(KINDS)}")
    if "." in name and not fact.derive and not name.startswith(STRUCTURAL):
        raise ValueError("un fait libre a un nom sans point : il se range sous projet.faits")
    values: Mapping[str, Valeur] = {key: Valeur(label) for key, label in (fact.valeurs or {}).items()}
    if fact.liste is not None:
        if fact.liste not in listes:
            raise ValueError(f"liste « {fact.liste} » inconnue{nearest(fact.liste, listes)}")
        values = listes[fact.liste]
    if fact.type in ("choix", "ensemble") and len(values) < 2:  # noqa: PLR2004
        raise ValueError("un choix a au moins deux valeurs (« valeurs: » ou « liste: »)")
    if fact.type not in ("choix", "ensemble") and values:
        raise ValueError(f"un fait de type {fact.type} n'a pas de valeurs")
    line = document.positions.get(("faits", name), (0, 0))[0]
    return FactDefinition(
        nom=name,
        type=fact.type,
        libelle=fact.libelle,
        question=fact.question,
        ref=tuple(ref if ":" in ref or not fact.texte else f"{fact.texte}:{ref}" for ref in fact.ref),
        aide=fact.aide or "",
        unite=fact.unite or "",
        valeurs=values,
        liste=fact.liste or "",
        derive=fact.derive,
        intervalle=fact.intervalle,
        demander=fact.demander,
        questions=fact.questions,
        appreciation=fact.appreciation,
        fichier=document.file,
        ligne=line,
    )


def _members(facts: Mapping[str, FactDefinition]) -> dict[str, FactDefinition]:
    """Return one derived boolean per member of each set: what `contient` reads."""
    found = {}
    for fact in facts.values():
        if fact.type != "ensemble":
            continue
        for key, value in fact.valeurs.items():
            name = f"{fact.nom}.{key}"
            found[name] = FactDefinition(
                nom=name,
                type="booleen",
                libelle=f"{fact.libelle} : {value.libelle}",
                question=fact.question,
                ref=fact.ref,
                aide=fact.aide,
                derive=True,
                demander=fact.demander or (fact.chemin,),
                fichier=fact.fichier,
                ligne=fact.ligne,
            )
    return found
