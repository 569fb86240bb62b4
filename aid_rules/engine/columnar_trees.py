"""From the tree to columns: each condition and each quantity of a basis, over the facts of a table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from aid_rules.amounts import BP_PER_UNIT, MAX_CENTS
from aid_rules.engine import columnar_expressions as x
from aid_rules.engine import columnar_intervals as iv
from aid_rules.engine.columnar_expressions import Bit, Col, Entier, Verite
from aid_rules.engine.columnar_intervals import Bornes
from aid_rules.engine.columnar_lines import TOTAL_MAX, Choix
from aid_rules.engine.environnement import Slots, shift
from aid_rules.engine.vector_ops import choix, nombre, statut
from aid_rules.language import tree as t
from aid_rules.language.slices import Regle, RegleMontant

_BORNES: dict[t.Kind, tuple[int, int]] = {
    "montant": (-MAX_CENTS, MAX_CENTS),
    "pourcentage": (-(10**11), 10**11),
    "nombre": (0, 10**11),
    "date": (0, 4_000_000),
}
"""What a fact of each kind may hold, in its exact unit."""


@dataclass(frozen=True, slots=True)
class Etat:
    """What a table holds of a fact: one value for all rows (`constante`), or a column, without unknown or not."""

    constante: bool | int | None = None
    colonne: bool = False
    complet: bool = False


INCONNU_PARTOUT = Etat()


class Lecteur:
    """Writes trees as columns, for one basis."""

    def __init__(self, slots: Slots, etats: Mapping[str, Etat]) -> None:
        self.slots = slots
        self.etats = etats
        self._sure: dict[tuple[t.Node, bool], Verite | Bornes] = {}
        self._memo: dict[tuple[t.Node, bool], Verite | Bornes] = {}
        self.couts: Bornes = iv.INCONNU
        self.assiette: Bornes = iv.INCONNU
        self._choix: Choix | None = None

    def placer(self, choix: Choix, couts: Bornes) -> None:
        """Read costs from these lines from now on; the eligible costs are all of them until told otherwise."""
        self._choix = choix
        self.couts = couts
        self.retenir(couts)

    def retenir(self, assiette: Bornes) -> None:
        """Take these eligible costs from now on."""
        self.assiette = assiette
        self._memo.clear()

    def etat(self, name: str) -> Etat:
        """Return what the table holds of a fact."""
        return self.etats.get(name, INCONNU_PARTOUT)

    def verite(self, node: t.Bool | None) -> Verite:
        """Return the truth value of a condition; None always holds."""
        if node is None:
            return True
        found = self._connu(node, precis=False)
        if found is not None:
            return found[0]  # type: ignore[return-value]
        value = self._verite(node)
        self._garder(node, value, precis=False)
        return value

    def _verite(self, node: t.Bool) -> Verite:
        match node:
            case t.EstVrai(fait):
                return self._booleen(fait)
            case t.Non(item):
                return x.non(self.verite(item))
            case t.Tous(items):
                return x.et([self.verite(item) for item in items])
            case t.UnDe(items):
                return x.ou([self.verite(item) for item in items])
            case t.Dans(fait, _, masque):
                return self._dans(fait, masque)
            case t.Compare(operateur, gauche, droite):
                return self._comparer(operateur, gauche, droite)

    def _connu(self, node: t.Node, *, precis: bool) -> tuple[Verite | Bornes] | None:
        for memo in (self._sure, self._memo):
            if (node, precis) in memo:
                return (memo[node, precis],)
        return None

    def _garder(self, node: t.Node, value: Verite | Bornes, *, precis: bool) -> None:
        (self._memo if _reads_costs(node) else self._sure)[node, precis] = value

    def _booleen(self, name: str) -> Verite:
        state = self.etat(name)
        if not state.colonne:
            return None if state.constante is None else bool(state.constante)
        return Bit(statut(name), not state.complet)

    def _dans(self, name: str, mask: int) -> Verite:
        state, full = self.etat(name), self.slots.facts[name].masque()
        rest = ~mask & full
        if not state.colonne:
            value = full if state.constante is None else int(state.constante)
            return True if not value & rest else None if value & mask else False
        return Bit(choix(name, mask, rest), not state.complet)

    def _comparer(self, operator: t.Operator, left: t.Num, right: t.Num) -> Verite:
        if not (_simple(left) and _simple(right)):
            precise = any(isinstance(n, t.PartDe) for side in (left, right) for n in t.walk(side))
            return iv.compare(operator, self.bornes(left, precis=precise), self.bornes(right, precis=precise))
        one, other = self._scalaire(left), self._scalaire(right)
        if one is None or other is None:
            return None
        if isinstance(one, int) and isinstance(other, int):
            return bool(_PYTHON[operator](one, other))
        return x.si_connus(x.comparer(operator, one, other), (one, other))

    def _scalaire(self, node: t.Num) -> Entier | None:
        """Return a quantity that is known or not; None when it is unknown everywhere."""
        match node:
            case t.Nombre(valeur):
                return valeur
            case t.Fait(nom, genre):
                state = self.etat(nom)
                if nom == "date_octroi" and state.constante is None:
                    return Col(nombre(nom), *_BORNES["date"])
                if not state.colonne:
                    return None if state.constante is None else int(state.constante)
                return Col(nombre(nom), *_BORNES[genre], not state.complet)
            case t.Decalage(base, ecart, unite):
                return _decaler(self._scalaire(base), ecart, unite)
            case _:
                raise AssertionError(node)

    def bornes(self, node: t.Num, *, precis: bool = False) -> Bornes:
        """Return the bounds of a quantity in its exact unit; `precis`, in ten-thousandths and unrounded."""
        found = self._connu(node, precis=precis)
        if found is not None:
            return found[0]  # type: ignore[return-value]
        low, high = self._bornes(node, precis=precis)
        self._garder(node, (low, high), precis=precis)
        return low, high

    def _bornes(self, node: t.Num, *, precis: bool) -> Bornes:
        match node:
            case t.PartDe(taux, base):
                return iv.part(iv.share_bounds(self.bornes(taux)), self.bornes(base), arrondi=not precis)
            case t.Produit(facteur, base):
                return iv.times(facteur, self.bornes(base, precis=precis))
            case t.Somme(termes):
                return iv.plus([(sign, self.bornes(term, precis=precis)) for sign, term in termes])
            case t.Extremum(plus_petit, items):
                values = [self.bornes(item, precis=precis) for item in items]
                return iv.least(values) if plus_petit else iv.greatest(values)
            case _ if precis:
                return iv.times(BP_PER_UNIT, self.bornes(node))
            case t.Multiple(base, t.Rapport(over, under), si):
                return iv.multiple(self.verite(si), *(self.bornes(part) for part in (base, over, under)))
            case t.Couts(poste):
                if not poste:
                    return self.couts
                assert self._choix is not None
                return self._choix.poste(poste)
            case t.Assiette():
                return self.assiette
            case t.Fait(nom, _, True):
                return self.intervalle(nom)
            case _:
                return self._point(self._scalaire(node))

    @staticmethod
    def _point(value: Entier | None) -> Bornes:
        if value is None:
            return iv.INCONNU
        if isinstance(value, Col) and value.nul:
            return x.remplir(value, 0), value
        return value, value

    def intervalle(self, name: str) -> Bornes:
        """Return a fact known between two bounds."""
        state = self.etat(f"{name}.min")
        if not state.colonne:
            return iv.INCONNU if state.constante is None else (int(state.constante), self._haut(name))
        kind = self.slots.facts[name].type
        top = BP_PER_UNIT if kind == "pourcentage" else TOTAL_MAX
        low = Col(nombre(f"{name}.min"), 0, top)
        return low, low if self.etat(name).complet else self._haut(name)

    def _haut(self, name: str) -> Entier | None:
        state = self.etat(f"{name}.max")
        if not state.colonne:
            return None if state.constante is None else int(state.constante)
        top = BP_PER_UNIT if self.slots.facts[name].type == "pourcentage" else TOTAL_MAX
        return Col(nombre(f"{name}.max"), 0, top, not state.complet)

    def verites(self, rules: Iterable[Regle]) -> list[Verite]:
        """Return the truth value of each entry."""
        return [self.verite(rule.si) for rule in rules]

    def montants(self, rules: Iterable[RegleMontant]) -> list[Bornes]:
        """Return the amount of each entry."""
        return [self.bornes(rule.montant) for rule in rules]


def decalee(name: str, ecart: int, unite: t.UniteDeDelai) -> str:
    """Return the name of a column of days moved by some time: many bases read the same."""
    return f"{name}|{ecart}|{unite}"


@lru_cache(maxsize=65_536)
def _reads_costs(node: t.Node) -> bool:
    return t.reads_costs(node)


def _simple(node: t.Num) -> bool:
    if isinstance(node, t.Fait):
        return not node.intervalle
    return isinstance(node, t.Nombre) or (isinstance(node, t.Decalage) and _simple(node.base))


def _decaler(base: Entier | None, ecart: int, unite: t.UniteDeDelai) -> Entier | None:
    if base is None:
        return None
    if isinstance(base, int):
        return shift(base, ecart, unite)
    return Col(nombre(decalee(base.expr.nom, ecart, unite)), *_BORNES["date"], base.nul)


_PYTHON = {
    "=": int.__eq__, "!=": int.__ne__, "<": int.__lt__, "<=": int.__le__, ">": int.__gt__, ">=": int.__ge__,
}  # fmt: skip
