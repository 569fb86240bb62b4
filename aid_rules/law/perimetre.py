"""Who counts with the beneficiary: linked firms in full, partners in proportion (RGEC annexe I, articles 3 and 6).

Each question is settled twice, on what the dossier establishes and on what it leaves possible: the two perimeters
bound the figures.
"""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from aid_rules.amounts import BP_PER_UNIT
from aid_rules.law.base import FAUX, INCONNU, VRAI, Parametres
from aid_rules.law.groupe import BENEFICIAIRE, INVESTISSEURS, ORGANISMES, Detention, Groupe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_PUBLICS = frozenset({"organisme_public", "autorite_locale", "societe_publique_participation"})
_PEUT_ETRE_PUBLICS = frozenset({"universite", "investisseur_institutionnel"})


class Composantes:
    """Sets of nodes that control joins, merged smaller into larger."""

    def __init__(self, nodes: Iterable[int]) -> None:
        self.chef = {node: node for node in nodes}
        self.membres = {node: [node] for node in self.chef}

    def unir(self, one: int, other: int) -> list[int]:
        """Join two sets; return the members that changed set."""
        large, small = self.chef[one], self.chef[other]
        if large == small:
            return []
        if len(self.membres[large]) < len(self.membres[small]):
            large, small = small, large
        moved = self.membres.pop(small)
        for node in moved:
            self.chef[node] = large
        self.membres[large] += moved
        return moved

    def de(self, node: int) -> list[int]:
        """Return the set that holds the node; a node that was not kept stands alone."""
        return self.membres[self.chef[node]] if node in self.chef else [node]


def composantes(groupe: Groupe, majorite: int, retenu: Callable[[int], bool], possible: bool) -> Composantes:
    """Return the sets of nodes linked by control, alone or jointly, directly or through others.

    Only the nodes that `retenu` accepts are joined. With `possible`, unknown control counts as control.
    """
    nodes = [number for number in range(len(groupe.noeuds)) if retenu(number)]
    sets = Composantes(nodes)
    kept = set(nodes)
    held_by: dict[int, list[tuple[int, int]]] = defaultdict(list)
    holds: dict[int, list[int]] = defaultdict(list)
    for holding in groupe.detentions:
        if holding.detenteur not in kept or holding.detenue not in kept:
            continue
        if holding.liee(majorite) == VRAI or (possible and holding.liee(majorite) == INCONNU):
            sets.unir(holding.detenteur, holding.detenue)
        votes = holding.votes_bornes(majorite)[1 if possible else 0]
        ways = [(holding.detenteur, holding.detenue)] if possible or holding.oriente else []
        if possible and not holding.oriente:
            ways.append((holding.detenue, holding.detenteur))
        for holder, held in ways:
            held_by[held].append((holder, votes))
            holds[holder].append(held)
    queue = deque(held_by)
    while queue:
        held = queue.popleft()
        sums: dict[int, int] = defaultdict(int)
        for holder, votes in held_by[held]:
            sums[sets.chef[holder]] += votes
        for chief, votes in sums.items():
            if votes > majorite:
                queue.extend(target for node in sets.unir(chief, held) for target in holds[node])
    return sets


class Membre(NamedTuple):
    """One enterprise of the perimeter: its role and the share counted, in basis points, between two bounds."""

    noeud: int
    role: str
    part_min: int
    part_max: int


def perimetre(groupe: Groupe, parametres: Parametres) -> tuple[Membre, ...]:
    """Return the enterprises counted with the beneficiary, itself first."""
    sure = _parts(groupe, parametres, possible=False)
    open_ = _parts(groupe, parametres, possible=True)
    members = []
    for number in sorted(open_):
        role, high = open_[number]
        low = sure[number][1] if number in sure else 0
        members.append(Membre(number, role, low, high))
    return tuple(members)


def _marche(groupe: Groupe, number: int) -> int:
    facts = {lien.marche_commun for _, lien in groupe.noeuds[number].entrees}
    return VRAI if True in facts else FAUX if facts == {False} else INCONNU


def _parts(groupe: Groupe, parametres: Parametres, *, possible: bool) -> dict[int, tuple[str, int]]:
    majority, partner = parametres["pme.seuil_majorite"], parametres["pme.seuil_partenaire"]
    firms = composantes(groupe, majority, groupe.entreprise, possible)
    with_persons = composantes(groupe, majority, lambda n: groupe.noeuds[n].type not in ORGANISMES, possible)

    def etendre(start: int, base: set[int]) -> set[int]:
        """Add the enterprises linked through natural persons, on the same or an adjacent market (3(3))."""
        found = set(base)
        accepted = {VRAI, INCONNU} if possible else {VRAI}
        for number in with_persons.de(start):
            if groupe.entreprise(number) and number not in found and _marche(groupe, number) in accepted:
                found.update(firms.de(number))
        return found

    linked = etendre(BENEFICIAIRE, set(firms.de(BENEFICIAIRE)))
    shares: dict[int, tuple[str, int]] = dict.fromkeys(linked, ("liee", BP_PER_UNIT))
    for chief, share in _participations(groupe, parametres, linked, firms, possible=possible).items():
        if share < partner:
            continue
        for number in etendre(chief, set(firms.de(chief))) - linked:
            if shares.get(number, ("", 0))[1] < share:
                shares[number] = ("partenaire", share)
    return shares


def _participations(
    groupe: Groupe, parametres: Parametres, linked: set[int], firms: Composantes, *, possible: bool
) -> dict[int, int]:
    """Return, per set of enterprises next to the linked ones, the highest joint share held either way."""
    bound = 1 if possible else 0
    upstream: dict[tuple[int, int], list[Detention]] = defaultdict(list)
    downstream: dict[int, list[Detention]] = defaultdict(list)
    for holding in (h for number in linked for h in groupe.par_detenue.get(number, ())):
        holder = holding.detenteur
        if holder not in linked and (groupe.entreprise(holder) or groupe.noeuds[holder].type == "business_angel"):
            exempt = exception(groupe, holding, parametres)
            if exempt == FAUX or (possible and exempt == INCONNU):
                upstream[firms.chef.get(holder, holder), holding.detenue].append(holding)
    for holding in (h for number in linked for h in groupe.par_detenteur.get(number, ())):
        if groupe.entreprise(holding.detenue) and holding.detenue not in linked:
            downstream[holding.detenue].append(holding)

    best: dict[int, int] = defaultdict(int)
    for (chief, _), holdings in upstream.items():
        best[chief] = max(best[chief], part_commune(holdings, parametres)[bound])
    for held, holdings in downstream.items():
        best[firms.chef[held]] = max(best[firms.chef[held]], part_commune(holdings, parametres)[bound])
    return best


class PartCommune:
    """The bounds of the higher of the capital and of the votes that several hold together (6(2)).

    Capital is added to capital and votes to votes: a share of the one and a share of the other make no sum.
    """

    def __init__(self, parametres: Parametres) -> None:
        self.parametres = parametres
        self.votes = self.capital = self.bas = self.haut = 0
        self.partielle = False

    def ajouter(self, holding: Detention) -> None:
        """Add one holding."""
        low, high = holding.part_bornes(self.parametres["pme.seuil_partenaire"], self.parametres["pme.seuil_majorite"])
        self.votes += holding.votes or 0
        self.capital += holding.capital or 0
        self.bas, self.haut = max(self.bas, low), self.haut + high
        self.partielle = self.partielle or holding.votes is None or holding.capital is None

    @property
    def bornes(self) -> tuple[int, int]:
        """Return the least and the greatest share, in basis points."""
        known = max(self.votes, self.capital)
        high = self.haut if self.partielle else known
        return min(max(known, self.bas), BP_PER_UNIT), min(high, BP_PER_UNIT)


def part_commune(holdings: list[Detention], parametres: Parametres) -> tuple[int, int]:
    """Return the bounds of what several hold together, in basis points."""
    share = PartCommune(parametres)
    for holding in holdings:
        share.ajouter(holding)
    return share.bornes


def exception(groupe: Groupe, holding: Detention, parametres: Parametres) -> int:
    """Tell whether the holder is an investor that makes no partner up to 50 % (annexe I, article 3(2))."""
    holder = groupe.noeuds[holding.detenteur]
    if holder.type not in INVESTISSEURS or holding.liee(parametres["pme.seuil_majorite"]) == VRAI:
        return FAUX
    if holding.part_bornes(0, 0)[1] > parametres["pme.seuil_majorite"]:
        return FAUX
    if holder.type == "business_angel":
        total, silent = angels(groupe, holding.detenue)
        if total > parametres["pme.investissement_business_angel"]:
            return FAUX
        return INCONNU if silent else VRAI
    liens = [lien for _, lien in holder.entrees]
    if holder.type == "autorite_locale":
        return _sous([lien.budget_annuel for lien in liens], parametres["pme.budget_autorite_locale"]) & _sous(
            [lien.habitants for lien in liens], parametres["pme.habitants_autorite_locale"]
        )
    return VRAI


def angels(groupe: Groupe, held: int) -> tuple[int, tuple[str, ...]]:
    """Return what the business angels of an enterprise have invested in it, in cents, and where the dossier is silent.

    The ceiling is on their total investment in one enterprise.
    """
    if held not in groupe.angels:
        invested = [
            (h.chemin, _investi(groupe, h))
            for h in groupe.par_detenue.get(held, ())
            if groupe.noeuds[h.detenteur].type == "business_angel"
        ]
        silent = tuple(f"{path}.investissement_eur" for path, value in invested if value is None)
        groupe.angels[held] = sum(value or 0 for _, value in invested), silent
    return groupe.angels[held]


def _investi(groupe: Groupe, holding: Detention) -> int | None:
    """Return what a business angel has invested in this enterprise, else the most that the dossier says."""
    entries = groupe.noeuds[holding.detenteur].entrees
    here = next((lien.investissement for path, lien in entries if path == holding.chemin), None)
    if here is not None:
        return here
    return max((lien.investissement for _, lien in entries if lien.investissement is not None), default=None)


def _sous(values: list[int | None], ceiling: int) -> int:
    known = [value for value in values if value is not None]
    return INCONNU if not known else VRAI if max(known) < ceiling else FAUX


def controle_public(groupe: Groupe, parametres: Parametres) -> int:
    """Tell whether public bodies control 25 % or more of the beneficiary, alone or jointly (annexe I, article 3(4))."""
    threshold = parametres["pme.seuil_public"]
    if _part_publique(groupe, parametres, possible=False) >= threshold:
        return VRAI
    return INCONNU if _part_publique(groupe, parametres, possible=True) >= threshold else FAUX


def _denied(groupe: Groupe, number: int) -> bool:
    return {lien.organisme_public for _, lien in groupe.noeuds[number].entrees} == {False}


def _public(groupe: Groupe, number: int, *, possible: bool) -> bool:
    node = groupe.noeuds[number]
    stated = {lien.organisme_public for _, lien in node.entrees}
    if node.type in _PUBLICS or True in stated:
        return True
    return possible and node.type in _PEUT_ETRE_PUBLICS and stated != {False}


def _tenues_par(groupe: Groupe, holder: int, *, possible: bool) -> Iterator[Detention]:
    """Yield what a node holds; with `possible`, also where the dossier does not say which holds which."""
    yield from (h for h in groupe.par_detenteur.get(holder, ()) if h.oriente or possible)
    if possible:
        for holding in groupe.par_detenue.get(holder, ()):
            if not holding.oriente:
                yield replace(holding, detenteur=holding.detenue, detenue=holding.detenteur)


def _part_publique(groupe: Groupe, parametres: Parametres, *, possible: bool) -> int:
    majority = parametres["pme.seuil_majorite"]
    # a quarter of the parent is a quarter of the enterprise, held indirectly: whether it is controlled is to be checked
    above = set(composantes(groupe, majority, groupe.entreprise, possible).de(BENEFICIAIRE)) if possible else set()
    bound = 1 if possible else 0
    public = {n for n in range(1, len(groupe.noeuds)) if _public(groupe, n, possible=possible)}
    queue = deque(public)
    votes: dict[int, int] = defaultdict(int)
    shares: dict[int, PartCommune] = defaultdict(lambda: PartCommune(parametres))
    kept: list[Detention] = []
    exempt: list[Detention] = []
    while queue:
        for holding in _tenues_par(groupe, queue.popleft(), possible=possible):
            held = holding.detenue
            if held == BENEFICIAIRE:
                state = exception(groupe, holding, parametres)
                (kept if state == FAUX or (possible and state == INCONNU) else exempt).append(holding)
                continue
            votes[held] += holding.votes_bornes(majority)[bound]
            if held in above and exception(groupe, holding, parametres) != VRAI and not _denied(groupe, held):
                shares[held].ajouter(holding)
            sure = holding.liee(majority) == VRAI or (possible and holding.liee(majority) == INCONNU)
            quarter = shares[held].bornes[1] >= parametres["pme.seuil_public"]
            if held not in public and (sure or votes[held] > majority or quarter):
                public.add(held)
                queue.append(held)
    # exempt investors that jointly hold a majority may be linked with the enterprise: the exception would fall
    if possible and part_commune(exempt, parametres)[1] > majority:
        kept += exempt
    return part_commune(kept, parametres)[bound]
