"""The rules as sections of plain entries: what a page of the site says of one basis over one period."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from aid_rules.amounts import euros, percent
from aid_rules.assessment import Reference
from aid_rules.engine.moteur import Engine
from aid_rules.language import slices as s
from aid_rules.report.blocs import Cellule


@dataclass(frozen=True)
class Section:
    """A heading and its entries."""

    titre: str
    entrees: tuple[Cellule, ...]


@dataclass(frozen=True)
class Periode:
    """A basis as it stands from `du` to `au`, both included; `ajouts` and `retraits` tell it from the period before."""

    du: date
    au: date
    intitule: str
    sections: tuple[Section, ...]
    ajouts: tuple[str, ...] = ()
    retraits: tuple[str, ...] = ()

    def textes(self) -> list[str]:
        """Return every entry with its section."""
        return [f"{section.titre} : {entree.texte}" for section in self.sections for entree in section.entrees]


class Regles:
    """Writes the rules of a period."""

    def __init__(self, engine: Engine) -> None:
        self.french = engine.french
        self.references = engine.references
        self.lists = engine.book.vocabulaire.listes

    def base(self, base: s.RegimeDuJour, loi: s.LoiDuJour) -> tuple[Section, ...]:
        """Return the sections of a basis."""
        found = list(self._base(base, loi))
        return tuple(section for section in found if section.entrees)

    def _base(self, base: s.RegimeDuJour, loi: s.LoiDuJour) -> Iterator[Section]:
        schemes = (r for r in loi.regimes_cadres if base.id in r.regimes)
        yield Section("Régimes à citer", tuple(Cellule(f"{r.sa}, {r.intitule}") for r in schemes))
        yield self.rules("Conditions", base.conditions)
        for rule in base.de_minimis:
            window = "glissants" if rule.fenetre == "glissante" else "exercices"
            text = f"{euros(rule.montant)} sur {rule.ans} {'ans ' if window == 'glissants' else ''}{window}"
            yield Section("Plafond de minimis", (self.entry(f"{text} : {self.when(rule)}", rule),))
        for volet in base.volets:
            head = "" if volet.id == "seul" else f"{volet.intitule} : "
            yield from self.volet(volet, head)
        yield self.amounts("Plafonds du total", base.plafonds)
        yield self.amounts("Seuils de notification du total", base.seuils)

    def volet(self, volet: s.VoletDuJour, head: str) -> Iterator[Section]:
        """Yield the sections of one purpose of a basis."""
        if volet.finalites:
            names = [self.lists["finalite"][f].libelle for f in sorted(volet.finalites)]
            yield Section(f"{head}finalités", tuple(Cellule(n) for n in names))
        if volet.repose_sur:
            yield Section(f"{head}s'appuie sur", tuple(Cellule(n) for n in volet.repose_sur))
        yield self.rules(f"{head}conditions", volet.conditions)
        if volet.postes is not None:
            names = [self.lists["poste"][p].libelle for p in sorted(volet.postes)]
            yield Section(f"{head}coûts admissibles", (Cellule(", ".join(names), self.refs(volet.postes_refs)),))
        yield self.amounts(f"{head}assiette (la première qui s'applique)", volet.assiette)
        yield self.rates(f"{head}taux (le premier qui s'applique)", volet.base)
        bonuses = (
            self.entry(f"+\u202f{percent(b.points).removesuffix('%')}points : {self.when(b)}", b)
            for b in volet.majorations
        )
        yield Section(f"{head}majorations", tuple(bonuses))
        cuts = (self.entry(f"taux multiplié par {percent(c.facteur)} : {self.when(c)}", c) for c in volet.reductions)
        yield Section(f"{head}réductions", tuple(cuts))
        yield self.rates(f"{head}taux jamais dépassé", volet.plafonds_taux)
        yield self.amounts(f"{head}montant (le premier qui s'applique)", volet.montant)
        yield self.amounts(f"{head}plafonds", volet.plafonds)
        yield self.amounts(f"{head}seuils de notification", volet.seuils)

    def rules(self, titre: str, rules: Iterable[s.Regle]) -> Section:
        """Return conditions as a section."""
        said = ((rule, self.when(rule)) for rule in rules)
        return Section(titre, tuple(self.entry(f"{r.intitule} : {w}" if r.intitule else w, r) for r, w in said))

    def rates(self, titre: str, rules: Iterable[s.RegleTaux]) -> Section:
        """Return rates as a section."""
        return Section(titre, tuple(self.entry(f"{self.french.quantity(r.taux)} : {self.when(r)}", r) for r in rules))

    def amounts(self, titre: str, rules: Iterable[s.RegleMontant]) -> Section:
        """Return amounts as a section."""
        entries = []
        amounts = list(rules)
        for rule in amounts:
            amount = self.french.amount(rule.simple, rule.par, [factor.nom for factor in rule.facteurs])
            entries.append(self.entry(f"{amount} : {self.when(rule)}", rule))
        for factor in s.facteurs(amounts):
            text = f"{factor.nom} : {self.french.factor(factor.rapport)} : {self.when(factor)}"
            entries.append(self.entry(text, factor))
        return Section(titre, tuple(entries))

    def commun(self, loi: s.LoiDuJour) -> tuple[Section, ...]:
        """Return what stands above the bases: criteria, obligations, incompatibilities."""
        criteres = (self.rules(f"Critère : {c.intitule}", c.conditions) for c in loi.criteres)
        obligations = tuple(Cellule(f"{o.intitule} : {o.action}", self.refs(o.refs)) for o in loi.obligations)
        excluded = tuple(Cellule(i.message, self.refs(i.refs)) for i in loi.incompatibilites)
        sections = (*criteres, Section("Obligations", obligations), Section("Cumuls interdits", excluded))
        return tuple(section for section in sections if section.entrees)

    def when(self, rule: s.Regle) -> str:
        """Return when an entry applies."""
        return self.french.condition(rule.si) if rule.si is not None else "dans tous les cas"

    def entry(self, text: str, rule: s.Regle) -> Cellule:
        """Return an entry with its references."""
        return Cellule(text, self.refs(rule.refs))

    def refs(self, refs: Iterable[str]) -> tuple[Reference, ...]:
        """Return references as lawyers write them."""
        written = (self.references.write(ref) for ref in dict.fromkeys(refs))
        return tuple(Reference(id=r.id, texte=r.texte, lien=r.lien) for r in written)
