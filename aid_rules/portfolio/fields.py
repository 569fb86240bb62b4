"""The places of a dossier that a column may fill: their path, their kind, how a cell of theirs is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Any

from pydantic import TypeAdapter, ValidationError

from aid_rules.accents import sans_accents
from aid_rules.dossier import Dossier
from aid_rules.faults import nearest
from aid_rules.language.champs_dossier import champ, nature
from aid_rules.language.reading import exact_fact
from aid_rules.language.vocabulary import Vocabulary

FAITS = "projet.faits."
IDENTIFIANT = "identifiant"
"""Pseudo-place: the user's own key of a row, carried to every output."""

_MEME_BASE = 0.8
"""Likeness of a base misspelt: « de minimis » is no more one of its regulations than another."""

_STEP = re.compile(r"([A-Za-z_0-9]+)((?:\[\d{1,3}\])*)")


@dataclass(frozen=True, eq=False)
class Place:
    """A place of the dossier: `etapes` are the names that the code reads, with the ranks in lists.

    `lire` gives the exact value of a cell (cents, basis points, hundredths, date…) or raises `ValueError`, in French.
    """

    chemin: str
    etapes: tuple[str | int, ...]
    nature: str
    lire: Callable[[Any], Any]


def plier(value: object, names: Container[str]) -> object:
    """Bring what is written of a value of a closed list to its name: capitals, accents, spaces and dashes.

    What is no name once so written is left as it stands, to be refused: nothing is guessed.
    """
    if isinstance(value, list):
        return [plier(one, names) for one in value]
    if not isinstance(value, str):
        return value
    plain = sans_accents(value.strip().casefold(), "NFD")  # « ª » is not « a »
    plain = re.sub(r"[\s\-'’]+", "_", plain)  # nothing is dropped at the ends: « A- » is not « A »
    return plain if plain in names else value


def etapes(chemin: str) -> tuple[str | int, ...]:
    """Cut a path into names and ranks: `projet.couts[2].poste`. Raises `ValueError`, in French."""
    found: list[str | int] = []
    for part in chemin.split("."):
        match = _STEP.fullmatch(part)
        if match is None:
            raise ValueError(f"« {chemin} » n'est pas un chemin du dossier (exemple : projet.couts[0].montant_eur)")
        found += [match[1], *(int(rank) for rank in re.findall(r"\d+", match[2]))]
    return tuple(found)


class Places:
    """Finds the places of a dossier, for one vocabulary; `bases` are the legal bases that an aid may name."""

    def __init__(self, vocabulaire: Vocabulary, bases: tuple[str, ...] = ()) -> None:
        self.vocabulaire = vocabulaire
        self.bases = frozenset(bases)
        self.context = {"listes": vocabulaire.libelles()}
        self._known: dict[str, Place] = {}

    def trouver(self, chemin: str) -> Place:
        """Return the place at a path. Raises `ValueError`, in French, with the nearest known path."""
        if chemin not in self._known:
            self._known[chemin] = self._fait(chemin) if chemin.startswith(FAITS) else self._champ(chemin)
        return self._known[chemin]

    def _fait(self, chemin: str) -> Place:
        name = chemin.removeprefix(FAITS)
        fact = self.vocabulaire.faits.get(name)
        if fact is None or not fact.libre:
            known = [n for n, f in self.vocabulaire.faits.items() if f.libre]
            where = f" : il se dit sous « {fact.chemin} »" if fact else nearest(name, known)
            raise ValueError(f"fait « {name} » inconnu sous projet.faits{where}")
        steps = ("projet", "faits", name)
        return Place(chemin, steps, fact.type, lambda value: exact_fact(fact, plier(value, fact.valeurs)))

    def _champ(self, chemin: str) -> Place:
        steps = etapes(chemin)
        names = [s for s in steps if isinstance(s, str)]
        field = champ(names, public=True)
        kind, liste = nature(field) if field is not None else ("bloc", "")
        if field is None or kind == "bloc":
            raise ValueError(f"« {chemin} » n'est pas une donnée du dossier{nearest(chemin, self.connus())}")
        known = self.vocabulaire.listes.get(liste, {})
        adapter: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())

        def read(value: object) -> object:
            try:
                found = adapter.validate_python(plier(value, known), context=self.context)
            except ValidationError as error:
                detail = error.errors(include_url=False)[0]
                raise ValueError(str(detail.get("ctx", {}).get("error", "valeur non admise"))) from None
            if names[-2:] == ["aides", "base"] and self.bases and found not in self.bases:
                near = nearest(str(found), self.bases, _MEME_BASE) or " ; « aid-rules regles lister » les donne"
                raise ValueError(f"base « {found} » inconnue{near}")
            return found

        kind = "ensemble" if "tuple" in str(field.annotation) else kind
        return Place(chemin, internes(steps), kind, read)

    def connus(self) -> list[str]:
        """Return the usual paths, the first rank of each list written `[0]`."""
        facts = (f"{FAITS}{name}" for name, fact in self.vocabulaire.faits.items() if fact.libre)
        return [IDENTIFIANT, *chemins(), *facts]


def internes(steps: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Return the steps with the names that the code reads (`montant` for `montant_eur`)."""
    found: list[str | int] = []
    names: list[str] = []
    for step in steps:
        if isinstance(step, int):
            found.append(step)
            continue
        names.append(step)
        model = _model(names[:-1])
        inner = next((n for n, f in model.model_fields.items() if (f.alias or n) == step), step)
        found.append(inner)
    return tuple(found)


def _model(names: list[str]) -> Any:  # noqa: ANN401 - a pydantic model class
    model: Any = Dossier
    for name in names:
        field = next(f for n, f in model.model_fields.items() if (f.alias or n) == name)
        model = modele(field.annotation)
    return model


@cache
def modele(annotation: Any) -> Any:  # noqa: ANN401 - an annotation; a model class or None
    """Return the dossier model inside an annotation, None when there is none."""
    if hasattr(annotation, "model_fields"):
        return annotation
    found = (modele(part) for part in getattr(annotation, "__args__", ()))
    return next((model for model in found if model is not None), None)


def chemins(model: Any = Dossier, prefix: str = "", depth: int = 0) -> Iterator[str]:  # noqa: ANN401
    """Yield every path of the dossier model, first rank of each list, links of links left out."""
    for name, field in model.model_fields.items():
        here = f"{prefix}{field.alias or name}"
        inner = modele(field.annotation)
        if here == "projet.faits":
            continue
        if inner is None:
            if nature(field)[0] != "bloc":
                yield here
            continue
        several = "tuple" in str(field.annotation)
        if inner is model or depth > 4:  # noqa: PLR2004 - a link inside a link
            continue
        yield from chemins(inner, f"{here}[0]." if several else f"{here}.", depth + 1)


def construire(valeurs: Mapping[tuple[str | int, ...], Any]) -> Dossier:
    """Build a dossier from exact values already read, each at its place; empty items of lists are left out.

    Cost lines and aids without identifier are named by their rank.
    """
    tree: dict[str | int, Any] = {}
    for steps, value in valeurs.items():
        node = tree
        for step in steps[:-1]:
            node = node.setdefault(step, {})
        node[steps[-1]] = value
    built: Dossier = _construire(Dossier, tree)
    return built


_PREFIXES = {"couts": "cout", "aides": "aide"}


def completer(donnees: Mapping[str, Any], constantes: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a whole dossier (raw) with what holds for all, by path, wherever it says nothing itself.

    A list that it tells is its own: constants fill its items, and add none.
    """
    if not constantes:
        return donnees
    told = deepcopy(dict(donnees))
    made: set[int] = set()
    for chemin, value in constantes.items():
        steps = etapes(chemin)
        node: Any = told
        for rank, (step, following) in enumerate(pairwise(steps)):
            node = _entrer(node, step, str(steps[rank - 1]), isinstance(following, int), made)
        if isinstance(node, dict) and node.get(steps[-1]) is None:
            node[steps[-1]] = value
    return told


def _entrer(node: Any, step: str | int, nom: str, liste: bool, made: set[int]) -> Any:  # noqa: ANN401
    """Return what stands under a step, made when nothing does; None when it cannot hold anything.

    `nom` is the step before: a list's name.
    """
    if isinstance(step, int):
        if not isinstance(node, list):
            return None
        if step >= len(node) and id(node) in made:
            prefix = _PREFIXES.get(nom)
            node.append({"id": f"{prefix}{step + 1}"} if prefix else {})
            step = len(node) - 1
        return node[step] if step < len(node) else None
    if not isinstance(node, dict):
        return None
    if node.get(step) is None:
        node[step] = [] if liste else {}
        made.add(id(node[step]))
    return node[step]


def _construire(model: Any, tree: Mapping[str | int, Any]) -> Any:  # noqa: ANN401
    values: dict[str, Any] = {}
    for name, value in tree.items():
        inner = modele(model.model_fields[name].annotation)
        if inner is None or not isinstance(value, dict):
            values[str(name)] = value
        elif all(isinstance(key, int) for key in value):
            prefix = _PREFIXES.get(str(name))
            items = []
            for rank in sorted(value):
                item = value[rank]
                items.append(
                    _construire(inner, item if "id" in item or not prefix else {"id": f"{prefix}{rank + 1}", **item})
                )
            values[str(name)] = tuple(items)
        else:
            values[str(name)] = _construire(inner, value)
    return _instance(model, values)


def _instance(model: Any, values: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return what `model_construct` would, several times faster: the defaults of a model are worked out once."""
    built = model.__new__(model)
    defaults, blocs = _defauts(model)
    object.__setattr__(built, "__dict__", {**defaults, **{name: {} for name in blocs}, **values})
    object.__setattr__(built, "__pydantic_fields_set__", set(values))
    object.__setattr__(built, "__pydantic_extra__", None)
    object.__setattr__(built, "__pydantic_private__", None)
    return built


@cache
def _defauts(model: Any) -> tuple[Mapping[str, Any], tuple[str, ...]]:  # noqa: ANN401
    """Return the defaults of a model, and the names of those that are a block of its own for each."""
    found = dict(model.model_construct().__dict__)
    return found, tuple(name for name, value in found.items() if isinstance(value, dict))
