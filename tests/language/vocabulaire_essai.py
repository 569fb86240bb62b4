"""A small vocabulary for the tests of the language: one fact of each kind."""

from __future__ import annotations

from aid_rules.language.vocabulary import FactDefinition, Valeur, Vocabulary


def fact(nom, kind, **rest):
    """A fact whose label is its name with spaces."""
    label = rest.pop("libelle", nom.replace("_", " "))
    return FactDefinition(nom, kind, label, f"{label} ?", ("1",), **rest)


TAILLES = {
    "micro": Valeur("microentreprise"),
    "petite": Valeur("petite entreprise"),
    "moyenne": Valeur("entreprise moyenne"),
    "grande": Valeur("grande entreprise"),
}
SECTEURS = {"peche": Valeur("pêche"), "charbon": Valeur("charbon")}

VOCABULAIRE = Vocabulary(
    {
        f.nom: f
        for f in (
            fact("neuf", "booleen", libelle="matériel neuf"),
            fact("loue", "booleen", libelle="matériel loué"),
            fact("taille", "choix", valeurs=TAILLES, libelle="taille de l'entreprise"),
            fact("secteurs", "ensemble", valeurs=SECTEURS, libelle="secteurs"),
            fact("secteurs.peche", "booleen", libelle="secteurs : pêche", derive=True),
            fact("secteurs.charbon", "booleen", libelle="secteurs : charbon", derive=True),
            fact("duree_ans", "nombre", unite="ans", libelle="durée"),
            fact("bail_mois", "nombre", unite="mois", libelle="bail"),
            fact("effectif", "nombre", unite="uta", libelle="effectif"),
            fact("prix_eur", "montant", libelle="prix"),
            fact("marge_eur", "montant", libelle="marge"),
            fact("recu_eur", "montant", intervalle=True, derive=True, libelle="aide reçue"),
            fact("part_pct", "pourcentage", libelle="part"),
            fact("taux_afr", "pourcentage", intervalle=True, derive=True, libelle="taux de la carte"),
            fact("achete_le", "date", libelle="date d'achat"),
            fact("vendu_le", "date", libelle="date de vente"),
            fact("nom", "texte", libelle="nom"),
        )
    },
    {"poste": {"machines": Valeur("machines"), "terrains": Valeur("terrains")}, "categorie": TAILLES},
)
