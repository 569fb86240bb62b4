"""A law of a few lines, compiled: what the tests of the exact evaluator run."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from aid_rules.engine.environnement import Ligne, Lignes, Slots
from aid_rules.engine.exact import Programme
from aid_rules.language.cut import cut
from aid_rules.language.loader import load
from aid_rules.language.tree import FAUX, VRAI

TETE = """
id: loi.essai
genre: regime
intitule: Régime d'essai
texte: loi
verifie_le: 2026-11-23
"""
TEXTES = """
id: textes
genre: textes
verifie_le: 2026-11-23
textes: [{id: loi, intitule: Loi, debut: 2015-01-01, fin: 2026-12-31}]
"""
VOCABULAIRE = """
id: vocabulaire.essai
genre: vocabulaire
verifie_le: 2026-11-23
listes:
  finalite: {essai: {libelle: essai}, autre: {libelle: autre}}
  poste: {machines: {libelle: machines}, terrains: {libelle: terrains}, personnel: {libelle: personnel}}
  taille: {petite: {libelle: petite}, moyenne: {libelle: moyenne}, grande: {libelle: grande}}
faits:
  taille: {type: choix, liste: taille, libelle: taille, question: "Taille ?", texte: loi, ref: "1"}
  zone: {type: booleen, libelle: zone, question: "Zone ?", texte: loi, ref: "1"}
  verte: {type: booleen, libelle: verte, question: "Verte ?", texte: loi, ref: "1"}
  contrefactuel: {type: booleen, libelle: contrefactuel, question: "Contrefactuel ?", texte: loi, ref: "1"}
  marge_eur: {type: montant, libelle: marge, question: "Marge ?", texte: loi, ref: "1"}
  duree_ans: {type: nombre, unite: ans, libelle: durée, question: "Durée ?", texte: loi, ref: "1"}
  taux_carte: {type: pourcentage, derive: oui, intervalle: oui, libelle: taux, question: "Taux ?", ref: "1"}
  couts_totaux: {type: montant, derive: oui, intervalle: oui, libelle: coûts totaux, question: "Coûts ?", ref: "1"}
"""
VOLET = """
volets:
  - id: a
    intitule: A
    finalites: [essai]
    assiette:
      postes: [{valeurs: [machines], ref: "1"}]
"""
"""The start of a first purpose, which reads machines."""
DEUX_METHODES = (
    VOLET
    + """\
      montant:
        - {id: ecart, si: contrefactuel, montant: "couts - marge_eur", ref: "1"}
        - {id: tout, si: zone, montant: couts, ref: "1"}
"""
)
"""The same, with two ways to count its costs, each under a condition."""


class Loi:
    """The compiled law, with the facts and cost lines of a test."""

    def __init__(self, folder: Path, body: str, **autres: str) -> None:
        (folder / "textes.yaml").write_text(TEXTES)
        (folder / "vocabulaire.yaml").write_text(VOCABULAIRE)
        head = "" if "genre:" in body else TETE
        (folder / "loi.yaml").write_text(head + body)
        for name, text in autres.items():
            (folder / f"{name}.yaml").write_text(text)
        rules = load(folder)
        self.slots = Slots(rules.vocabulaire)
        self.programme = Programme(cut(rules, date(2020, 1, 1)), self.slots)

    def lire(self, *lines, complete=True, **facts):
        """Read the facts and the lines: these are (finalite, poste, cents), facts are as a dossier says them."""
        rows = [
            Ligne(f"l{i}", finalite, poste, (0, None) if cents is None else (cents, cents))
            for i, (finalite, poste, cents) in enumerate(lines)
        ]
        costs = Lignes(rows, complete)
        env = list(self.slots.blank)
        env[0] = date(2020, 1, 1).toordinal()
        env[self.slots.index["couts_totaux"]] = costs.choisir(None, None).total
        for name, value in facts.items():
            fact = self.slots.facts[name]
            if isinstance(value, bool):
                value = VRAI if value else FAUX  # noqa: PLW2901
            elif isinstance(value, str):
                value = fact.bit(value)  # noqa: PLW2901
            elif isinstance(value, list):
                value = sum(map(fact.bit, value))  # noqa: PLW2901
            env[self.slots.index[name]] = value
        return env, costs

    def run(self, *lines, complete=True, tout=False, **facts):
        """Evaluate the only regime."""
        return self.programme.run(*self.lire(*lines, complete=complete, **facts), tout).regimes["loi.essai"]
