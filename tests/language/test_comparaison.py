"""What changes between two dates, or two sets of rules, rule by rule."""

from __future__ import annotations

from datetime import date

import pytest
from copie import planter

from aid_rules.language.comparaison import comparer, en_texte
from aid_rules.language.cut import cut
from aid_rules.language.french import French
from aid_rules.language.loader import load
from aid_rules.language.places import rulesets
from aid_rules.language.references import References, Texte

VEILLE, REFORME = date(2023, 6, 30), date(2023, 7, 1)


@pytest.fixture(scope="module")
def regles():
    return load(rulesets())


@pytest.fixture(scope="module")
def ecrire(regles):
    textes = {name: Texte(texte.abrege or texte.intitule, texte.url) for name, texte in regles.textes.items()}
    french, references = French(regles.vocabulaire), References(textes)

    def changes(avant, apres, article=None):
        return comparer(avant, apres, french, references, article)

    return changes


def seul(changes, rubrique, element):
    (found,) = [c for c in changes if (c.rubrique, c.element) == (rubrique, element)]
    return found


def test_article_49_in_july_2023(regles, ecrire):
    """Studies: 60 % instead of 50 %, threshold doubled, the audit rule widened to small firms."""
    changes = ecrire(cut(regles, VEILLE), cut(regles, REFORME), "49")
    rate = seul(changes, "taux de base", "base")
    assert (rate.nature, rate.avant, rate.apres) == ("modification", "50\u00a0%", "60\u00a0%")
    assert "49" in rate.refs_avant[0]
    assert "49" in rate.refs_apres[0]
    threshold = seul(changes, "seuil de notification", "seuil")
    assert "15\u202f000\u202f000" in threshold.avant
    assert "30\u202f000\u202f000" in threshold.apres
    audit = seul(changes, "condition", "audit_obligatoire")
    assert "grande entreprise" in audit.avant
    assert "grande entreprise" not in audit.apres
    assert all(c.bases == ("rgec.49",) for c in changes)


def test_article_41_in_july_2023(regles, ecrire):
    """Renewables: the regional bonuses end, new purposes appear; the base rate that did not change is not told."""
    changes = ecrire(cut(regles, VEILLE), cut(regles, REFORME), "41")
    assert {c.nature for c in changes if c.rubrique == "majoration" and c.element.startswith("zone")} == {"retrait"}
    assert {c.element for c in changes if c.rubrique == "volet" and c.nature == "ajout"} >= {"hydrogene", "stockage"}
    assert not [c for c in changes if (c.avant, c.refs_avant) == (c.apres, c.refs_apres)]
    renewable = [
        c for c in changes if c.rubrique == "taux de base" and c.volets == ("Production d'énergie renouvelable",)
    ]
    assert not renewable


def test_volets_share_a_line(regles, ecrire):
    """A bonus that several new volets carry is told once, with the volets."""
    changes = ecrire(cut(regles, VEILLE), cut(regles, REFORME), "41")
    bonus = seul(changes, "majoration", "petite")
    assert len(bonus.volets) > 2


def test_within_a_version_nothing_changes(regles, ecrire):
    """Two dates of the same version have the same law."""
    changes = ecrire(cut(regles, date(2019, 1, 15)), cut(regles, date(2019, 2, 15)), "17")
    assert changes == []
    assert en_texte(changes) == "Rien ne change."


def test_the_same_state_has_no_change(regles, ecrire):
    """Comparing a law with itself finds nothing, common rules and national schemes included."""
    assert ecrire(cut(regles, REFORME), cut(regles, REFORME)) == []


def test_a_new_and_a_deleted_article(regles, ecrire):
    """36b appears and 37 disappears in July 2023; going back says the reverse."""
    there = ecrire(cut(regles, VEILLE), cut(regles, REFORME))
    back = ecrire(cut(regles, REFORME), cut(regles, VEILLE))
    for changes, born, gone in ((there, "rgec.36b", "rgec.37"), (back, "rgec.37", "rgec.36b")):
        natures = {c.element: c.nature for c in changes if c.rubrique == "base légale"}
        assert (natures[born], natures[gone]) == ("ajout", "retrait")


def test_a_common_change_is_told_once(regles, ecrire):
    """What changes for several bases alike stands once, with all of them."""
    changes = ecrire(cut(regles, VEILLE), cut(regles, REFORME))
    shared = [c for c in changes if len(c.bases) > 1 and c.rubrique == "condition"]
    assert any({"rgec.14", "rgec.15"} <= set(c.bases) for c in shared)
    keys = [(c.rubrique, c.element, c.nature, c.avant, c.apres, c.refs_avant, c.refs_apres, c.volets) for c in shared]
    assert len(keys) == len(set(keys))


def test_articles_as_users_write_them(regles, ecrire):
    """« 36 bis », « 36a » and « rgec.36a » are the same article."""
    before, after = cut(regles, VEILLE), cut(regles, REFORME)
    assert ecrire(before, after, "36 bis") == ecrire(before, after, "36a") == ecrire(before, after, "rgec.36a") != []
    assert ecrire(before, after, "99") == []


def test_a_draft_laid_over_the_rules(regles, ecrire, tmp_path):
    """A draft ruleset is compared the same way: one rate changed, one change told, in French, with its reference."""
    draft = planter(tmp_path, "rgec/17.yaml", "taux: 20,", "taux: 25,")
    changes = ecrire(cut(regles, REFORME), cut(draft, REFORME))
    text = en_texte(changes)
    assert len(changes) == 1
    assert text.startswith("rgec.17 — ")
    assert "~ taux de base" in text
    assert "avant : 20\u00a0%" in text
    assert "après : 25\u00a0%" in text
    assert "art. 17, § 6, a)" in text


def test_a_rule_that_only_moves_is_told(regles, ecrire):
    """The same condition, now in another paragraph: the sentence once, the two references."""
    changes = ecrire(cut(regles, VEILLE), cut(regles, REFORME), "17")
    moved = seul(changes, "condition", "pas_d_achat_de_parts")
    assert moved.nature == "modification"
    assert moved.avant == moved.apres
    assert "référence : RGEC, art. 17, § 3 → RGEC, art. 17, § 3, b)" in en_texte([moved])


def test_thresholds_of_computations_change_too(regles, ecrire, tmp_path):
    """Parameters are law: a new age in July 2023, and a ceiling changed in a draft, with unit and reference."""
    changes = ecrire(cut(regles, VEILLE), cut(regles, REFORME))
    age = seul(changes, "paramètre", "difficulte.anciennete_enregistrement")
    assert (age.nature, age.apres, age.bases) == ("ajout", "10\u00a0ans", ())
    moved = seul(changes, "paramètre", "difficulte.anciennete_premiere_vente")
    assert (moved.avant, moved.refs_apres) == (moved.apres, ("RGEC, art. 21, § 3, b), ii)",))
    draft = planter(tmp_path, "parametres/pme.yaml", "{valeur: 43000000,", "{valeur: 45000000,")
    (change,) = ecrire(cut(regles, REFORME), cut(draft, REFORME))
    assert (change.avant, change.apres) == ("43\u202f000\u202f000\u00a0€", "45\u202f000\u202f000\u00a0€")


def test_what_multiplies_thresholds_is_told_once(regles, ecrire):
    """Article 25: joint projects double the thresholds too from July 2023; said once, not in each threshold."""
    changes = ecrire(cut(regles, VEILLE), cut(regles, REFORME), "25")
    double = seul(changes, "multiple", "double")
    assert double.avant.startswith("multiplié par 2, si projet Eureka")
    assert "au moins trois États" in double.apres
    threshold = seul(changes, "seuil de notification", "industrielle")
    assert threshold.avant.startswith("20\u202f000\u202f000\u00a0€ par entreprise et projet (multiples : Projet Eureka")
    assert "trois États" not in threshold.apres


def test_obligations_change_too(regles, ecrire):
    """Publication thresholds fell in July 2023: said among the common rules."""
    changes = ecrire(cut(regles, VEILLE), cut(regles, REFORME))
    publication = seul(changes, "obligation", "publication")
    assert publication.bases == ()
    assert "500\u202f000" in publication.avant
    assert "100\u202f000" in publication.apres
    assert "Règles communes" in en_texte(changes)
