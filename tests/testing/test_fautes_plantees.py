"""Ten faults planted in a copy of the rules: the kit finds each, and shows a dossier that a person can read."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, replace
from random import Random

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from aid_rules.engine.moteur import Engine
from aid_rules.faults import FaultsError
from aid_rules.language.checks import check
from aid_rules.language.loader import load
from aid_rules.language.places import rulesets
from aid_rules.language.positions import read_file
from aid_rules.testing.banc import Banc, concernes, lire_dossier, poser, reduire
from aid_rules.testing.ecriture import en_yaml
from aid_rules.testing.favorables import favorables
from aid_rules.testing.mutations import lire_cas
from aid_rules.testing.proprietes import PROPRIETES, Contradiction


@dataclass(frozen=True)
class Faute:
    """One planted fault: `ancien` becomes `nouveau` in a file; `par` finds it, saying `mots`."""

    quoi: str
    base: str
    ancien: str
    nouveau: str
    par: str
    mots: str


FAUTES = [
    Faute("un taux", "rgec.17", "taux: 20, ref", "taux: 25, ref", "cas", "rgec.17, intensite_max_pct : attendu"),
    Faute("un seuil de 2017 oublié", "rgec.18", "montant_eur: 2200000", "montant_eur: 2000000", "cas", "rgec.18"),
    Faute("une condition retirée", "rgec.17", '{id: pme, si: "beneficiaire.categorie dans [micro, petite, moyenne]"',
          '{id: pme, si: "beneficiaire.categorie dans [micro, petite, moyenne] ou couts >= 0"', "cas", "rgec.17"),
    Faute("une majoration", "rgec.31", 'publics_fragiles, si: "formation_publics_fragiles", points: 10',
          'publics_fragiles, si: "formation_publics_fragiles", points: 20', "cas", "rgec.31"),
    Faute("un plafond oublié", "rgec.25", '- {id: plafond_majore, taux: 80, ref: "25(6)"}',
          '- {id: plafond_majore, taux: 90, ref: "25(6)"}', "cas", "rgec.25"),
    Faute("une borne incluse à tort", "rgec.22", "date_octroi <= enregistree_le + 5 ans",
          "date_octroi <= enregistree_le + 6 ans", "cas", "rgec.22"),
    Faute("deux catégories interverties", "rgec.17",
          '- {id: petite, si: "beneficiaire.categorie dans [micro, petite]", taux: 20, ref: "17(6)(a)"}',
          '- {id: petite, si: "beneficiaire.categorie = moyenne", taux: 20, ref: "17(6)(a)"}\n'
          '    - {id: moindre, si: "beneficiaire.categorie dans [micro, petite]", taux: 10, ref: "17(6)(a)"}',
          "plus_grande_jamais_plus_aidee", "avec plus de salariés"),
    Faute("un fait mal écrit", "rgec.18", "non conseil_permanent_ou_periodique", "non conseil_permanent_ou_periodiqe",
          "chargement", "vouliez-vous dire « conseil_permanent_ou_periodique » ?"),
    Faute("deux périodes qui se chevauchent", "rgec.17", "montant_eur: 8250000, par: [entreprise, projet], "
          'ref: "4(1)(c)", du: 2023-07-01', "montant_eur: 8250000, par: [entreprise, projet], "
          'ref: "4(1)(c)", du: 2023-06-01', "controle", "seuil"),
    Faute("une entrée que rien n'atteint", "rgec.17", 'id: moyenne, si: "beneficiaire.categorie = moyenne", taux: 10',
          'id: moyenne, si: "beneficiaire.categorie = petite", taux: 10', "controle", "« petite » la couvre déjà"),
]  # fmt: skip


def file_of(faute):
    return f"rgec/{faute.base.removeprefix('rgec.').zfill(2)}.yaml"


def plant(faute, folder):
    """Lay over the shipped rules the file with its fault."""
    text = (rulesets() / file_of(faute)).read_text(encoding="utf-8")
    assert faute.ancien in text, f"{faute.quoi} : le texte visé n'y est plus"
    path = folder / file_of(faute)
    path.parent.mkdir(parents=True)
    path.write_text(text.replace(faute.ancien, faute.nouveau, 1), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def cas(pytestconfig):
    return lire_cas(pytestconfig.rootpath / "tests" / "cas")


def find_by_cases(engine, cas, faute, path):
    """Return the first case that fails on what the fault touches, with its dossier, as the plugin shows it."""
    from aid_rules.language.files import Regime  # noqa: PLC0415 - the models load slowly
    from aid_rules.language.validation import validate  # noqa: PLC0415

    rules = engine.library.rules
    law = validate(Regime, read_file(path), {"vocabulaire": rules.vocabulaire})
    bench = Banc(engine, poser(reduire(rules, {law.id}), law), faute.quoi)
    for case in concernes(cas, law, file_of(faute).removesuffix(".yaml")):
        if set(case.attendu.get("regimes", {})) == {law.id} and "dispositifs" not in case.attendu:
            found = "\n".join(bench.ecarts(case, lire_dossier(engine, case)))
            if faute.mots in found:
                return f"{found}\n{en_yaml(case.dossier)}", case.dossier
    return "", {}


def find_by_property(folder, faute):
    """Return the contradiction that a property finds, and its dossier."""
    faulty = Engine(folder)
    seen = []

    @settings(
        max_examples=300, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
    )
    @given(favorables(faulty, faute.base), st.integers(0, 2**32).map(Random))
    def holds(data, alea):
        try:
            PROPRIETES[faute.par].verifier(faulty, data, alea)
        except Contradiction as error:
            seen.append((str(error), data))
            raise

    with pytest.raises(Contradiction):
        holds()
    return seen[-1]


def test_there_are_ten():
    """Ten faults, of ten kinds."""
    assert len(FAUTES) == len({f.quoi for f in FAUTES}) == 10


@pytest.mark.parametrize("faute", FAUTES, ids=lambda f: f.quoi)
def test_each_is_found(faute, engine, cas, tmp_path):
    """The fault is found, and what is shown says where it is or gives a dossier to paste."""
    path = plant(faute, tmp_path)
    if faute.par == "chargement":
        with pytest.raises(FaultsError, match=faute.mots):
            load(rulesets(), tmp_path)
        return
    if faute.par == "controle":
        found = [str(f) for f in check(load(rulesets(), tmp_path))]
        assert any(faute.mots in text and path.name in text for text in found), found
        return
    text, dossier = find_by_cases(engine, cas, faute, path) if faute.par == "cas" else find_by_property(tmp_path, faute)
    assert faute.mots in text
    assert len(en_yaml(dossier).splitlines()) <= 80
    assert yaml.safe_load(en_yaml(dossier))["date_octroi"]


def test_the_sound_rules_have_none_of_them(engine, cas, tmp_path):
    """Without a fault nothing is found: the copy itself is not what is seen."""
    for faute in FAUTES:
        if faute.par == "cas":
            path = tmp_path / file_of(faute)
            path.parent.mkdir(exist_ok=True)
            shutil.copy(rulesets() / file_of(faute), path)
            assert find_by_cases(engine, cas, replace(faute, mots="attendu"), path) == ("", {})
