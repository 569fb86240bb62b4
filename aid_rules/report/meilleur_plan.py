"""The best plan as the public result says it: its aids, what binds, its place beside the plan as given."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec

from aid_rules import assessment as out
from aid_rules.amounts import decimal_euros
from aid_rules.dossier import Aide
from aid_rules.engine.codes import Alerte
from aid_rules.engine.faits_aides import PRIVE
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.engine.plan import AideProposee, LimiteAtteinte, PlanPropose, proposer
from aid_rules.engine.plan_lu import OCTROYEE
from aid_rules.faults import WorkError
from aid_rules.language.tree import VRAI
from aid_rules.report.plume import Plume, euros_or_none


def meilleur_plan(engine: Engine, found: Assessment) -> out.MeilleurPlan | None:
    """Return the best plan beside the plan as given; None when it is not asked, or nothing can solve it."""
    if found.dossier.plan is None or find_spec("ortools") is None:
        return None
    try:
        best = proposer(engine, found)
    except WorkError:
        return None  # « aid-rules plan » says why
    return ecrire_plan(engine, found, best)


def ecrire_plan(engine: Engine, found: Assessment, best: PlanPropose) -> out.MeilleurPlan:
    """Write the best plan of an assessed dossier, beside the plan as given."""
    pen = Plume(engine, found)
    given = [a for a in found.dossier.aides or () if a.statut != OCTROYEE and a.financeur.type not in PRIVE]
    now: dict[str, int] = {}
    for aide in given:
        now[_nom(aide)] = now.get(_nom(aide), 0) + found.faits.esb[aide.id][0]
    then: dict[str, int] = {}
    for part in best.aides:
        name = _meme_financeur(part, given)
        then[name] = then.get(name, 0) + part.montant
    names = {a.id for a in given}
    blocked = any(a.gravite == "bloquante" and not names.isdisjoint(a.aides) for a in found.plan.alertes)
    return out.MeilleurPlan.model_construct(
        statut=best.statut,
        objectif=best.objectif,
        demande_eur=None if best.demande is None else decimal_euros(best.demande),
        total_eur=decimal_euros(best.total),
        possible_eur=decimal_euros(best.possible),
        region_eur=decimal_euros(best.region),
        deja_octroye_eur=decimal_euros(best.acquis),
        cout_total_eur=decimal_euros(best.cout_total),
        aides=tuple(
            out.AideDuPlan.model_construct(
                id=a.id,
                financeur=a.financeur,
                nom=a.nom,
                type=a.type,
                forme=a.forme,
                base=a.base,
                montant_eur=decimal_euros(a.montant),
                repartition=tuple(
                    out.PartDAide.model_construct(cout=line, montant_eur=decimal_euros(cents))
                    for line, cents in a.repartition
                ),
            )
            for a in best.aides
        ),
        limites=tuple(_limite(pen, x) for x in best.limites),
        conflits=tuple(_limite(pen, x) for x in best.conflits),
        ecartees=tuple(
            out.BaseEcartee.model_construct(financeur=f, base=base, motif=why) for f, base, why in best.ecartes
        ),
        alertes=tuple(_alerte(pen, a) for a in best.alertes),
        actuel_eur=decimal_euros(sum(now.values())),
        actuel_conforme=not blocked,
        comparaison=tuple(
            out.ComparaisonFinanceur.model_construct(
                financeur=name,
                actuel_eur=decimal_euros(now.get(name, 0)),
                meilleur_eur=decimal_euros(then.get(name, 0)),
                difference_eur=decimal_euros(then.get(name, 0) - now.get(name, 0)),
            )
            for name in dict.fromkeys([*now, *then])
        ),
    )


def _nom(aide: Aide) -> str:
    return aide.financeur.nom or aide.financeur.type or aide.id


def _meme_financeur(part: AideProposee, given: Sequence[Aide]) -> str:
    """Return the name that the plan as given has for the funder of a proposed aid, its own when it has none.

    A funder is known by its name or its identifier; one that bears no name, by its type when only one has it.
    """
    called = {part.nom.casefold(), part.financeur.casefold()}
    for aide in given:
        if aide.id == part.financeur or _nom(aide).casefold() in called:
            return _nom(aide)
    same = {_nom(a) for a in given if a.financeur.type == part.type}
    return same.pop() if part.nom == part.financeur and len(same) == 1 else part.nom


def _alerte(pen: Plume, found: Alerte) -> out.AlerteResultat:
    return out.AlerteResultat.model_construct(
        code=found.code,
        gravite=found.gravite,
        certaine=found.statut == VRAI,
        message=found.message,
        aides=found.aides,
        couts=found.couts,
        plafond_eur=euros_or_none(found.plafond),
        total_eur=euros_or_none(found.total),
        depassement_eur=euros_or_none(found.depassement),
        references=pen.refs(found.references),
    )


def _limite(pen: Plume, found: LimiteAtteinte) -> out.LimiteDuPlan:
    return out.LimiteDuPlan.model_construct(
        genre=found.genre,
        libelle=found.libelle,
        plafond_eur=decimal_euros(found.plafond),
        gain_par_euro=None if found.gain is None else decimal_euros(found.gain),
        references=pen.refs(found.references),
    )
