"""The financing plan as the public result says it: alerts, room left, de minimis ledger."""

from __future__ import annotations

from aid_rules import assessment as out
from aid_rules.engine.registre import Registre, registres
from aid_rules.language import tree as t
from aid_rules.report.ecriture import VERITES, bounds
from aid_rules.report.plume import Plume, euros_or_none


class PlanWriter(Plume):
    """Writes what concerns the financing plan."""

    def cumul(self) -> out.Cumul:
        plan = self.found.plan
        alerts = tuple(
            out.AlerteResultat.model_construct(
                code=a.code,
                gravite=a.gravite,
                certaine=a.statut == t.VRAI,
                message=a.message,
                aides=a.aides,
                couts=a.couts,
                plafond_eur=euros_or_none(a.plafond),
                total_eur=euros_or_none(a.total),
                depassement_eur=euros_or_none(a.depassement),
                references=self.refs(a.references),
            )
            for a in plan.alertes
        )
        rooms = [
            out.Marge.model_construct(
                objet=f"coût {line}", montant_min_eur=bounds(room)[0], montant_max_eur=bounds(room)[1]
            )
            for line, room in sorted(plan.marges.items())
        ]
        for regime in self.found.evaluation.regimes.values():
            if regime.regime.de_minimis and regime.montant is not None and regime.verdict != t.FAUX:
                low, high = bounds(regime.montant)
                rooms.append(
                    out.Marge.model_construct(
                        objet=f"plafond {regime.regime.id}", montant_min_eur=low, montant_max_eur=high
                    )
                )
        return out.Cumul.model_construct(
            alertes=alerts,
            marges=tuple(rooms),
            registres=tuple(map(self.ledger, registres(self.engine, self.found))),
        )

    def ledger(self, found: Registre) -> out.RegistreDeMinimis:
        steps = []
        for step in found.calendrier:
            (low, high), (least, most), (least_after, most_after) = (
                bounds(step.recu),
                bounds(step.reste),
                bounds(step.reste_apres_plan),
            )
            steps.append(
                out.EtapeDeMinimis.model_construct(
                    le=step.le,
                    plafond_eur=euros_or_none(step.plafond[1]),
                    recu_min_eur=low,
                    recu_max_eur=high,
                    reste_min_eur=least,
                    reste_max_eur=most,
                    reste_apres_plan_min_eur=least_after,
                    reste_apres_plan_max_eur=most_after,
                )
            )
        moves = (
            out.MouvementDeMinimis.model_construct(
                octroye_le=m.octroye_le,
                montant_eur=euros_or_none(m.montant),
                reglement=m.reglement or "",
                siren=m.siren or "",
                nom=m.nom,
                compte=VERITES[m.compte],
                sort_le=m.sort_le,
                retenu_min_eur=bounds(m.retenu)[0],
                retenu_max_eur=bounds(m.retenu)[1],
                motif=m.motif,
            )
            for m in found.mouvements
        )
        return out.RegistreDeMinimis.model_construct(
            reglement=found.reglement,
            intitule=found.intitule,
            compte=found.compte,
            entreprises=found.entreprises,
            mouvements=tuple(moves),
            calendrier=tuple(steps),
            prevu_eur=euros_or_none(found.prevu[1]),
            refusees=found.refusees,
            references=self.refs(found.references),
        )
