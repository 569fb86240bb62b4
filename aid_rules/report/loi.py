"""The rules of a day as text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

import click

from aid_rules.amounts import percent
from aid_rules.engine.moteur import Engine
from aid_rules.language import slices as s
from aid_rules.report.texte import title, wrap


def list_bases(engine: Engine, jour: date) -> str:
    """Return the bases and schemes in force that day, with their volets."""
    loi = engine.at(jour).loi
    lines = [f"Droit en vigueur le {jour:%d/%m/%Y} (inchangé du {loi.du:%d/%m/%Y} au {loi.au:%d/%m/%Y})", ""]
    for heading, bases in (("Bases légales", loi.regimes), ("Dispositifs", loi.dispositifs)):
        if bases:
            lines.append(title(heading))
            lines += [f"  {base.id:<28} {base.intitule}" for base in bases]
    return "\n".join(lines)


def show_base(engine: Engine, name: str, jour: date) -> str:
    """Return the whole rule of a basis as it stands that day."""
    loi = engine.at(jour).loi
    base = next(b for b in (*loi.regimes, *loi.dispositifs) if b.id == name)
    return "\n".join(_Writer(engine).base(base, loi))


class _Writer:
    def __init__(self, engine: Engine) -> None:
        self.french = engine.french
        self.references = engine.references
        self.lists = engine.book.vocabulaire.listes

    def base(self, base: s.RegimeDuJour, loi: s.LoiDuJour) -> Iterator[str]:
        yield click.style(f"{base.id} — {base.intitule}", bold=True)
        yield f"Texte inchangé du {loi.du:%d/%m/%Y} au {loi.au:%d/%m/%Y} ; relu le {base.verifie_le:%d/%m/%Y}."
        for row in loi.regimes_cadres:
            if base.id in row.regimes:
                yield f"Régime à citer : {row.sa}, {row.intitule} (confiance {row.confiance})"
        yield from self.rules("Conditions", base.conditions)
        for volet in base.volets:
            if volet.id != "seul":
                yield ""
                yield click.style(f"Volet « {volet.id} » : {volet.intitule}", bold=True)
            yield from self.volet(volet)
        yield from self.amounts("Plafonds du total", base.plafonds)
        yield from self.amounts("Seuils de notification du total", base.seuils)

    def volet(self, volet: s.VoletDuJour) -> Iterator[str]:
        if volet.finalites:
            names = [self.lists["finalite"][f].libelle for f in sorted(volet.finalites)]
            yield wrap(f"Finalités : {', '.join(names)}", 2)
        if volet.postes is not None:
            names = [self.lists["poste"][p].libelle for p in sorted(volet.postes)]
            yield wrap(f"Coûts admissibles : {', '.join(names)} {self.cite(volet.postes_refs)}", 2)
        yield from self.rules("Conditions", volet.conditions)
        yield from self.amounts("Assiette (la première qui s'applique)", volet.assiette)
        yield from self.rates("Taux (le premier qui s'applique)", volet.base)
        if volet.majorations:
            yield title("Majorations")
            for bonus in volet.majorations:
                points = percent(bonus.points).removesuffix("%")
                yield self.entry(f"+{points}points : {self.when(bonus)}", bonus)
        for cut in volet.reductions:
            yield self.entry(f"Taux multiplié par {percent(cut.facteur)} : {self.when(cut)}", cut)
        yield from self.rates("Taux jamais dépassé", volet.plafonds_taux)
        yield from self.amounts("Montant (le premier qui s'applique)", volet.montant)
        yield from self.amounts("Plafonds", volet.plafonds)
        yield from self.amounts("Seuils de notification", volet.seuils)

    def rules(self, heading: str, rules: Iterable[s.Regle]) -> Iterator[str]:
        found = list(rules)
        if found:
            yield title(heading)
        for rule in found:
            text = f"{rule.intitule} — {self.when(rule)}" if rule.intitule else self.when(rule)
            yield self.entry(text, rule)

    def rates(self, heading: str, rules: Iterable[s.RegleTaux]) -> Iterator[str]:
        found = list(rules)
        if found:
            yield title(heading)
        for rule in found:
            yield self.entry(f"{self.french.quantity(rule.taux)} : {self.when(rule)}", rule)

    def amounts(self, heading: str, rules: Iterable[s.RegleMontant]) -> Iterator[str]:
        found = list(rules)
        if found:
            yield title(heading)
        for rule in found:
            amount = self.french.amount(rule.simple, rule.par, [factor.nom for factor in rule.facteurs])
            yield self.entry(f"{amount} : {self.when(rule)}", rule)
        for factor in s.facteurs(found):
            yield self.entry(f"{factor.nom} : {self.french.factor(factor.rapport)} : {self.when(factor)}", factor)

    def when(self, rule: s.Regle) -> str:
        return self.french.condition(rule.si) if rule.si is not None else "dans tous les cas"

    def entry(self, text: str, rule: s.Regle) -> str:
        return wrap(f"• {text} {self.cite(rule.refs)}", 2)

    def cite(self, refs: Iterable[str]) -> str:
        return f"[{' ; '.join(self.references.write(ref).texte for ref in refs)}]"
