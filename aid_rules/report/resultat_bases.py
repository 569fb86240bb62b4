"""Legal bases and schemes as the public result says them: conditions, costs, intensity, caps."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from aid_rules import assessment as out
from aid_rules.amounts import percent
from aid_rules.engine.appuis import Appui, VoletBorne, synthese
from aid_rules.engine.environnement import Couts
from aid_rules.engine.exact import RegimeEvalue, VoletEvalue
from aid_rules.engine.interprete import Interprete
from aid_rules.engine.intervalles import Interval
from aid_rules.language import tree as t
from aid_rules.language.slices import SYNTHETIC, Regle, RegleMontant
from aid_rules.report.ecriture import VERDICTS, VERITES, bounds
from aid_rules.report.plume import Plume, missing_of


class BasesWriter(Plume):
    """Writes the bases and the schemes."""

    def regime(self, found: RegimeEvalue) -> out.Base:
        return self.base(found, found.verdict, tuple(self.volet(v) for v in found.volets), found.taux, found.montant)

    def scheme(self, found: RegimeEvalue, bounded: Sequence[VoletBorne]) -> out.Base:
        verdict = self.found.verdicts_dispositifs[found.regime.id]
        statuses = self.found.inference.dispositifs
        volets = tuple(self.volet(v.evalue, v, statuses[v.cle]) for v in bounded)
        whole = synthese(found, bounded, statuses)
        return self.base(found, verdict, volets, whole.taux, whole.montant)

    def base(
        self,
        found: RegimeEvalue,
        verdict: int,
        volets: tuple[out.Volet, ...],
        rate: Interval | None,
        amount: Interval | None,
    ) -> out.Base:
        regime = found.regime
        alone = len(volets) == 1 and volets[0].id == "seul"
        conditions = self.common(found)
        if alone:
            conditions += volets[0].conditions
        live = [v for v in volets if v.verdict != "non_mobilisable"]
        missing = [*missing_of(conditions), *(m for v in live if not alone for m in missing_of(v.conditions))]
        missing += [m for v in found.volets if v.verdict != t.FAUX for m in self.missing_amounts(v)]
        if found.examine and regime.seuils:
            tops = [v.montant[1] if v.montant else None for v in found.volets if v.verdict != t.FAUX]
            gross = None if None in tops else sum(top or 0 for top in tops)
            missing += self.missing_limits(regime.seuils, found.seuils, gross, self.reader(self.shared(found)))
        least, most = bounds(rate) if verdict != t.FAUX else (None, None)
        low, high = bounds(amount) if verdict != t.FAUX else (None, None)
        limits = (
            *(limit for v in live for limit in v.limites if limit.genre == "seuil_notification"),
            *(
                self.limits(regime.seuils, found.seuils, "seuil_notification", self.reader(self.shared(found)))
                if found.examine
                else ()
            ),
        )
        return out.Base.model_construct(
            id=regime.id,
            intitule=regime.intitule,
            genre=regime.genre,
            regime_cadre=tuple(
                out.RegimeCadre.model_construct(sa=r.sa, intitule=r.intitule, confiance=r.confiance)
                for r in self.found.loi.loi.regimes_cadres
                if regime.id in r.regimes
            ),
            verdict=VERDICTS[verdict],
            examine=found.examine,
            plafonne=amount is not None,
            conditions=conditions,
            manquants=tuple(dict.fromkeys(missing)) if verdict != t.FAUX else (),
            assiette=volets[0].assiette if alone else None,
            intensite_min_pct=least,
            intensite_max_pct=most,
            detail_intensite=volets[0].detail_intensite if alone else (),
            montant_min_eur=low,
            montant_max_eur=high,
            seuil_notification=tuple(limits),
            volets=() if alone else volets,
            operateur=regime.operateur,
            besoin=regime.besoin,
            financier=regime.financier,
            action=regime.action,
            appuis=tuple(dict.fromkeys(a.base for v in volets for a in v.appuis if a.verdict != "non_mobilisable")),
        )

    def common(self, found: RegimeEvalue) -> tuple[out.Condition, ...]:
        if not found.examine:
            return (
                out.Condition.model_construct(
                    id="finalite", verdict="faux", phrase=SYNTHETIC["finalite"], references=(), manquants=()
                ),
            )
        reader = self.reader(self.shared(found))
        rules = zip(found.regime.conditions, found.conditions, strict=True)
        return (
            *(self.condition(rule, status, reader) for rule, status in rules),
            *self.cost_thresholds(found.regime.seuils, found.seuils_couts, reader),
        )

    def shared(self, found: RegimeEvalue) -> Couts:
        """Return the cost lines of all the volets of a basis."""
        purposes = [v.volet.finalites for v in found.volets]
        union = None if None in purposes else frozenset().union(*(p for p in purposes if p is not None))
        return self.found.faits.lignes.choisir(union, None)

    def cost_thresholds(
        self, rules: Iterable[RegleMontant], statuses: Sequence[int], reader: Interprete
    ) -> tuple[out.Condition, ...]:
        on_costs = [rule for rule in rules if rule.grandeur != "aide"]
        found = []
        for rule, status in zip(on_costs, statuses, strict=True):
            limit = self.engine.french.quantity(rule.montant)
            missing = ["projet.couts", *reader.manquants(rule.si)] if status == t.INCONNU else []
            found.append(
                out.Condition.model_construct(
                    id=rule.id,
                    intitule=rule.intitule or "Seuil de notification",
                    verdict=VERITES[status],
                    phrase=f"coûts du projet : au plus {limit}",
                    references=self.refs(rule.refs),
                    manquants=self.paths(missing),
                )
            )
        return tuple(found)

    def volet(self, found: VoletEvalue, bounded: VoletBorne | None = None, status: int | None = None) -> out.Volet:
        rules = found.volet
        reader = self.reader(found.couts, found.assiette)
        conditions = [self.synthetic(found, name, value, reader) for name, value in found.synthese]
        conditions += [self.condition(r, s, reader) for r, s in zip(rules.conditions, found.conditions, strict=True)]
        conditions += self.cost_thresholds(rules.seuils, found.seuils_couts, reader)
        rate, amount = (bounded.taux, bounded.montant) if bounded else (found.taux, found.montant)
        least, most = bounds(rate)
        low, high = bounds(amount)
        base_low, base_high = bounds(found.assiette)
        methods = [r for r, s in zip(rules.assiette, found.methodes, strict=True) if s == t.VRAI]
        return out.Volet.model_construct(
            id=rules.id,
            intitule=rules.intitule,
            verdict=VERDICTS[found.verdict if status is None else status],
            conditions=tuple(conditions),
            assiette=out.Assiette.model_construct(
                lignes=found.couts.lignes,
                lignes_possibles=found.couts.possibles,
                lignes_exclues=found.couts.exclues,
                montant_min_eur=base_low,
                montant_max_eur=base_high,
                methode=(methods[0].intitule or self.engine.french.quantity(methods[0].montant)) if methods else "",
            ),
            intensite_min_pct=least,
            intensite_max_pct=most,
            montant_min_eur=low,
            montant_max_eur=high,
            detail_intensite=tuple(self.steps(found)),
            limites=(
                *self.limits(rules.plafonds, found.plafonds, "plafond", reader),
                *self.limits(rules.seuils, found.seuils, "seuil_notification", reader),
            ),
            appuis=tuple(self.support(a) for a in bounded.appuis) if bounded else (),
        )

    @staticmethod
    def support(appui: Appui) -> out.Appui:
        return out.Appui.model_construct(
            base=appui.base,
            verdict=VERDICTS[appui.statut],
            intensite_max_pct=bounds(appui.taux)[1],
            montant_max_eur=bounds(appui.montant)[1],
        )

    def synthetic(self, found: VoletEvalue, name: str, status: int, reader: Interprete) -> out.Condition:
        rules = found.volet
        refs = {
            "postes": rules.postes_refs,
            "methode": tuple(ref for r in rules.assiette for ref in r.refs),
            "taux": tuple(ref for r in (*rules.base, *rules.montant) for ref in r.refs),
        }.get(name, ())
        missing: list[str] = []
        if status == t.INCONNU:
            options = rules.assiette if name == "methode" else (*rules.base, *rules.montant) if name == "taux" else ()
            missing = [m for rule in options for m in reader.manquants(rule.si)] or ["projet.couts"]
        return out.Condition.model_construct(
            id=name,
            verdict=VERITES[status],
            phrase=SYNTHETIC[name],
            references=self.refs(refs),
            manquants=self.paths(missing),
        )

    def missing_amounts(self, found: VoletEvalue) -> list[str]:
        """Return what keeps the rate or the amount of a volet between two bounds."""
        rules = found.volet
        reader = self.reader(found.couts, found.assiette)
        pairs = [
            *zip(rules.assiette, found.methodes, strict=True),
            *zip(rules.base, found.base, strict=True),
            *zip([m for m in rules.majorations if not m.apres_reduction], found.majorations, strict=True),
            *zip([m for m in rules.majorations if m.apres_reduction], found.majorations_apres, strict=True),
            *zip(rules.reductions, found.reductions, strict=True),
            *zip(rules.plafonds_taux, found.plafonds_taux, strict=True),
            *zip(rules.montant, found.montants, strict=True),
            *zip(rules.plafonds, found.plafonds[0], strict=True),
        ]
        names: list[str] = [m for rule, status in pairs if status == t.INCONNU for m in reader.manquants(rule.si)]
        if found.montant is not None and found.montant[0] != found.montant[1]:
            amounts = [r for r, s in zip(rules.assiette, found.methodes, strict=True) if s != t.FAUX]
            amounts += [r for r, s in zip(rules.montant, found.montants, strict=True) if s != t.FAUX]
            amounts += [r for r, s in zip(rules.plafonds, found.plafonds[0], strict=True) if s != t.FAUX]
            names += [m for rule in amounts for m in reader.manquants(rule.montant)]
            names += [m for rule in rules.base for m in reader.manquants(rule.taux)]
        gross = found.montant_brut[1] if found.montant_brut else None
        return [*self.paths(names), *self.missing_limits(rules.seuils, found.seuils, gross, reader)]

    def missing_limits(
        self,
        rules: Sequence[RegleMontant],
        found: tuple[Sequence[int], Sequence[Interval]],
        gross: int | None,
        reader: Interprete,
    ) -> tuple[str, ...]:
        """Return what keeps the thresholds under an amount from being known; nothing while the amount is not."""
        names: list[str] = []
        on_aid = [rule for rule in rules if rule.grandeur == "aide"]
        for rule, status, value in zip(on_aid, *found, strict=True):
            if gross is not None and value[0] < gross and status != t.FAUX:
                names += reader.manquants(rule.si) if status == t.INCONNU else []
                names += reader.manquants(rule.montant) if value[0] != value[1] else []
        return self.paths(names)

    def steps(self, found: VoletEvalue) -> Iterable[out.EtapeIntensite]:
        rules = found.volet
        before = [m for m in rules.majorations if not m.apres_reduction]
        after = [m for m in rules.majorations if m.apres_reduction]
        decided = False
        for base, status in zip(rules.base, found.base, strict=True):
            if status != t.FAUX and not decided:
                yield self.step("base", base, status, self.engine.french.quantity(base.taux))
            decided = decided or status == t.VRAI
        for bonus, status in zip((*before, *after), (*found.majorations, *found.majorations_apres), strict=True):
            if status != t.FAUX:
                yield self.step("majoration", bonus, status, f"+\u202f{percent(bonus.points).removesuffix('%')}points")
        for cut, status in zip(rules.reductions, found.reductions, strict=True):
            if status != t.FAUX:
                yield self.step("reduction", cut, status, f"× {percent(cut.facteur)}")
        for top, status in zip(rules.plafonds_taux, found.plafonds_taux, strict=True):
            if status != t.FAUX:
                yield self.step("plafond", top, status, f"au plus {self.engine.french.quantity(top.taux)}")

    def step(self, genre: out.GenreEtape, rule: Regle, status: int, value: str) -> out.EtapeIntensite:
        return out.EtapeIntensite.model_construct(
            genre=genre,
            id=rule.id,
            intitule=rule.intitule,
            verdict=VERITES[status],
            valeur=value,
            phrase=self.phrase(rule.si),
            references=self.refs(rule.refs),
        )

    def limits(
        self,
        rules: Sequence[RegleMontant],
        found: tuple[Sequence[int], Sequence[Interval]],
        genre: out.GenreLimite,
        reader: Interprete,
    ) -> tuple[out.Limite, ...]:
        on_aid = [rule for rule in rules if rule.grandeur == "aide"]
        written = []
        for rule, status, value in zip(on_aid, *found, strict=True):
            if status == t.FAUX:
                continue
            low, high = bounds((max(value[0], 0), value[1]))
            used = [factor for factor in rule.facteurs if reader.verite(factor.si) != t.FAUX]
            written.append(
                out.Limite.model_construct(
                    genre=genre,
                    id=rule.id,
                    intitule=rule.intitule,
                    verdict=VERITES[status],
                    montant_min_eur=low,
                    montant_max_eur=high,
                    phrase=f"{self.engine.french.quantity(reader.retenu(rule.montant))} ({self.phrase(rule.si)})",
                    references=self.refs((*rule.refs, *(ref for f in used for ref in f.refs))),
                )
            )
        return tuple(written)
