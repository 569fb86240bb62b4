"""What is written of a law: conditions that several regimes hold once, cost lines only where they are read."""

from __future__ import annotations

import pytest
from petite_loi import TETE, Loi

from aid_rules.engine.codegen import generate
from aid_rules.language.tree import FAUX, INCONNU, VRAI

TAUX = 'intensite: {base: [{id: b, taux: 50, ref: "1"}]}\n'
DEUX_VOLETS = """
volets:
  - {id: un, intitule: Un, finalites: [essai], intensite: {base: [{id: b, taux: 50, ref: "1"}]}}
  - {id: deux, intitule: Deux, finalites: [autre], intensite: {base: [{id: b, taux: 50, ref: "1"}]}}
"""


@pytest.fixture
def ecrire(tmp_path):
    def write(body, autre=""):
        other = TETE.replace("loi.essai", "loi.autre") + "finalites: [autre]\n" + autre + TAUX
        law = Loi(tmp_path, body, **({"autre": other} if autre else {}))
        return generate(law.programme.loi, law.slots), law

    return write


def conditions(*sis):
    return "conditions:\n" + "".join(f'  - {{id: c{i}, si: "{si}", ref: "1"}}\n' for i, si in enumerate(sis))


def partagees(source):
    """How many conditions the law works out once for all its regimes."""
    return source.split("def critere")[0].split("def obligations")[0].count("NON[") + source.count("K[9]")


@pytest.mark.parametrize(
    ("mine", "its", "shared"),
    [
        (["non zone"], ["non zone"], 1),
        (["non zone", "non verte"], ["non verte", "non zone"], 2),
        (["non zone"], ["non verte"], 0),
        (["zone"], ["zone"], 0),
        (["non zone", "non zone"], ["verte"], 0),
    ],
)
def test_a_condition_of_two_regimes_is_worked_out_once(ecrire, mine, its, shared):
    """And not one of a single regime, nor a plain fact, which costs no more to read again."""
    source, law = ecrire("finalites: [essai]\n" + conditions(*mine) + TAUX, conditions(*its))
    assert partagees(source) == shared
    assert source.count("K[0]") == (2 if shared else 0)
    for zone in (True, False):
        found = law.run(("essai", "machines", 100), zone=zone, verte=False)
        wanted = {"non zone": not zone, "non verte": True, "zone": zone}
        assert found.verdict == (VRAI if all(wanted[si] for si in mine) else FAUX)


def test_a_condition_on_costs_is_never_shared(ecrire):
    """Each regime reads its own cost lines."""
    same = conditions("couts > 10 EUR")
    _, law = ecrire("finalites: [essai]\n" + same + TAUX, same)
    assert law.run(("essai", "machines", 1000), ("autre", "machines", 2000)).verdict == FAUX
    assert law.run(("essai", "machines", 1001), ("autre", "machines", 1)).verdict == VRAI


def test_bonuses_and_reductions_are_shared_too(ecrire):
    """A condition that opens one regime and reduces the rate of another is the same."""
    rate = 'intensite: {base: [{id: b, taux: 50, ref: "1"}], %s}\n'
    bonus = rate % 'majorations: [{id: m, si: "non zone", points: 5, ref: "1"}]'
    cut = rate % 'reductions: [{id: r, si: "non verte", facteur_pct: 50, ref: "1"}]'
    for body, given, expected in ((bonus, "non zone", 5500), (cut, "non verte", 2500)):
        source, law = ecrire("finalites: [essai]\n" + body, conditions(given))
        assert partagees(source) == 1
        assert law.run(("essai", "machines", 100), zone=False, verte=False).taux == (expected, expected)


@pytest.mark.parametrize(
    ("commun", "read"),
    [
        ("", False),
        (conditions("zone"), False),
        (conditions("zone", "couts > 1 EUR"), True),
        ('plafonds: [{id: p, si: zone, montant_eur: 4, ref: "1"}]\n', False),
        ('plafonds: [{id: p, montant: "couts - 1 EUR", ref: "1"}]\n', True),
        ('plafonds: [{id: p, si: "couts > 1 EUR", montant_eur: 4, ref: "1"}]\n', True),
        ('seuil_notification: [{id: s, montant_eur: 4, ref: "1"}]\n', False),
        ('seuil_notification: [{id: s, montant_eur: 4, grandeur: couts, ref: "1"}]\n', True),
        ('seuil_notification: [{id: s, montant_eur: 4, grandeur: couts_totaux, ref: "1"}]\n', False),
    ],
)
def test_what_is_common_reads_the_costs_of_all_purposes_when_it_needs_them(ecrire, commun, read):
    """The lines of all the purposes together are chosen once more, only then."""
    source, law = ecrire(commun + DEUX_VOLETS)
    assert source.count("L.choisir(") == (3 if read else 2)
    lines = ("essai", "machines", 200), ("autre", "machines", 200)
    assert law.run(*lines, zone=True).verdict == VRAI
    foreign = law.run(*lines, ("x", "machines", 100_000), zone=True)
    assert foreign.verdict == (FAUX if "couts_totaux" in commun else VRAI)
    assert foreign.montant == law.run(*lines, zone=True).montant


def test_an_amount_of_one_type_is_read_once(ecrire):
    """Within a purpose; what is common asks for it where it stands."""
    types = "couts.machines > 1 EUR"
    source, law = ecrire(
        "finalites: [essai]\n" + conditions(types, "couts.machines < 9 EUR", "couts.terrains = 0") + TAUX
    )
    assert source.count("C.poste('machines')") == 1
    assert source.count("C.poste('terrains')") == 1
    lines = {n: ("essai", "machines", n) for n in (100, 101, 899, 900)}
    assert [law.run(line).verdict for line in lines.values()] == [FAUX, VRAI, VRAI, FAUX]
    assert law.run(lines[101], ("essai", "terrains", 1)).verdict == FAUX
    assert law.run(lines[101], ("essai", None, 1)).verdict == INCONNU
    source, law = ecrire(conditions(types, "couts.machines < 9 EUR") + DEUX_VOLETS)
    assert source.count("C.poste('machines')") == 2
    assert law.run(lines[899]).verdict == VRAI
    assert law.run(lines[899], ("autre", "machines", 1)).verdict == FAUX


def test_common_thresholds_on_aid_and_on_costs(ecrire):
    """The first caps the sum of the aid, the second closes the regime above it; with a condition, where it holds."""
    body = """
seuil_notification:
  - {id: aide, montant_eur: 3, ref: "1"}
  - {id: couts, si: zone, montant_eur: 20, grandeur: couts, ref: "1"}
  - {id: projet, si: verte, montant_eur: 30, grandeur: couts_totaux, ref: "1"}
"""
    _, law = ecrire(body + DEUX_VOLETS)
    lines = ("essai", "machines", 1000), ("autre", "machines", 1001)
    open_ = {"zone": False, "verte": False}
    assert law.run(*lines, **open_).montant == (300, 300)
    assert [law.run(*lines, **(open_ | {"zone": z})).verdict for z in (False, INCONNU, True)] == [VRAI, INCONNU, FAUX]
    assert law.run(*lines, zone=False, verte=True).verdict == VRAI
    assert law.run(*lines, ("x", "machines", 1000), zone=False, verte=True).verdict == FAUX
    found = law.run(*lines, ("x", "machines", 1000), zone=True, verte=True)
    assert found.seuils_couts == (FAUX, FAUX)
    assert (found.seuils[0], found.seuils[1]) == ((VRAI,), ((300, 300),))


@pytest.mark.parametrize("zone", [True, False])
def test_thresholds_of_one_purpose(ecrire, zone):
    """The same of a purpose: its own aid, its own costs."""
    body = """
finalites: [essai]
seuil_notification:
  - {id: aide, montant_eur: 3, ref: "1"}
  - {id: couts, si: zone, montant_eur: 9, grandeur: couts, ref: "1"}
"""
    _, law = ecrire(body + TAUX)
    found = law.run(("essai", "machines", 1000), zone=zone)
    assert found.verdict == (FAUX if zone else VRAI)
    assert found.volets[0].montant == (300, 300)
