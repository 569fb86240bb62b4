"""From a dossier to what the evaluator reads: stated facts, facts computed by `aid_rules.law`, cost lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from operator import attrgetter
from pathlib import Path
from typing import Any, NamedTuple

from aid_rules.amounts import BP_PER_UNIT
from aid_rules.dossier import Dossier
from aid_rules.engine import faits_aides
from aid_rules.engine.environnement import Ligne, Lignes, Slots
from aid_rules.engine.intervalles import UNKNOWN, Interval
from aid_rules.language.slices import LoiDuJour
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.language.vocabulary import STRUCTURAL, FactDefinition
from aid_rules.law import de_minimis
from aid_rules.law.difficulte import Difficulte, apprecier
from aid_rules.law.pme import Categorisation, categoriser
from aid_rules.law.secteurs import Secteurs, secteurs
from aid_rules.law.territoire import SituationAfr, situation_afr


class Faits(NamedTuple):
    """What the evaluator reads, and the computations behind it."""

    env: list[Any]
    lignes: Lignes
    categorie: Categorisation
    difficulte: Difficulte
    secteurs: Secteurs
    afr: SituationAfr
    esb: dict[str, Interval]


def verite(value: bool | None) -> int:
    """Return the truth value of an answer; None is unknown."""
    return INCONNU if value is None else VRAI if value else FAUX


class Reader:
    """Fills the list of facts of a dossier, for one law of the day."""

    def __init__(self, slots: Slots, loi: LoiDuJour, donnees: Path, autre_jour: faits_aides.ParametresAu) -> None:
        """`autre_jour` gives the parameters of a day out of the period of `loi`: that of an aid already granted."""
        self.slots = slots
        self.loi = loi
        self.donnees = donnees
        self.autre_jour = autre_jour
        self.structural = [
            (slots.index[fact.nom], fact, attrgetter(fact.nom))
            for fact in slots.facts.values()
            if fact.nom.startswith(STRUCTURAL) and not fact.derive
        ]
        self.windows = {
            f"de_minimis.recu_{regime.id.partition('.')[2]}": regime.de_minimis[0]  # its ceilings share their window
            for regime in loi.regimes
            if regime.de_minimis
        }

    def read(self, dossier: Dossier) -> Faits:
        """Return the facts of `dossier`; what it does not say stays unknown."""
        env = list(self.slots.blank)
        jour = dossier.date_octroi
        env[0] = jour.toordinal()
        for index, fact, stated in self.structural:
            value = stated(dossier)
            if value is not None:
                env[index] = _exact(fact, value)
        for name, value in dossier.projet.faits.items():
            fact = self.slots.facts[name]
            if fact.type == "ensemble":
                self._set(env, fact, frozenset(value), frozenset(value))
            else:
                env[self.slots.index[name]] = _exact(fact, value)
        lignes = lines_of(dossier)
        categorie = categoriser(dossier.beneficiaire, jour, self.loi.parametres)
        beneficiaire = dossier.beneficiaire
        difficulte = apprecier(
            beneficiaire.situation_financiere,
            categorie.est_pme,
            jour,
            self.loi.parametres,
            beneficiaire.en_difficulte,
        )
        activite = secteurs(beneficiaire, jour, self.donnees)
        afr = situation_afr(self.donnees, dossier.projet.commune, dossier.projet.zone_afr, jour)
        put = self._putter(env)
        facts = self.slots.facts
        if beneficiaire.part_non_economique_pct is None and beneficiaire.activite_economique is not None:
            # a plain yes or no is about the whole activity
            put("beneficiaire.part_non_economique_pct", 0 if beneficiaire.activite_economique else BP_PER_UNIT)
        put("beneficiaire.categorie", sum(facts["beneficiaire.categorie"].bit(c) for c in categorie.retenues))
        put("beneficiaire.en_difficulte", difficulte.etat)
        put("beneficiaire.en_difficulte_financement_risques", difficulte.etat_financement_risques)
        if activite.connus:
            self._set(env, facts["beneficiaire.secteurs"], activite.certains, activite.possibles)
            for name, known in activite.faits.items():
                if name in facts and name not in dossier.projet.faits:
                    put(name, known)
        put("projet.zone_afr", sum(facts["projet.zone_afr"].bit(z) for z in afr.zones_possibles))
        put("projet.rup", verite(afr.territoire.rup))
        for size in ("petite", "moyenne", "grande"):
            put(f"afr.taux_{size}", _afr_rate(afr, size))
        put("couts_totaux", lignes.choisir(None, None).total)
        found = Faits(env, lignes, categorie, difficulte, activite, afr, {})
        return found._replace(esb=self._aides(env, dossier, found))

    def relire(self, faits: Faits, dossier: Dossier) -> Faits:
        """Return the facts of the dossier of `faits`, on the same day, with the aids of `dossier` instead."""
        env = list(faits.env)
        return faits._replace(env=env, esb=self._aides(env, dossier, faits))

    def parametres_au(self, jour: date) -> Mapping[str, int]:
        """Return the parameters in force on `jour`."""
        return self.loi.parametres if self.loi.du <= jour <= self.loi.au else self.autre_jour(jour)

    def _aides(self, env: list[Any], dossier: Dossier, faits: Faits) -> dict[str, Interval]:
        """Fill what depends on the aids, and return the grant equivalent of each."""
        put = self._putter(env)
        esb = faits_aides.equivalents(dossier, self.parametres_au, self.donnees, etat(faits))
        for name, value in faits_aides.facts(faits_aides.planned(dossier), esb, self.slots.facts["aide.forme"]):
            put(name, value)
        closing = de_minimis.cloture(dossier)
        for name, rule in self.windows.items():
            window = de_minimis.Fenetre(rule.fenetre, rule.ans)
            received = de_minimis.recues(
                dossier, self.loi.parametres, name.removeprefix("de_minimis.recu_"), esb, self.loi.appuis_de_minimis
            )
            put(name, de_minimis.total(received, dossier.date_octroi, window, frozenset(rule.compte), closing))
        return esb

    def _putter(self, env: list[Any]) -> Callable[[str, Any], None]:
        index = self.slots.index

        def put(name: str, value: Any) -> None:  # noqa: ANN401 - depends on the fact
            env[index[name]] = value

        return put

    def _set(self, env: list[Any], fact: FactDefinition, certain: frozenset[str], possible: frozenset[str]) -> None:
        for member in fact.valeurs:
            value = VRAI if member in certain else INCONNU if member in possible else FAUX
            env[self.slots.index[f"{fact.nom}.{member}"]] = value


def etat(faits: Faits) -> faits_aides.Etat:
    """Return what the grant equivalents take from the facts."""
    fret = faits.secteurs.contient("transport_routier_marchandises")
    return faits_aides.Etat(faits.categorie.est_pme, faits.difficulte.ecartee, fret)


def _exact(fact: FactDefinition, value: Any) -> Any:  # noqa: ANN401 - depends on the kind
    if fact.type == "booleen":
        return VRAI if value else FAUX
    if fact.type == "choix":
        return fact.bit(value)
    return value.toordinal() if fact.type == "date" else value


def _afr_rate(afr: SituationAfr, size: str) -> Interval:
    if afr.zones_possibles == {"aucune"}:
        return (0, 0)
    return afr.taux[size] or UNKNOWN


def lines_of(dossier: Dossier) -> Lignes:
    """Return the cost lines of a dossier."""
    costs = dossier.projet.couts
    return Lignes(
        (
            Ligne(c.id, c.finalite, c.poste, UNKNOWN if c.montant is None else (c.montant, c.montant))
            for c in costs or ()
        ),
        costs is not None,
    )


def bases_of(loi: LoiDuJour) -> Iterable[str]:
    """Return the identifiers that an aid may name as its basis."""
    return (*(r.id for r in loi.regimes), *(d.id for d in loi.dispositifs))
