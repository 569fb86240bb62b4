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
