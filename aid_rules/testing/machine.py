"""A dossier being filled, corrected and emptied, as a user does it: a Hypothesis state machine.

At each step the dossier is read and evaluated; what it concludes depends on what it says now, never on the way there,
and a fact once settled by what is known stays settled while only more is said.
"""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from aid_rules.engine.moteur import Engine
from aid_rules.language.reading import dossier_of
from aid_rules.language.tree import INCONNU
from aid_rules.testing.ecriture import Donnees
from aid_rules.testing.favorables import sain
from aid_rules.testing.parties import jours, montants, valeurs
from aid_rules.testing.proprietes import Constat, Contradiction, constats
from aid_rules.testing.transformations import feuilles, poser

EFFACABLES = ("mesure", "beneficiaire", "projet")


def machine(engine: Engine) -> type[RuleBasedStateMachine]:
    """Return the state machine of a dossier for the rules of an engine."""
    vocabulary = engine.book.vocabulaire
    free = tuple(sorted(f.nom for f in vocabulary.faits.values() if f.libre))
    lists = vocabulary.listes

    class DossierEnCours(RuleBasedStateMachine):
        """Says, corrects, takes back; then compares with the same dossier written at once."""

        @initialize(jour=jours(engine), plein=st.booleans())
        def ouvrir(self, jour: Any, plein: bool) -> None:  # noqa: ANN401 - drawn
            self.data = Donnees(date_octroi=jour, **(sain(jour) if plein else {}))
            known = {n for n in free if n in vocabulary.faits}
            facts = self.data.get("projet", {}).get("faits", {})
            if facts:
                self.data["projet"]["faits"] = {n: v for n, v in facts.items() if n in known}
            self.avant: dict[str, Constat] | None = None

        @rule(data=st.data(), nom=st.sampled_from(free))
        def dire(self, data: st.DataObject, nom: str) -> None:
            """Say a fact, or correct it."""
            fact = vocabulary.faits[nom]
            facts = self.data.setdefault("projet", {}).setdefault("faits", {})
            fresh = nom not in facts
            before = self.conclure() if fresh else None
            facts[nom] = data.draw(valeurs(fact, self.data["date_octroi"]))
            self.avant = before

        @rule(categorie=st.sampled_from(list(lists["categorie"])))
        def dire_categorie(self, categorie: str) -> None:
            """State the category."""
            poser(self.data, "beneficiaire.categorie", categorie)
            self.avant = None

        @rule(
            finalite=st.sampled_from(list(lists["finalite"])),
            poste=st.sampled_from(list(lists["poste"])),
            montant=montants(),
        )
        def ajouter_un_cout(self, finalite: str, poste: str, montant: Any) -> None:  # noqa: ANN401 - drawn
            """Add a cost line."""
            costs = self.data.setdefault("projet", {}).setdefault("couts", [])
            costs.append({"id": f"cout{len(costs)}", "finalite": finalite, "poste": poste, "montant_eur": montant})
            self.avant = None

        @precondition(lambda self: any(p[0] in EFFACABLES and p[-1] != "id" for p in feuilles(self.data)))
        @rule(data=st.data())
        def effacer(self, data: st.DataObject) -> None:
            """Take back something said."""
            paths = [p for p in feuilles(self.data) if p[0] in EFFACABLES and p[-1] != "id"]
            path = data.draw(st.sampled_from(paths))
            place: Any = self.data
            for step in path[:-1]:
                place = place[step]
            del place[path[-1]]
            self.avant = None

        @rule()
        def vider(self) -> None:
            """Start again."""
            self.data = Donnees(date_octroi=self.data["date_octroi"])
            self.avant = None

        def conclure(self) -> dict[str, Constat]:
            return constats(engine.evaluate(dossier_of(self.data, vocabulary, engine.book.bases)))

        @invariant()
        def tient(self) -> None:
            """What was settled is not unsettled, nor reversed, by saying one thing more."""
            if not hasattr(self, "data"):
                return
            now = self.conclure()
            if self.avant is None:
                return
            for name, old in self.avant.items():
                if old.verdict not in (INCONNU, now[name].verdict):
                    raise Contradiction(f"{name} : tranché, puis renversé en disant un fait de plus", self.data)

    return DossierEnCours
