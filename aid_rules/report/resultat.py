"""From an assessment to the public result: sentences, references and questions are written here, on demand."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date

from aid_rules import __version__
from aid_rules import assessment as out
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.language import tree as t
from aid_rules.report.ecriture import VERDICTS, VERITES
from aid_rules.report.groupe import describe_beneficiary, grant_equivalents
from aid_rules.report.plume import euros_or_none, missing_of
from aid_rules.report.questions import rank
from aid_rules.report.resultat_bases import BasesWriter
from aid_rules.report.resultat_plan import PlanWriter


def resultat(
    engine: Engine, found: Assessment, autres_versions: bool = False, bases: Collection[str] | None = None
) -> out.Resultat:
    """Write the public result of an assessment; `bases` names the only bases and schemes to write, all by default.

    `autres_versions` also weighs, when no article of the RGEC is sure, what its other versions would allow: that costs
    as many evaluations.
    """
    written = _Writer(engine, found)
    result = written.write(bases)
    return result.model_copy(update={"possibilites": tuple(written.possibilities())}) if autres_versions else result


class _Writer(BasesWriter, PlanWriter):
    """Writes the whole result."""

    def write(self, bases: Collection[str] | None = None) -> out.Resultat:
        found = self.found
        loi = found.loi.loi
        criteres = tuple(self.critere(index) for index in range(len(found.evaluation.criteres)))
        wanted = found.loi.programme.ids if bases is None else frozenset(bases)
        regimes = tuple(self.regime(r) for name, r in found.evaluation.regimes.items() if name in wanted)
        dispositifs = tuple(
            self.scheme(d, found.dispositifs[name])
            for name, d in found.evaluation.dispositifs.items()
            if name in wanted
        )
        return out.Resultat.model_construct(
            dossier=found.dossier.intitule or "Dossier sans titre",
            date_octroi=found.dossier.date_octroi,
            regles=out.Regles.model_construct(
                version=__version__, sha256=found.book.empreinte, en_vigueur_du=loi.du, en_vigueur_au=loi.au
            ),
            qualification=out.Qualification.model_construct(conclusion=found.conclusion, criteres=criteres),
            beneficiaire=self.beneficiaire(),
            equivalents=grant_equivalents(self.found.dossier, self.found.faits, self.found.loi.reader.parametres_au),
            regimes=regimes,
            dispositifs=dispositifs,
            cumul=self.cumul(),
            obligations=tuple(self.obligations()),
            questions=rank(self.engine.book.vocabulaire, criteres, regimes, dispositifs, found.plan.alertes),
            trace=tuple(
                out.Etape.model_construct(
                    ordre=e.ordre, regle=e.regle, conclusion=e.conclusion, statut=VERITES[e.statut], depuis=e.depuis
                )
                for e in found.inference.trace
            ),
            meilleur_plan=self.best_plan(),
        )

    def best_plan(self) -> out.MeilleurPlan | None:
        if self.found.dossier.plan is None:
            return None
        from aid_rules.report.meilleur_plan import meilleur_plan  # noqa: PLC0415 - only dossiers that ask for a plan

        return meilleur_plan(self.engine, self.found)

    def critere(self, index: int) -> out.Critere:
        found = self.found.evaluation.criteres[index]
        reader = self.reader()
        motifs = tuple(
            self.condition(rule, status, reader)
            for rule, status in zip(found.critere.conditions, found.conditions, strict=True)
        )
        return out.Critere.model_construct(
            id=found.critere.id.rpartition(".")[2],
            intitule=found.critere.intitule,
            verdict=VERITES[found.verdict],
            motifs=motifs,
            references=self.refs(ref for rule in found.critere.conditions for ref in rule.refs),
            manquants=missing_of(motifs),
        )

    def beneficiaire(self) -> out.Beneficiaire:
        lists = self.engine.book.vocabulaire.listes
        return describe_beneficiary(self.found.dossier, self.found.faits, self.found.loi.loi.parametres, lists)

    def obligations(self) -> Iterable[out.Obligation]:
        reader = self.reader()
        statuses = self.found.inference.obligations
        triggered = {e.conclusion: e.depuis for e in self.found.inference.trace if e.regle.startswith("obligation.")}
        for rule in self.found.loi.loi.obligations:
            status = statuses[rule.id]
            if status == t.FAUX:
                continue
            due = reader.bornes(rule.echeance) if rule.echeance is not None else None
            yield out.Obligation.model_construct(
                id=rule.id,
                intitule=rule.intitule,
                statut=VERITES[status],
                action=rule.action,
                echeance=date.fromordinal(due[0]) if due is not None and due[0] == due[1] else None,
                phrase=self.phrase(rule.si),
                references=self.refs(rule.refs),
                declenchee_par=triggered.get(rule.id, ()),
            )

    def possibilities(self) -> Iterable[out.Possibilite]:
        """Yield what other versions of the RGEC would allow, when that of the award date allows nothing for certain."""
        from aid_rules.engine import transitions  # noqa: PLC0415 - only a dossier without a sure basis pays for it

        for option in transitions.possibilites(self.engine, self.found) if transitions.utiles(self.found) else ():
            yield out.Possibilite.model_construct(
                base=option.base,
                version=option.version,
                verdict=VERDICTS[option.verdict],
                intensite_max_pct=euros_or_none(option.taux),
                montant_max_eur=euros_or_none(option.montant),
                motif=option.motif,
                references=self.refs([f"{transitions.TEXTE}:{option.disposition}"]),
            )
