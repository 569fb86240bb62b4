"""Cuts dated rules to the law of one day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from typing import Any, TypeVar

from aid_rules.amounts import BP_PER_UNIT, to_basis_points
from aid_rules.language import entries
from aid_rules.language import files as f
from aid_rules.language import tree as t
from aid_rules.language.loader import RuleSet
from aid_rules.language.slices import (
    FIRST,
    LAST,
    CritereDuJour,
    DerogationDuJour,
    IncompatibiliteDuJour,
    LoiDuJour,
    ObligationDuJour,
    ParametreDuJour,
    PlafondMixteDuJour,
    RegimeCadreDuJour,
    RegimeDuJour,
    Regle,
    RegleDeMinimis,
    RegleFacteur,
    RegleMajoration,
    RegleMontant,
    RegleReduction,
    RegleTaux,
    VoletDuJour,
    period,
)

Dated = TypeVar("Dated", bound=Any)


def boundaries(rules: RuleSet) -> tuple[date, ...]:
    """Return the days on which some rule begins or has just ended, in order, from 1990-01-01."""
    days = {FIRST}

    def add(du: date | None, au: date | None) -> None:
        if du:
            days.add(du)
        if au:
            days.add(au + timedelta(days=1))

    for texte in rules.textes.values():
        add(texte.debut, texte.fin)
    for law in rules.lois():
        add(law.du, law.au)
        for _, item in f.dated_items(law):
            add(item.du, item.au)
        for volet in getattr(law, "volets", ()):
            add(volet.du, volet.au)
    for row in rules.regimes_cadres:
        add(row.du, row.au)
    for _, parametre in rules.parametres.values():
        for value in parametre.valeurs:
            add(value.du, value.au)
    return tuple(sorted(day for day in days if FIRST <= day <= LAST))


def cut(rules: RuleSet, jour: date) -> LoiDuJour:
    """Return the law in force on `jour`."""
    du, au = period(boundaries(rules), jour)
    return _Cutter(rules, jour).law(du, au)


class _Cutter:
    def __init__(self, rules: RuleSet, jour: date) -> None:
        self.rules = rules
        self.jour = jour

    def appuis_de_minimis(self) -> Iterator[tuple[str, tuple[str, bool]]]:
        for scheme in self.rules.dispositifs.values():
            volets = [v.repose_sur or scheme.repose_sur for v in scheme.volets] or [scheme.repose_sur]
            bases = [[base for base in some if base != "hors_aide"] for some in volets]
            small = [base for some in bases for base in some if base.startswith("de_minimis.")]
            if small:
                sure = all(bases) and all(base == small[0] for some in bases for base in some)
                yield scheme.id, (small[0].partition(".")[2], sure)

    def law(self, du: date, au: date) -> LoiDuJour:
        rules = self.rules
        regimes = tuple(self.regime(r) for r in rules.regimes.values() if self.alive(r))
        dispositifs = tuple(self.regime(d) for d in rules.dispositifs.values() if self.alive(d))
        cumuls = [c for c in rules.cumuls if self.alive(c)]
        written = self.parameters()
        return LoiDuJour(
            du=du,
            au=au,
            appuis_de_minimis=dict(self.appuis_de_minimis()),
            criteres=tuple(
                CritereDuJour(c.id, c.intitule, tuple(self.conditions(c, c.conditions)))
                for c in rules.criteres
                if self.alive(c)
            ),
            regimes=regimes,
            dispositifs=dispositifs,
            obligations=tuple(self.obligations((*regimes, *dispositifs))),
            incompatibilites=tuple(
                IncompatibiliteDuJour(
                    i.id,
                    i.intitule,
                    i.si,
                    self.refs(c, i.ref),
                    (i.entre[0], i.entre[1]),
                    i.gravite,
                    i.message,
                    i.parite,
                )
                for c in cumuls
                for i in self.live(c.incompatibilites)
            ),
            derogations=tuple(
                DerogationDuJour(
                    d.id,
                    d.intitule or "",
                    d.si,
                    self.refs(c, d.ref),
                    d.effet,
                    d.bases,
                    d.libres,
                    d.taux.valeur if isinstance(d.taux, t.Nombre) else BP_PER_UNIT,
                )
                for c in cumuls
                for d in self.live(c.derogations)
            ),
            regimes_cadres=tuple(
                RegimeCadreDuJour(r.sa, r.intitule, r.regimes, r.confiance)
                for r in rules.regimes_cadres
                if r.du <= self.jour <= r.au
            ),
            parametres={name: p.valeur for name, p in written.items()},
            parametres_ecrits=written,
            regles_cumul=self.principles(cumuls),
            plafonds_mixtes=tuple(
                PlafondMixteDuJour(p.id, p.intitule or "", p.reglements, self.refs(c, p.ref))
                for c in cumuls
                for p in self.live(c.plafonds_mixtes)
            ),
        )

    def principles(self, cumuls: Iterable[f.Cumul]) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for law in cumuls:
            for rule in self.live(law.regles):
                found[rule.id] = (*found.get(rule.id, ()), *self.refs(law, rule.ref))
        return found

    def alive(self, law: f.Base) -> bool:
        text = self.rules.textes.get(law.texte)
        du = law.du or (text.debut if text else None)
        au = law.au or (text.fin if text else None)
        return (du is None or du <= self.jour) and (au is None or self.jour <= au)

    def live(self, items: Iterable[Dated]) -> list[Dated]:
        return [item for item in items if item.en_vigueur(self.jour)]

    @staticmethod
    def refs(law: f.Base, refs: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(ref if ":" in ref else f"{law.texte}:{ref}" for ref in refs)

    def conditions(self, law: f.Base, items: Iterable[entries.ConditionItem]) -> list[Regle]:
        return [Regle(c.id, c.intitule or "", c.si, self.refs(law, c.ref)) for c in self.live(items)]

    def amounts(
        self, law: f.Base, liste: str, items: Iterable[entries.MontantItem], facteurs: Iterable[entries.Facteur] = ()
    ) -> tuple[RegleMontant, ...]:
        found = []
        factors = self.live(facteurs)
        for item in self.live(items):
            plafond = item if isinstance(item, entries.Plafond) else None
            mine = [factor for factor in factors if not {item.id, liste}.isdisjoint(factor.sur)]
            amount = item.valeur()
            for factor in mine:
                amount = t.Multiple(amount, factor.rapport(), factor.si)
            found.append(
                RegleMontant(
                    item.id,
                    item.intitule or "",
                    item.si,
                    self.refs(law, item.ref),
                    amount,
                    plafond.par if plafond else (),
                    plafond.grandeur if plafond else "aide",
                    tuple(RegleFacteur(f.id, f.intitule or "", f.si, self.refs(law, f.ref), f.rapport()) for f in mine),
                )
            )
        return tuple(found)

    def rates(self, law: f.Base, items: Iterable[entries.BaseTaux | entries.PlafondTaux]) -> tuple[RegleTaux, ...]:
        return tuple(RegleTaux(i.id, i.intitule or "", i.si, self.refs(law, i.ref), i.taux) for i in self.live(items))

    def bonuses(self, law: f.Base, items: Iterable[entries.Majoration]) -> tuple[RegleMajoration, ...]:
        return tuple(
            RegleMajoration(
                i.id,
                i.intitule or "",
                i.si,
                self.refs(law, i.ref),
                i.points,
                i.groupe or f"seul.{i.id}",
                i.apres_reduction,
            )
            for i in self.live(items)
        )

    def regime(self, law: f.Regime) -> RegimeDuJour:
        communs = [c for c in self.rules.communs if self.alive(c)] if law.genre == "regime" else []
        conditions = [
            Regle(i.id, i.intitule or "", i.si, self.refs(c, i.ref))
            for c in communs
            for i in self.live(c.conditions)
            if (i.vise or c.vise).vise(law)
        ]
        if law.volets:
            conditions += self.conditions(law, law.conditions)
        bonuses = [
            b for c in communs for b in self.bonuses(c, [i for i in c.majorations if (i.vise or c.vise).vise(law)])
        ]
        ceilings = [
            p for c in communs for p in self.rates(c, [i for i in c.plafonds_intensite if (i.vise or c.vise).vise(law)])
        ]
        alone = f.Volet(
            id="seul",
            intitule=law.intitule,
            finalites=() if law.finalites == "tous" else law.finalites,
            repose_sur=law.repose_sur if isinstance(law, f.Dispositif) else (),
            conditions=law.conditions,
            montant=law.montant,
            plafonds=() if law.volets else law.plafonds,
            seuil_notification=() if law.volets else law.seuil_notification,
            facteurs=law.facteurs,
        )
        volets = self.live(law.volets) if law.volets else [alone]
        scheme = law if isinstance(law, f.Dispositif) else None
        return RegimeDuJour(
            id=law.id,
            genre=law.genre,
            intitule=law.intitule,
            texte=law.texte,
            article=law.article,
            famille=law.famille,
            verifie_le=law.verifie_le,
            confiance=law.confiance,
            conditions=tuple(conditions),
            volets=tuple(self.volet(law, volet, bonuses, ceilings) for volet in volets),
            plafonds=self.amounts(law, "plafonds", law.plafonds, law.facteurs) if law.volets else (),
            seuils=self.amounts(law, "seuil_notification", law.seuil_notification, law.facteurs) if law.volets else (),
            de_minimis=tuple(
                RegleDeMinimis(
                    p.id,
                    p.intitule or "",
                    p.si,
                    self.refs(law, p.ref),
                    p.montant_eur,
                    p.fenetre,
                    p.ans,
                    p.compte or (law.id.partition(".")[2],),
                )
                for p in self.live(law.plafond_de_minimis)
            ),
            operateur=scheme.operateur if scheme else "",
            besoin=scheme.besoin if scheme else "",
            financier=scheme.financier if scheme else True,
            fiche=(scheme.fiche or 0) if scheme else 0,
            action=(scheme.action or "") if scheme else "",
        )

    def volet(
        self, law: f.Regime, volet: f.Volet, bonuses: list[RegleMajoration], ceilings: list[RegleTaux]
    ) -> VoletDuJour:
        costs = volet.assiette or law.assiette
        postes = self.live(costs.postes)
        base = self.rates(law, volet.intensite.base or law.intensite.base)
        everything = law.finalites == "tous" and not volet.finalites
        return VoletDuJour(
            id=volet.id,
            intitule=volet.intitule,
            finalites=None if everything else frozenset(volet.finalites or law.finalites),
            repose_sur=volet.repose_sur or (law.repose_sur if isinstance(law, f.Dispositif) else ()),
            conditions=tuple(self.conditions(law, volet.conditions)),
            postes=frozenset(p for item in postes for p in item.valeurs) if postes else None,
            postes_refs=tuple(ref for item in postes for ref in self.refs(law, item.ref)),
            assiette=self.amounts(law, "assiette", costs.montant),
            base=base,
            majorations=(
                *self.bonuses(law, law.intensite.majorations),
                *self.bonuses(law, volet.intensite.majorations),
                *(bonuses if base else ()),
            ),
            reductions=tuple(
                RegleReduction(r.id, r.intitule or "", r.si, self.refs(law, r.ref), r.facteur_pct)
                for r in self.live((*law.intensite.reductions, *volet.intensite.reductions))
            ),
            plafonds_taux=(
                *self.rates(law, law.intensite.plafonds),
                *self.rates(law, volet.intensite.plafonds),
                *(ceilings if base else ()),
            ),
            montant=self.amounts(law, "montant", volet.montant, volet.facteurs),
            plafonds=(*self.amounts(law, "plafonds", volet.plafonds, volet.facteurs), *self.rooms(law)),
            seuils=self.amounts(law, "seuil_notification", volet.seuil_notification, volet.facteurs),
        )

    def rooms(self, law: f.Regime) -> tuple[RegleMontant, ...]:
        """Return what each de minimis ceiling leaves: the ceiling less the aid received over its window."""
        received = t.Fait(f"de_minimis.recu_{law.id.partition('.')[2]}", "montant", intervalle=True)
        return tuple(
            RegleMontant(
                p.id,
                p.intitule or "",
                p.si,
                self.refs(law, p.ref),
                t.Somme(((1, t.Nombre(p.montant_eur, "montant", str(p.montant_eur // 100), "EUR")), (-1, received))),
                ("entreprise_unique",),
            )
            for p in self.live(law.plafond_de_minimis)
        )

    def obligations(self, regimes: Iterable[RegimeDuJour]) -> Iterable[ObligationDuJour]:
        known = list(regimes)
        for commun in self.rules.communs:
            if not self.alive(commun):
                continue
            for item in self.live(commun.obligations):
                triggers = tuple(
                    r.id
                    for r in known
                    if r.id not in item.sauf and not {r.id, r.texte, r.famille, r.genre}.isdisjoint(item.declencheurs)
                )
                triggers += tuple(name for name in item.declencheurs if name.startswith("controle."))
                refs = self.refs(commun, item.ref)
                yield ObligationDuJour(item.id, item.intitule, item.si, refs, triggers, item.echeance, item.action)

    def parameters(self) -> dict[str, ParametreDuJour]:
        found = {}
        for name, (texte, parametre) in self.rules.parametres.items():
            for value in parametre.valeurs:
                if (value.du is None or value.du <= self.jour) and (value.au is None or self.jour <= value.au):
                    exact = exact_value(value.valeur, parametre.unite)
                    refs = tuple(ref if ":" in ref else f"{texte}:{ref}" for ref in value.ref)
                    found[name] = ParametreDuJour(parametre.intitule or "", exact, parametre.unite, refs)
        return found


def exact_value(value: object, unite: str) -> int:
    """Return a parameter in its exact unit: cents, basis points, hundredths of UTA, ordinal of a date."""
    if unite == "date":
        return date.fromisoformat(str(value)).toordinal()
    scaled = to_basis_points(value)
    return scaled if unite in ("eur", "pct", "uta") else scaled // 100
