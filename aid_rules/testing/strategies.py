"""Dossiers made at random, whole or partial, for tests: any date, any fact of the vocabulary, any cost line.

Half of them aim at one basis: the facts that it reads are set on either side of what it asks for, so that every verdict
and every threshold is met. The same seed makes the same dossiers. Needs Hypothesis (extra `test`) for `dossiers`.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import TYPE_CHECKING, Any

from aid_rules.amounts import MAX_CENTS
from aid_rules.dossier import Dossier
from aid_rules.language import tree as t
from aid_rules.language.vocabulary import FactDefinition

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

    from aid_rules.engine.moteur import Engine

PREMIER_JOUR, DERNIER_JOUR = date(2014, 7, 1), date(2026, 12, 31)

_MONTANTS = (0, 1, 99, 20_000_000, 30_000_000, 750_000_000, 5_000_000_000, 5_500_000_000, 100_000_000_000, MAX_CENTS)
_COMMUNES = ("76462", "75056", "59183", "97411", "2A004", "08105", "62193", "98818", "99999")
_BASES = ("de_minimis.general", "de_minimis.agricole", "rgec.17", "rgec.25", "")


class Generateur:
    """Makes dossiers for the rules of an engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self.vocabulaire = engine.book.vocabulaire
        self.libres = [f for f in self.vocabulaire.faits.values() if f.libre and f.type != "texte"]

    def serie(self, graine: int, nombre: int) -> Iterator[Dossier]:
        """Yield `nombre` dossiers from a seed."""
        rng = Random(graine)  # noqa: S311 - tests
        return (self.dossier(rng) for _ in range(nombre))

    def dossier(self, rng: Random) -> Dossier:
        """Return one dossier."""
        span = (DERNIER_JOUR - PREMIER_JOUR).days
        jour = PREMIER_JOUR + timedelta(days=rng.randint(0, span))
        if rng.random() < 0.1:  # noqa: PLR2004 - the days on which the law changes
            changes = [d for d in self.engine.book.changements if PREMIER_JOUR <= d <= DERNIER_JOUR]
            jour = max(rng.choice(changes) - timedelta(days=rng.randint(0, 1)), PREMIER_JOUR)
        return _Ebauche(self, rng, jour).finir()


class _Ebauche:
    """One dossier being made; `plein` is the share of what is told."""

    def __init__(self, maker: Generateur, rng: Random, jour: date) -> None:
        self.maker = maker
        self.rng = rng
        self.jour = jour
        self.listes = maker.vocabulaire.listes
        self.plein = rng.choice((0.0, 0.5, 0.9, 1.0))
        self.faits: dict[str, Any] = {}
        self.ailleurs: dict[str, Any] = {}
        self.finalites: tuple[str, ...] = ()

    def finir(self) -> Dossier:
        rng = self.rng
        if rng.random() < 0.6:  # noqa: PLR2004 - aims at a basis, or at nothing
            self._viser()
        share = rng.choice((0.0, 0.05, 0.5))
        for fact in self.maker.libres:
            if fact.nom not in self.faits and rng.random() < share:
                self.faits[fact.nom] = self._valeur(fact)
        raw: dict[str, Any] = {
            "date_octroi": self.jour,
            "mesure": self._mesure(),
            "beneficiaire": self._beneficiaire(),
            "projet": self._projet(),
        }
        if rng.random() < self.plein:
            raw["aides"] = [self._aide(i) for i in range(rng.randint(0, 2))]
        if rng.random() < self.plein:
            raw["de_minimis"] = [self._recue() for _ in range(rng.randint(0, 3))]
        for path, value in self.ailleurs.items():
            place = raw
            *steps, last = path.split(".")
            for step in steps:
                place = place.setdefault(step, {})
            place[last] = value
        listes = {name: dict.fromkeys(values, "") for name, values in self.listes.items()}
        return Dossier.model_validate(raw, context={"listes": listes})

    def _viser(self) -> None:
        loi = self.maker.engine.at(self.jour).loi
        regime = self.rng.choice((*loi.regimes, *loi.dispositifs))
        self.finalites = tuple(sorted(f for v in regime.volets for f in v.finalites or ()))
        rules = [*regime.conditions, *regime.plafonds, *regime.seuils]
        for v in regime.volets:
            rules += (*v.conditions, *v.assiette, *v.base, *v.majorations, *v.reductions, *v.plafonds_taux)
            rules += (*v.montant, *v.plafonds, *v.seuils)
        willing = self.rng.choice((0.7, 0.95, 1.0))
        conditions = {id(rule) for rule in regime.conditions}
        conditions |= {id(rule) for v in regime.volets for rule in v.conditions}
        for rule in rules:
            if rule.si is not None and self.rng.random() < max(self.plein, 0.5):
                self._repondre(rule.si, self.rng.random() < (willing if id(rule) in conditions else 0.5))
            for tree in (getattr(rule, "montant", None), getattr(rule, "taux", None)):
                for name in () if not isinstance(tree, t.Node) else t.facts_of(tree):
                    self._dire(name, None)

    def _repondre(self, node: t.Bool, vrai: bool) -> None:
        """Set the facts of a condition so that it holds, or does not."""
        match node:
            case t.EstVrai(fait):
                self._dire(fait, vrai)
            case t.Non(item):
                self._repondre(item, not vrai)
            case t.Tous(items) | t.UnDe(items):
                everything = isinstance(node, t.Tous) == vrai
                for item in items if everything else (self.rng.choice(items),):
                    self._repondre(item, vrai)
            case t.Dans(fait, valeurs):
                fact = self.maker.vocabulaire.faits[fait]
                values = [v for v in fact.valeurs if (v in valeurs) == vrai]
                self._dire(fait, self.rng.choice(values) if values else None)
            case t.Compare(_, t.Fait(nom), t.Nombre(valeur)):
                self._dire(nom, max(valeur + self.rng.choice((-1, 0, 0, 1)), 0))
            case _:
                for name in t.facts_of(node):
                    self._dire(name, None)

    def _dire(self, name: str, value: Any) -> None:  # noqa: ANN401 - depends on the fact
        fact = self.maker.vocabulaire.faits.get(name)
        if fact is None or name in self.faits:
            return
        if fact.libre and fact.type != "texte":
            if value is None:
                value = self._valeur(fact)
            elif fact.type == "date":
                value = date.fromordinal(min(max(value, 712_000), 766_000))
            elif fact.type == "montant":
                value = min(value, MAX_CENTS)
            self.faits[name] = value
        elif name == "beneficiaire.categorie" or (name == "projet.zone_afr" and value is not None):
            self.ailleurs[name] = value or self.rng.choice(list(fact.valeurs))
        elif not fact.derive and fact.type == "booleen" and value is not None:
            self.ailleurs[name] = value

    def _valeur(self, fact: FactDefinition) -> Any:  # noqa: ANN401 - depends on the fact
        rng = self.rng
        match fact.type:
            case "booleen":
                return rng.random() < 0.5  # noqa: PLR2004
            case "choix":
                return rng.choice(list(fact.valeurs))
            case "ensemble":
                return tuple(rng.sample(list(fact.valeurs), rng.randint(0, min(2, len(fact.valeurs)))))
            case "date":
                return self._jour()
            case "montant":
                return self._cents()
            case "pourcentage":
                return rng.choice((0, 1, 1_000, 2_500, 5_000, 7_999, 8_000, 10_000, rng.randint(0, 10_000), 10**11))
            case _:
                return rng.choice((0, 50, 100, 300, 500, 999, 1_000, 25_000, rng.randint(0, 60_000), 10**11))

    def _cents(self) -> int:
        rng = self.rng
        value = rng.choice((*_MONTANTS, rng.randint(0, 10**8), rng.randint(0, 10**11)))
        return min(max(value + rng.choice((-1, 0, 0, 1)), 0), MAX_CENTS)

    def _euros(self) -> Decimal:
        return Decimal(self._cents()).scaleb(-2)

    def _jour(self) -> date:
        rng = self.rng
        return self.jour + timedelta(days=rng.choice((-1, 0, 1, -365, rng.randint(-3000, 1500))))

    def _peut_etre(self, **fields: Any) -> dict[str, Any]:  # noqa: ANN401
        return {name: value for name, value in fields.items() if value is not None and self.rng.random() < self.plein}

    def _oui(self) -> bool:
        return self.rng.random() < 0.5  # noqa: PLR2004

    def _liste(self, name: str) -> str:
        return self.rng.choice(list(self.listes[name]))

    def _mesure(self) -> dict[str, Any]:
        return self._peut_etre(
            conditions_de_marche=self._oui(),
            mesure_generale=self._oui(),
            secteur_ouvert_concurrence=self._oui(),
            effet_purement_local=self._peut_etre(zone_locale=self._oui(), clientele_autres_etats=self._oui()),
            compensation_sieg=self._peut_etre(obligations_definies=self._oui(), parametres_prealables=self._oui()),
        )

    def _beneficiaire(self) -> dict[str, Any]:
        rng = self.rng
        year = self._peut_etre(
            clos_le=date(self.jour.year - 1, 12, 31),
            effectif_uta=Decimal(rng.choice((0, 999, 1000, 4999, 5000, 24_999, 25_000, 90_000))).scaleb(-2),
            chiffre_affaires_eur=self._euros(),
            total_bilan_eur=self._euros(),
        )
        economic = rng.random() < 0.8  # noqa: PLR2004
        found = self._peut_etre(
            activite_economique=economic,
            part_non_economique_pct=rng.choice((0, 20, 50, 99 if economic else 100)),
            categorie=self._liste("categorie"),
            secteurs=rng.sample(list(self.listes["secteur"]), rng.choice((0, 0, 1, 2))),
            injonction_recuperation=rng.random() < 0.1,  # noqa: PLR2004
            en_difficulte=rng.random() < 0.2,  # noqa: PLR2004
            notation=self._liste("notation"),
            situation_financiere=self._peut_etre(
                forme=self._liste("forme_responsabilite"),
                cree_le=self._jour(),
                capital_souscrit_eur=self._euros(),
                capitaux_propres_eur=self._euros(),
                procedure_collective=rng.random() < 0.1,  # noqa: PLR2004
                aide_sauvetage_en_cours=rng.random() < 0.1,  # noqa: PLR2004
            ),
        )
        if rng.random() < 0.4:  # noqa: PLR2004 - figures, or the category alone
            found["exercices"] = [year]
        return found

    def _projet(self) -> dict[str, Any]:
        rng = self.rng
        found = self._peut_etre(
            commune=rng.choice(_COMMUNES) if self._oui() else None,
            zone_afr=self._liste("zone_afr") if self._oui() else None,
            demande_aide_le=self._jour(),
            debut_travaux_le=self._jour(),
            fin_le=self._jour(),
        )
        if rng.random() < 0.95:  # noqa: PLR2004 - else the costs are unknown
            found["couts"] = [self._ligne(i) for i in range(rng.choice((0, 1, 1, 1, 2, 3, 6)))]
        return found | {"faits": self.faits}

    def _ligne(self, rank: int) -> dict[str, Any]:
        rng = self.rng
        purpose = rng.choice(self.finalites) if self.finalites and rng.random() < 0.8 else self._liste("finalite")  # noqa: PLR2004
        found: dict[str, Any] = {"id": f"ligne_{rank}"}
        if rng.random() < 0.9:  # noqa: PLR2004
            found["finalite"] = purpose
        if rng.random() < 0.9:  # noqa: PLR2004
            found["poste"] = self._liste("poste")
        if rng.random() < 0.9:  # noqa: PLR2004
            found["montant_eur"] = self._euros()
        return found

    def _aide(self, rank: int) -> dict[str, Any]:
        rng = self.rng
        return {"id": f"aide_{rank}"} | self._peut_etre(
            financeur=self._peut_etre(type=self._liste("financeur")),
            forme=self._liste("forme_aide") if self._oui() else "subvention",
            montant_eur=self._euros(),
            esb_eur=self._euros() if self._oui() else None,
            base=rng.choice(_BASES) or None,
            statut=self._liste("statut_aide"),
            octroyee_le=self._jour(),
        )

    def _recue(self) -> dict[str, Any]:
        return self._peut_etre(
            octroye_le=self._jour(), montant_eur=self._euros(), reglement=self._liste("reglement_de_minimis")
        )


def dossiers(engine: Engine) -> SearchStrategy[Dossier]:
    """Return the Hypothesis strategy of the dossiers that the generator makes."""
    from hypothesis import strategies as st  # noqa: PLC0415 - an extra that only tests install

    return st.builds(Generateur(engine).dossier, st.randoms(use_true_random=False))
