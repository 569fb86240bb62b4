"""The de minimis ledger: what was granted through a scheme counts as what it rests on."""

from __future__ import annotations

import sys
from pathlib import Path

from aid_rules.engine.registre import registres
from aid_rules.report.fiche_plan import registre as blocs
from aid_rules.report.noms import Noms
from aid_rules.report.resultat import resultat

sys.path.insert(0, str(Path(__file__).parent))
from dossiers import aide, dossier, ligne, recherche


def test_aid_through_a_scheme_counts_as_de_minimis(engine):
    """A scheme that can rest on de minimis only: what was granted under it takes its room (1407/2013, article 3)."""
    costs = [ligne("poste", 150000, "animation_ecologie_industrielle", "personnel"), recherche("rd", 60000)]
    before = aide("avant", 60000, "animateur_eit", ["poste"], statut="octroyee", octroyee_le="2019-03-01")
    planned = aide("x", 150000, "de_minimis.general", [])
    found = engine.evaluate(dossier(engine, costs, [before, planned]))
    (ledger,) = registres(engine, found)
    assert [(m.nom, m.montant, m.reglement) for m in ledger.mouvements] == [("avant", 6000000, "general")]
    assert ledger.calendrier[0].reste == (14000000, 14000000)
    assert ledger.refusees == ("x",)
    (alert,) = [a for a in found.plan.alertes if a.code == "depassement_de_minimis"]
    assert (alert.plafond, alert.depassement, alert.gravite) == (14000000, 1000000, "bloquante")


def test_document_says_why_an_aid_does_not_count(engine):
    """The printed ledger tells which aid received is another company's."""
    other = [{"octroye_le": "2018-06-01", "montant_eur": 50000, "reglement": "general", "siren": "552100554"}]
    beneficiary = {"siren": "732829320", "entreprise_unique": [], "operations": []}
    asked = dossier(
        engine,
        [recherche("rd", 60000)],
        [aide("x", 1000, "de_minimis.general", [])],
        de_minimis=other,
        beneficiaire=beneficiary,
    )
    result = resultat(engine, engine.evaluate(asked))
    told = repr(list(blocs(result.cumul.registres[0], result.date_octroi, Noms(result, asked))))
    assert "hors de l'entreprise unique" in told


CONSEIL = [ligne("conseil", 100000, "conseil_pme", "conseil_externe")]


def par_un_dispositif(engine, planned, **autres):
    """The assessment of a plan beside 60 000 € granted through a scheme that rests on article 18 or de minimis."""
    before = aide(
        "avant", 60000, "diagnostic_industrie_futur", ["conseil"], statut="octroyee", octroyee_le="2019-03-01"
    )
    return engine.evaluate(dossier(engine, CONSEIL, [before, aide("x", planned, "de_minimis.general", [])], **autres))


def test_aid_that_may_be_de_minimis_leaves_a_range(engine):
    """1407/2013, article 3: what may have been granted as de minimis may take room, and is asked; never a sure yes."""
    found = par_un_dispositif(engine, 150000)
    (ledger,) = registres(engine, found)
    assert ledger.calendrier[0].reste == (14000000, 20000000)
    assert ledger.refusees == ()
    alerts = {a.code: a for a in found.plan.alertes if a.code != "base_a_verifier" and a.gravite == "attention"}
    assert (alerts["depassement_de_minimis"].plafond, alerts["depassement_de_minimis"].statut) == (14000000, 1)
    assert [q.chemin for q in alerts["de_minimis_rattachement"].questions] == ["aides[0].base"]
    assert found.evaluation.regimes["de_minimis.general"].montant == (14000000, 20000000)


def test_aid_received_says_what_an_aid_of_the_plan_was(engine):
    """The same award written among the aids received settles its regulation, and counts once."""
    entry = {"octroye_le": "2019-03-01", "montant_eur": 60000, "reglement": "general", "deja_au_plan": True}
    found = par_un_dispositif(engine, 140000, de_minimis=[entry])
    assert found.evaluation.regimes["de_minimis.general"].montant == (14000000, 14000000)
    assert not [a for a in found.plan.alertes if a.code in {"depassement_de_minimis", "de_minimis_rattachement"}]


def test_room_of_the_basis_is_that_of_the_ledger(engine):
    """What was granted through a scheme that rests on de minimis only takes the room of the basis itself."""
    costs = [ligne("poste", 150000, "animation_ecologie_industrielle", "personnel")]
    before = aide("avant", 60000, "animateur_eit", ["poste"], statut="octroyee", octroyee_le="2019-03-01")
    found = engine.evaluate(dossier(engine, costs, [before, aide("x", 1000, "de_minimis.general", [])]))
    (ledger,) = registres(engine, found)
    assert found.evaluation.regimes["de_minimis.general"].montant == ledger.calendrier[0].reste == (14000000, 14000000)


def petite(nom, montant, reglement="general", **autres):
    return aide(nom, montant, f"de_minimis.{reglement}", [], **autres)


def recue(le, montant, reglement="general", **autres):
    told = {"octroye_le": le, "montant_eur": montant, "reglement": reglement}
    return {name: value for name, value in told.items() if value is not None} | autres


def ledgers(engine, aids, received=(), jour="2024-03-04", **autres) -> dict:
    """The ledgers of a dossier, by ceiling."""
    given = {"date_octroi": jour, "de_minimis": None if received is None else list(received)} | autres
    found = engine.evaluate(dossier(engine, [recherche("rd", 1000)], aids, **given))
    return {ledger.reglement: ledger for ledger in registres(engine, found)}


def steps(ledger) -> list[tuple]:
    """The timeline in euros: day, ceiling, received, room, room once the plan is granted."""

    def eur(bounds):
        return tuple(None if cents is None else cents // 100 for cents in bounds)

    return [
        (f"{s.le:%Y-%m-%d}", s.plafond[0] // 100, eur(s.recu), eur(s.reste), eur(s.reste_apres_plan))
        for s in ledger.calendrier
    ]


def test_no_ledger_without_de_minimis(engine):
    """Nothing planned, granted or received: no ledger; one aid received opens that of its regulation alone."""
    assert ledgers(engine, []) == {}
    assert ledgers(engine, [aide("x", 100, "rgec.25", ["rd"])]) == {}
    assert list(ledgers(engine, [], [recue("2022-05-02", 1000)])) == ["general"]
    assert list(ledgers(engine, [], [recue("2022-05-02", 1000, "sieg")])) == ["sieg"]
    granted = petite("v", 1000, statut="octroyee", octroyee_le="2024-02-05")
    assert list(ledgers(engine, [granted])) == ["general"]


def test_a_scheme_that_may_be_de_minimis_opens_a_ledger(engine):
    """1407/2013, article 3: once granted, it may have taken room; planned, its own basis is still to be chosen."""
    scheme = aide("v", 10_000, "diagnostic_industrie_futur", ["conseil"])
    for given, opened in ((scheme, []), (scheme | {"statut": "octroyee", "octroyee_le": "2019-03-01"}, ["general"])):
        found = engine.evaluate(dossier(engine, CONSEIL, [given]))
        assert [ledger.reglement for ledger in registres(engine, found)] == opened


def test_movements_say_what_counts_today(engine):
    """2023/2831, article 3(2): three years to the day; what has left, what is still to come, what is not told."""
    received = [
        recue("2023-01-01", 3000, None),
        recue("2022-05-02", 200_000, siren="552100554"),
        recue("2021-03-04", 5000),
        recue("2024-03-05", 6000),
        recue(None, 1000),
        recue("2023-01-01", 7000, "sieg"),
    ]
    (ledger,) = [one for name, one in ledgers(engine, [petite("x", 1)], received).items() if name == "general"]
    day = {m.montant: m for m in ledger.mouvements}
    assert [m.montant for m in ledger.mouvements] == [100_000, 500_000, 20_000_000, 300_000, 600_000]
    assert {amount: (m.compte, m.sort_le and m.sort_le.isoformat()) for amount, m in day.items()} == {
        100_000: (1, None),
        500_000: (0, "2024-03-04"),
        20_000_000: (1, "2025-05-02"),
        300_000: (1, "2026-01-01"),
        600_000: (0, "2027-03-05"),
    }
    assert (day[20_000_000].siren, day[20_000_000].retenu) == ("552100554", (0, 20_000_000))
    assert "552100554" in day[20_000_000].motif
    assert day[500_000].motif == ""
    assert ledger.compte == ("agricole", "general", "peche")


def test_timeline_of_a_rolling_window(engine):
    """Room comes back the day three years after each award, and once more when the plan itself leaves."""
    received = [recue("2022-05-02", 200_000), recue("2023-01-01", 50_000)]
    ledger = ledgers(engine, [petite("x", 30_000), petite("y", 10_000)], received)["general"]
    assert ledger.prevu == (4_000_000, 4_000_000)
    assert steps(ledger) == [
        ("2024-03-04", 300_000, (250_000, 250_000), (50_000, 50_000), (10_000, 10_000)),
        ("2025-05-02", 300_000, (50_000, 50_000), (250_000, 250_000), (210_000, 210_000)),
        ("2026-01-01", 300_000, (0, 0), (300_000, 300_000), (260_000, 260_000)),
        ("2027-03-04", 300_000, (0, 0), (300_000, 300_000), (300_000, 300_000)),
    ]


def test_timeline_of_financial_years(engine):
    """1407/2013, article 3(2): three financial years; each award leaves on the first day of a new one."""
    received = [recue("2017-05-02", 100_000), recue("2018-05-02", 20_000)]
    years = {"exercices": [{"clos_le": "2018-12-31"}]}
    ledger = ledgers(engine, [petite("x", 50_000)], received, "2019-11-18", beneficiaire=years)["general"]
    assert steps(ledger) == [
        ("2019-11-18", 200_000, (120_000, 120_000), (80_000, 80_000), (30_000, 30_000)),
        ("2020-01-01", 200_000, (20_000, 20_000), (180_000, 180_000), (130_000, 130_000)),
        ("2021-01-01", 200_000, (0, 0), (200_000, 200_000), (150_000, 150_000)),
        ("2022-01-01", 200_000, (0, 0), (200_000, 200_000), (200_000, 200_000)),
    ]


def test_timeline_crosses_from_financial_years_to_a_rolling_window(engine):
    """2023/2831, article 3(2): from 2024 the window rolls: an award of May 2021 counts again until May 2024."""
    years = {"exercices": [{"clos_le": "2022-06-30"}]}
    ledger = ledgers(engine, [petite("x", 50_000)], [recue("2021-05-02", 100_000)], "2023-11-18", beneficiaire=years)[
        "general"
    ]
    assert [(m.compte, m.sort_le.isoformat()) for m in ledger.mouvements] == [(0, "2023-07-01")]
    assert steps(ledger) == [
        ("2023-11-18", 200_000, (0, 0), (200_000, 200_000), (150_000, 150_000)),
        ("2024-01-01", 300_000, (100_000, 100_000), (200_000, 200_000), (150_000, 150_000)),
        ("2024-05-02", 300_000, (0, 0), (300_000, 300_000), (250_000, 250_000)),
        ("2026-11-18", 300_000, (0, 0), (300_000, 300_000), (300_000, 300_000)),
    ]


def test_an_aid_leaves_as_the_law_of_that_day_says(engine):
    """An award of June 2022 would leave in July 2024 by financial years; by the window of that day, in June 2025."""
    years = {"exercices": [{"clos_le": "2022-06-30"}]}
    received = [recue("2022-06-15", 100_000)]
    ledger = ledgers(engine, [petite("x", 50_000)], received, "2023-11-18", beneficiaire=years)["general"]
    assert [(m.compte, m.sort_le.isoformat()) for m in ledger.mouvements] == [(3, "2025-06-15")]
    assert [s[0] for s in steps(ledger)] == ["2023-11-18", "2024-01-01", "2025-06-15", "2026-11-18"]


def test_a_loan_of_the_plan_leaves_a_range(engine):
    """A loan not valued takes from nothing to its whole amount; an amount not told, up to all the room."""
    ledger = ledgers(engine, [petite("x", 70_000, forme="pret")])["general"]
    assert ledger.prevu == (0, 7_000_000)
    assert steps(ledger)[0] == ("2024-03-04", 300_000, (0, 0), (300_000, 300_000), (230_000, 300_000))
    none = ledgers(engine, [petite("x", 70_000), petite("y", None)])["general"]
    assert none.prevu == (7_000_000, None)
    assert steps(none)[0][4] == (0, 230_000)


def test_awards_refused_whole(engine):
    """Each award in the order of the plan; what does not fit leaves its room to the next; a doubt refuses nothing."""
    fit = [petite("x", 200_000), petite("y", 150_000), petite("z", 100_000), petite("t", 1)]
    assert ledgers(engine, fit)["general"].refusees == ("y", "t")
    assert ledgers(engine, [petite("x", 300_001, forme="pret"), petite("y", 300_000)])["general"].refusees == ()
    assert ledgers(engine, [petite("x", 300_001)], None)["general"].refusees == ("x",)


def test_room_is_not_known_when_nothing_is_told(engine):
    """Aid received not declared: the room goes from nothing to the whole ceiling, today and later."""
    (step,) = steps(ledgers(engine, [petite("x", 6000)], None)["general"])
    assert step == ("2024-03-04", 300_000, (0, None), (0, 300_000), (0, 300_000))


def test_ledgers_of_farm_and_fishery(engine):
    """1408/2013 and 717/2014, articles 5(1): each its own, and the common one once aid of the other was received."""
    received = [recue("2018-05-02", 25_000, "peche")]
    farm = ledgers(engine, [petite("x", 6_000, "agricole")], received, "2019-11-18")
    assert list(farm) == ["agricole", "peche", "agriculture_peche"]
    assert [one.prevu for one in farm.values()] == [(600_000, 600_000), (0, 0), (600_000, 600_000)]
    assert [one.refusees for one in farm.values()] == [(), (), ("x",)]
    assert [len(one.mouvements) for one in farm.values()] == [0, 1, 1]
    assert [s[1:4] for s in steps(farm["agriculture_peche"])[:2]] == [
        (30_000, (25_000, 25_000), (5_000, 5_000)),
        (30_000, (0, 0), (30_000, 30_000)),
    ]
    assert list(ledgers(engine, [petite("x", 6_000, "agricole")], [], "2019-11-18")) == ["agricole"]
    assert list(ledgers(engine, [petite("x", 6_000, "sieg")], received, "2019-11-18")) == ["peche", "sieg"]


def test_the_ceiling_of_farm_aid_rises(engine):
    """2024/3118: 50 000 € from 16 December 2024, seen on the timeline of a plan of that autumn."""
    ledger = ledgers(engine, [petite("x", 6_000, "agricole")], jour="2024-10-01")["agricole"]
    assert [(s[0], s[1]) for s in steps(ledger)][:2] == [("2024-10-01", 20_000), ("2024-12-16", 50_000)]
    sooner = ledgers(engine, [petite("x", 6_000, "agricole")], jour="2023-11-18")["agricole"]
    assert {s[:2] for s in steps(sooner)} >= {("2023-11-18", 20_000), ("2024-12-16", 50_000)}


def test_timeline_stops_with_its_regulation(engine):
    """2023/2831, article 8: in force until the end of 2030; no ceiling is drawn beyond, nor aid four years away."""
    assert [s[0] for s in steps(ledgers(engine, [petite("x", 6_000)], jour="2029-06-04")["general"])] == ["2029-06-04"]
    far = ledgers(engine, [petite("x", 6_000)], [recue("2026-01-01", 50_000)])["general"]
    assert [(s[0], s[2][0]) for s in steps(far)] == [("2024-03-04", 0), ("2026-01-01", 50_000), ("2027-03-04", 50_000)]


def test_a_merger_to_come_takes_its_room_on_its_day(engine):
    """2023/2831, article 3(8): a merger announced brings the aid of what it absorbs from the day it takes effect."""
    merged = {
        "siren": "732829320",
        "entreprise_unique": ["732829320"],
        "operations": [{"nature": "fusion", "le": "2024-09-01", "siren": "552100554"}],
    }
    received = [recue("2023-05-02", 120_000, siren="552100554")]
    ledger = ledgers(engine, [petite("x", 1_000)], received, beneficiaire=merged)["general"]
    assert [(s[0], s[3][0]) for s in steps(ledger)] == [
        ("2024-03-04", 300_000),
        ("2024-09-01", 180_000),
        ("2026-05-02", 300_000),
        ("2027-03-04", 300_000),
    ]
    past = {**merged, "operations": [{**merged["operations"][0], "le": "2024-01-15"}]}
    done = steps(ledgers(engine, [petite("x", 1_000)], received, beneficiaire=past)["general"])
    assert [(s[0], s[3][0]) for s in done][:2] == [("2024-03-04", 180_000), ("2026-05-02", 300_000)]


def test_a_ceiling_that_may_bind_the_plan_is_told(engine):
    """1408/2013 and 717/2014, articles 5(1): a fishery award of an unknown day may hold farm aid to what it leaves.

    So does the general ceiling (1407/2013, article 5(1)); where neither may leave less, only what is planned is told.
    """
    farmer = {"secteurs": ["agriculture_primaire", "peche_aquaculture"], "exercices": [{"clos_le": "2018-12-31"}]}
    facts = {"activite_aidee_separee": "oui", "peche_production_primaire": "oui", "aide_fixee_prix_quantite": "non"}
    project = {"couts": CONSEIL, "faits": facts | {"operation_peche_exclue": "non"}}

    def ledgers(planned, *received, told=True):
        awards = [{"montant_eur": eur, "reglement": name} | day for day, eur, name in received]
        aids = [aide(f"x{i}", eur, f"de_minimis.{name}", []) for i, (eur, name) in enumerate(planned)]
        asked = dossier(engine, CONSEIL, aids, de_minimis=awards if told else None, beneficiaire=farmer, projet=project)
        return {one.reglement: one.calendrier[0].reste for one in registres(engine, engine.evaluate(asked))}

    farm = [(6_000, "agricole")]
    both = "agriculture_peche"
    sure = ledgers(farm, ({"octroye_le": "2018-05-02"}, 25_000, "peche"))
    assert (sure["agricole"], sure["peche"], sure[both]) == ((2_000_000,) * 2, (500_000,) * 2, (500_000,) * 2)
    assert ledgers(farm, ({}, 25_000, "peche")) == {"agricole": (2_000_000,) * 2, both: (500_000, 3_000_000)}
    assert ledgers(farm, ({}, 10_000, "peche")) == {"agricole": (2_000_000,) * 2}
    assert ledgers(farm, ({}, 195_000, "general")) == {"agricole": (2_000_000,) * 2, "general": (500_000, 20_000_000)}
    assert ledgers(farm, told=False).keys() == {"agricole"}
    assert ledgers([*farm, (6_000, "peche")]).keys() == {"agricole", "peche", both}
