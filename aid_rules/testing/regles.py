"""Hypothesis strategies of rules: legal bases of any shape, over the facts of a vocabulary, as a file holds them.

`regimes(engine)` draws plain data, which shrinks and prints as YAML; `moteur_de(engine, data)` gives an engine whose
law is that basis, and the common provisions of `engine`. Needs Hypothesis (extra `test`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any

from hypothesis import strategies as st

from aid_rules.engine.moteur import Engine
from aid_rules.language.files import Regime
from aid_rules.language.positions import Document
from aid_rules.language.validation import validate
from aid_rules.testing.banc import Banc
from aid_rules.testing.ecriture import Donnees

ID = "rgec.essai"
DEBUT, FIN = date(2014, 7, 1), date(2026, 12, 31)

_BOOLEENS = 6
_QUANTITES = 3
_FINALITES = ("investissement_initial", "recherche_industrielle", "formation_demandeurs_emploi", "conseil_pme")
_POSTES = ("actifs_corporels", "personnel", "conseil_externe")
_OPERATEURS = ("=", "!=", "<", "<=", ">", ">=")
_runs = count()


class Mots:
    """The facts that random rules read: a few of each kind, the same for an engine, so that dossiers meet them."""

    def __init__(self, engine: Engine) -> None:
        facts = engine.book.vocabulaire.faits
        free = [f for f in facts.values() if f.libre]
        self.booleens = [f.nom for f in free if f.type == "booleen"][:_BOOLEENS]
        self.choix = {n: list(facts[n].valeurs) for n in ("beneficiaire.categorie", "projet.zone_afr")}
        self.choix |= {f.nom: list(f.valeurs) for f in free if f.type == "choix"}
        self.choix = dict(list(self.choix.items())[:4])
        self.montants = [f.nom for f in free if f.type == "montant"][:_QUANTITES]
        self.taux = [f.nom for f in free if f.type == "pourcentage"][:_QUANTITES]
        self.dates = ["date_octroi", "projet.debut_travaux_le", *(f.nom for f in free if f.type == "date")][:_QUANTITES]
        self.nombres = [(f.nom, f.unite) for f in free if f.type == "nombre" and f.unite in {"", "an", "ans"}][:2]


def expressions(mots: Mots) -> st.SearchStrategy[str]:
    """Conditions, written as in a rule file."""
    numbers = st.integers(0, 400)
    operators = st.sampled_from(_OPERATEURS)
    plain = st.sampled_from(mots.booleens)
    options = [
        plain,
        plain.map(lambda name: f"non {name}"),
        st.builds(lambda one, word, other: f"{one} {word} {other}", plain, st.sampled_from(("et", "ou")), plain),
        st.builds(
            lambda a, b, c: f"{a} et ({b} ou non {c})", plain, plain, plain
        ),
        st.sampled_from(sorted(mots.choix)).flatmap(lambda name: _choix(name, mots.choix[name])),
        st.builds(lambda n, o, v: f"{n} {o} {v} %", st.sampled_from(mots.taux), operators, st.integers(0, 100)),
        st.builds(lambda n, o, v: f"{n} {o} {v}000 EUR", st.sampled_from(mots.montants), operators, numbers),
        st.builds(lambda o, q: f"couts {o} {q}", operators, quantites(mots)),
        st.builds(
            lambda n, o, m, u: f"{n} {o} date_octroi - {m} {u}",
            st.sampled_from(mots.dates[1:]), st.sampled_from(("<", "<=", ">", ">=")), st.integers(1, 60),
            st.sampled_from(("mois", "semaines", "jours ouvrables")),
        ),
    ]  # fmt: skip
    if mots.nombres:
        options.append(
            st.builds(lambda n, o, v: f"{n[0]} {o} {v}", st.sampled_from(mots.nombres), operators, st.integers(0, 20))
        )
    return st.one_of(options)


def _choix(name: str, values: list[str]) -> st.SearchStrategy[str]:
    some = st.lists(st.sampled_from(values), min_size=1, max_size=len(values) - 1, unique=True)
    return st.builds(
        lambda word, picked: f"{name} {word} [{', '.join(picked)}]", st.sampled_from(("dans", "hors")), some
    )


def quantites(mots: Mots) -> st.SearchStrategy[str]:
    """Amounts, written as in a rule file."""
    literal = st.integers(0, 60).map(lambda n: f"{n}00000 EUR")
    fact = st.sampled_from([*mots.montants, "couts", "couts.personnel", "couts_totaux"])
    one = literal | fact
    return st.one_of(
        one,
        st.builds(lambda rate, base: f"{rate} % de {base}", st.integers(1, 100), one),
        st.builds(lambda rate, base: f"{rate} de {base}", st.sampled_from(mots.taux), one),
        st.builds(lambda times, base: f"{times} * {base}", st.integers(1, 4), one),
        st.builds(lambda a, sign, b: f"{a} {sign} {b}", one, st.sampled_from("+-"), one),
        st.builds(lambda name, a, b: f"{name}({a}, {b})", st.sampled_from(("min", "max")), one, one),
    )


def blocs(mots: Mots) -> st.SearchStrategy[Any]:
    """What may stand under `si:`: a text, or lists of texts nested once."""
    texts = expressions(mots)
    lists = st.lists(texts, min_size=1, max_size=3)
    inner = texts | st.sampled_from(("tous", "un_de", "aucun")).flatmap(lambda key: lists.map(lambda v: {key: v}))
    return texts | st.sampled_from(("tous", "un_de", "aucun")).flatmap(
        lambda key: st.lists(inner, min_size=1, max_size=3).map(lambda v: {key: v})
    )


@st.composite
def regimes(draw: Callable[[st.SearchStrategy[Any]], Any], engine: Engine) -> Donnees:
    """A legal basis: conditions, costs, rates, bonuses, reductions, caps and thresholds, dated; with volets or not."""
    mots = Mots(engine)
    names = (f"e{n}" for n in count())
    known = blocs(mots)

    def item(optional: bool = True, **rest: Any) -> dict[str, Any]:  # noqa: ANN401 - any YAML value
        made = {"id": next(names), **rest, "ref": "1"}
        if not optional or draw(st.booleans()):
            made["si"] = draw(known)
        if not draw(st.integers(0, 4)):
            made[draw(st.sampled_from(("du", "au")))] = draw(st.dates(DEBUT + timedelta(1), FIN)).isoformat()
        return made

    def several(most: int, make: Callable[[], dict[str, Any]]) -> list[dict[str, Any]]:
        return [make() for _ in range(draw(st.integers(0, most)))]

    def rate() -> dict[str, Any]:
        return {"taux": draw(st.integers(1, 100) | st.sampled_from(mots.taux))}

    def amount() -> dict[str, Any]:
        made: dict[str, Any] = draw(
            st.integers(1, 50).map(lambda n: {"montant_eur": n * 100_000})
            | quantites(mots).map(lambda text: {"montant": text})
        )
        return made

    def bonus() -> dict[str, Any]:
        group = draw(st.sampled_from(({}, {"groupe": "g"})))
        late = draw(st.sampled_from(({}, {"apres_reduction": "oui"})))
        return item(points=draw(st.integers(1, 40)), **group, **late)

    def threshold() -> dict[str, Any]:
        return item(**amount(), grandeur=draw(st.sampled_from(("aide", "couts", "couts_totaux"))))

    def factor(names: tuple[str, ...]) -> dict[str, Any]:
        texts = st.sampled_from(mots.taux).flatmap(lambda name: st.sampled_from((name, f"100 % - {name}")))
        if mots.nombres:
            quotients = st.tuples(st.sampled_from(mots.nombres), st.integers(1, 9), st.integers(1, 9))
            texts |= quotients.map(lambda q: f"{q[1]} / max({q[2]}, {q[0][0]})")
        shares = st.integers(1, 300).map(lambda n: {"facteur_pct": n})
        return item(sur=draw(_some(names)), **draw(shares | texts.map(lambda text: {"facteur": text})))

    def multiplied(made: dict[str, Any]) -> dict[str, Any]:
        """Put factors beside the lists that they may name."""
        names = tuple(key for key in ("montant", "plafonds", "seuil_notification") if made.get(key))
        return made | {"facteurs": several(2, lambda: factor(names))} if names else made

    def body() -> dict[str, Any]:
        made: dict[str, Any] = {
            "conditions": several(3, lambda: item(optional=False)),
            "assiette": {
                "postes": several(1, lambda: {"valeurs": draw(_some(_POSTES)), "ref": "1"}),
                "montant": several(2, lambda: item(**amount())),
            },
            "plafonds": several(2, lambda: item(**amount())),
            "seuil_notification": several(2, threshold),
        }
        if draw(st.booleans()):
            made["intensite"] = {
                "base": several(3, lambda: item(**rate())),
                "majorations": several(3, bonus),
                "reductions": several(1, lambda: item(facteur_pct=draw(st.integers(1, 99)))),
                "plafonds": several(2, lambda: item(**rate())),
            }
        else:
            made["montant"] = several(3, lambda: item(**amount()))
        return multiplied(made)

    made = {
        "id": ID, "genre": "regime", "intitule": "Essai", "texte": "rgec", "article": "1", "verifie_le": "2026-11-23",
        "famille": draw(st.sampled_from(("pme", "rdi"))), "finalites": draw(_some(_FINALITES)),
    }  # fmt: skip
    made |= body()
    if draw(st.booleans()):
        made.pop("montant", None)
        for rule in made.get("facteurs", ()):
            rule["sur"] = [name for name in rule["sur"] if name != "montant"] or ["seuil_notification"]
        parts = [body() | {"id": f"v{n}", "intitule": "Volet"} for n in range(draw(st.integers(1, 3)))]
        for part in parts:
            if draw(st.booleans()):
                part["finalites"] = draw(_some(_FINALITES))
            if draw(st.booleans()):
                del part["assiette"]
        made["volets"] = parts
    return Donnees(made)


def _some(values: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True)


def moteur_de(engine: Engine, data: Donnees) -> Engine:
    """Return an engine whose only legal basis is the one given. Raises `FaultsError`."""
    rules = engine.library.rules
    document = Document(dict(data), {(): (1, 1)}, "essai.yaml")
    law = validate(Regime, document, {"vocabulaire": rules.vocabulaire})
    assert isinstance(law, Regime)
    only = replace(
        rules,
        regimes={law.id: law},
        dispositifs={},
        documents={**rules.documents, law.id: document},
    )
    return Banc(engine, only, f"essai:{next(_runs)}")
