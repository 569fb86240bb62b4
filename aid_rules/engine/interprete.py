"""A plain reading of the trees, slow and obvious: it finds which missing facts matter and checks generated code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from aid_rules.engine import intervalles as iv
from aid_rules.engine.environnement import Couts, Slots, shift
from aid_rules.language import tree as t


class Interprete:
    """Reads trees against one list of facts and the cost lines of one volet."""

    def __init__(self, slots: Slots, env: Sequence[Any], couts: Couts, assiette: iv.Interval) -> None:
        self.slots = slots
        self.env = env
        self.couts = couts
        self.assiette = assiette

    def verite(self, node: t.Bool | None) -> int:
        """Return the truth value of a condition; None always holds."""
        match node:
            case None:
                return t.VRAI
            case t.EstVrai(fait):
                value: int = self.env[self.slots.index[fait]]
                return value
            case t.Non(item):
                return t.NON[self.verite(item)]
            case t.Tous(items):
                values = {self.verite(item) for item in items}
                return t.FAUX if t.FAUX in values else t.INCONNU if t.INCONNU in values else t.VRAI
            case t.UnDe(items):
                values = {self.verite(item) for item in items}
                return t.VRAI if t.VRAI in values else t.INCONNU if t.INCONNU in values else t.FAUX
            case t.Dans(fait, _, masque):
                possible: int = self.env[self.slots.index[fait]]
                if possible & ~masque == 0:
                    return t.VRAI
                return t.INCONNU if possible & masque else t.FAUX
            case t.Compare(operateur, gauche, droite):
                if t.is_scalar(gauche) and t.is_scalar(droite) and not self.connus(gauche, droite):
                    return t.INCONNU
                return iv.compare(operateur, self.precis(gauche), self.precis(droite))

    def ecart(self, node: t.Bool, voulu: bool = True) -> int:
        """Return how far a condition is from holding (from failing, unless `voulu`).

        The least that must change, two for each plain condition that fails and one for each that is not known.
        """
        match node:
            case t.Non(item):
                return self.ecart(item, not voulu)
            case t.Tous(items) | t.UnDe(items):
                gaps = [self.ecart(item, voulu) for item in items]
                return sum(gaps) if isinstance(node, t.Tous) == voulu else min(gaps)
            case _:
                status = self.verite(node) if voulu else t.NON[self.verite(node)]
                return {t.VRAI: 0, t.INCONNU: 1}.get(status, 2)

    def connus(self, *nodes: t.Num) -> bool:
        """Tell whether every fact that the quantities read is known."""
        return all(self.slots.known(self.env, name) for node in nodes for name in t.facts_of(node))

    def precis(self, node: t.Num) -> iv.Interval:
        """Return a quantity in ten-thousandths, unrounded; open on both sides when a date or a number is unknown."""
        match node:
            case t.PartDe(taux, base):
                return iv.exact_part(iv.share_bounds(self.bornes(taux)), self.bornes(base))
            case t.Somme(termes):
                return iv.plus([(sign, self.precis(term)) for sign, term in termes])
            case t.Extremum(plus_petit, items):
                values = [self.precis(item) for item in items]
                return iv.least(values) if plus_petit else iv.greatest(values)
            case t.Produit(facteur, base):
                return iv.times(facteur, self.precis(base))
            case _:
                return iv.times(10_000, self.bornes(node))

    def bornes(self, node: t.Num) -> iv.Interval:
        """Return the bounds of a quantity in its exact unit."""
        match node:
            case t.Nombre(valeur):
                return (valeur, valeur)
            case t.Fait(nom, _, intervalle):
                value = self.env[self.slots.index[nom]]
                if intervalle:
                    return (value[0], value[1])
                return iv.UNKNOWN if value is None else (value, value)
            case t.Couts(poste):
                return self.cout(poste)
            case t.Assiette():
                return self.assiette
            case t.Somme(termes):
                return iv.plus([(sign, self.bornes(term)) for sign, term in termes])
            case t.PartDe(taux, base):
                return iv.part(iv.share_bounds(self.bornes(taux)), self.bornes(base))
            case t.Extremum(plus_petit, items):
                values = [self.bornes(item) for item in items]
                return iv.least(values) if plus_petit else iv.greatest(values)
            case t.Produit(facteur, base):
                return iv.times(facteur, self.bornes(base))
            case t.Decalage(base, nombre, unite):
                day, last = self.bornes(base)
                moved = shift(day if day == last else None, nombre, unite)
                return iv.UNKNOWN if moved is None else (moved, moved)
            case t.Multiple(base, t.Rapport(over, under), si):
                return iv.multiple(self.verite(si), self.bornes(base), self.bornes(over), self.bornes(under))

    def cout(self, poste: str) -> iv.Interval:
        """Return the amount of one type of cost, of all of them when none is named."""
        return self.couts.poste(poste) if poste else self.couts.total

    def couts_connus(self, node: t.Node) -> bool:
        """Tell whether the cost lines settle what `node` reads of them: all of them, or those of one type."""
        read = [n.poste if isinstance(n, t.Couts) else "" for n in t.walk(node) if isinstance(n, t.Couts | t.Assiette)]
        return all(low == high for low, high in map(self.cout, read))

    def retenu(self, node: t.Num) -> t.Num:
        """Return an amount with the factors that apply, now without condition, and those that may apply."""
        if not isinstance(node, t.Multiple):
            return node
        status, base = self.verite(node.si), self.retenu(node.base)
        return base if status == t.FAUX else t.Multiple(base, node.rapport, None if status == t.VRAI else node.si)

    def manquants(self, node: t.Node | None) -> list[str]:
        """Return the unknown facts that keep a condition from being settled; an amount from being known."""
        match node:
            case None:
                return []
            case t.Tous(items) | t.UnDe(items):
                return [n for item in items if self.verite(item) == t.INCONNU for n in self.manquants(item)]
            case t.Non(item):
                return self.manquants(item)
            case t.Multiple(base, rapport, si):
                status = self.verite(si)
                missing = self.manquants(si) if status == t.INCONNU else []
                return self.manquants(base) + missing + (self.manquants(rapport) if status != t.FAUX else [])
            case _:
                missing = [name for name in t.facts_of(node) if not self.slots.known(self.env, name)]
                return missing if self.couts_connus(node) else [*missing, "projet.couts"]
