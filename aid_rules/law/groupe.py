"""The group as a graph: enterprises, persons and public bodies, and who holds what in whom.

Built from the beneficiary and its `liens`, nested or flat (`avec`). Two entries with the same SIREN, or without one the
same name, are one enterprise: cycles and cross-holdings need nothing more.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from aid_rules.amounts import BP_PER_UNIT
from aid_rules.law.base import FAUX, INCONNU, VRAI, Parametres

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from aid_rules.dossier import Beneficiaire, Lien

BENEFICIAIRE = 0
"""Number of the beneficiary in the graph."""

PERSONNE = "personne_physique"
ORGANISMES = frozenset({"organisme_public", "autorite_locale"})
SANS_CHIFFRES = ORGANISMES | {PERSONNE}
INVESTISSEURS = frozenset(
    {
        "societe_publique_participation",
        "capital_risque",
        "business_angel",
        "universite",
        "investisseur_institutionnel",
        "autorite_locale",
    }
)
"""Investors that may hold 25 to 50 % without being partners (annexe I, article 3(2), second subparagraph)."""


@dataclass(slots=True)
class Noeud:
    """One enterprise, person or public body, with every entry of the dossier that describes it."""

    nom: str
    chemin: str
    type: str
    entrees: list[tuple[str, Lien]] = field(default_factory=list)


@dataclass(slots=True)
class Detention:
    """What one holds in another: percentages in basis points, None when unknown.

    `oriente` is false when the dossier does not say which of the two holds the other.
    """

    detenteur: int
    detenue: int
    votes: int | None
    capital: int | None
    nature: str | None
    controle: bool | None
    oriente: bool
    chemin: str

    def liee(self, majorite: int) -> int:
        """Tell whether this holding alone makes linked enterprises (annexe I, article 3(3))."""
        if self.controle or (self.votes is not None and self.votes > majorite) or self.nature == "liee":
            return VRAI
        if self.nature in {"partenaire", "autonome"} or self.votes is not None:
            return FAUX
        if self.capital is not None:
            return INCONNU if self.capital > majorite else FAUX
        return INCONNU

    def votes_bornes(self, majorite: int) -> tuple[int, int]:
        """Return the least and the greatest share of votes."""
        if self.votes is not None:
            return self.votes, self.votes
        if self.nature == "autonome":
            return 0, 0
        if self.capital is not None:
            return 0, self.capital
        return 0, majorite if self.nature == "partenaire" else BP_PER_UNIT

    def part_bornes(self, partenaire: int, majorite: int) -> tuple[int, int]:
        """Return the least and the greatest of the higher of capital and votes (annexe I, article 6(2))."""
        known = [value for value in (self.votes, self.capital) if value is not None]
        if known:
            return max(known), max(known)
        if self.nature == "partenaire":
            return partenaire, majorite
        if self.nature == "liee":
            return majorite, BP_PER_UNIT
        return 0, 0 if self.nature == "autonome" else BP_PER_UNIT


@dataclass(slots=True)
class Groupe:
    """The graph of a beneficiary; number 0 is the beneficiary itself."""

    noeuds: list[Noeud]
    detentions: list[Detention]
    alertes: list[str]
    par_detenteur: dict[int, list[Detention]] = field(default_factory=dict)
    par_detenue: dict[int, list[Detention]] = field(default_factory=dict)
    angels: dict[int, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    """What `perimetre.angels` has found of the business angels of an enterprise."""

    def __post_init__(self) -> None:
        for holding in self.detentions:
            self.par_detenteur.setdefault(holding.detenteur, []).append(holding)
            self.par_detenue.setdefault(holding.detenue, []).append(holding)

    def entreprise(self, number: int) -> bool:
        """Tell whether the node is an enterprise: neither a person nor a public body."""
        return self.noeuds[number].type not in SANS_CHIFFRES and self.noeuds[number].type != "business_angel"


def _parcourir(liens: Iterable[Lien] | None) -> Iterator[tuple[str, int, Lien, int]]:
    """Walk the entries, parents first: path, number of the parent entry (-1: the beneficiary), entry, own number."""
    count = 0
    stack = [(f"beneficiaire.liens[{i}]", -1, lien) for i, lien in enumerate(liens or ())][::-1]
    while stack:
        path, parent, lien = stack.pop()
        yield path, parent, lien, count
        stack.extend((f"{path}.liens[{i}]", count, child) for i, child in reversed(list(enumerate(lien.liens or ()))))
        count += 1


def _nom(text: str) -> str:
    return " ".join(text.casefold().split())


class _Identites:
    """Gives one number per enterprise: by SIREN, else by name."""

    def __init__(self, beneficiaire: Beneficiaire, entries: list[tuple[str, int, Lien, int]]) -> None:
        self.sirens: dict[str, set[str]] = defaultdict(set)
        pairs = [(lien.nom, lien.siren) for _, _, lien, _ in entries]
        for nom, siren in [(beneficiaire.nom, beneficiaire.siren), *pairs]:
            if nom and siren:
                self.sirens[_nom(nom)].add(siren)
        own = self.cle(beneficiaire.nom, beneficiaire.siren, "beneficiaire")
        self.numeros: dict[str, int] = {own: BENEFICIAIRE}

    def cle(self, nom: str | None, siren: str | None, path: str) -> str:
        if siren:
            return f"siren:{siren}"
        if not nom:
            return f"chemin:{path}"
        known = self.sirens.get(_nom(nom), set())
        return f"siren:{next(iter(known))}" if len(known) == 1 else f"nom:{_nom(nom)}"

    def reference(self, text: str) -> int | None:
        compact = text.replace(" ", "")
        siren = f"siren:{compact}"
        return self.numeros.get(siren, self.numeros.get(self.cle(text, None, "")))


def construire(beneficiaire: Beneficiaire, jour: date, parametres: Parametres) -> Groupe:
    """Return the graph of the beneficiary's group on the day, with what is contradictory in it (`alertes`).

    A link made after the day does not count yet: it is said.
    """
    entries = list(_parcourir(beneficiaire.liens))
    ids = _Identites(beneficiaire, entries)
    nodes = [Noeud(beneficiaire.nom or "Le bénéficiaire", "beneficiaire", "entreprise")]
    alerts: list[str] = []
    own: list[int] = []
    for path, _, lien, _ in entries:
        number = ids.numeros.setdefault(ids.cle(lien.nom, lien.siren, path), len(nodes))
        if number == len(nodes):
            label = lien.nom or (f"SIREN {lien.siren}" if lien.siren else "Entreprise sans nom")
            nodes.append(Noeud(label, path, lien.type or "entreprise"))
        node = nodes[number]
        if lien.type and node.type == "entreprise":
            node.type = lien.type
        node.entrees.append((path, lien))
        own.append(number)
    holdings: dict[tuple[int, int], Detention] = {}
    for path, parent, lien, count in entries:
        if lien.depuis_le is not None and lien.depuis_le > jour:
            alerts.append(f"{nodes[own[count]].nom} : lien noué après la date d'octroi ; il n'est pas retenu.")
            continue
        other = BENEFICIAIRE if parent < 0 else own[parent]
        if lien.avec:
            found = ids.reference(lien.avec)
            if found is None:
                alerts.append(
                    f"{path}.avec : « {lien.avec} » ne désigne aucune entreprise du dossier ; lien rattaché au-dessus."
                )
            other = other if found is None else found
        if other != own[count]:
            _ajouter(holdings, _detention(nodes, own[count], other, lien, path), alerts, nodes, parametres)
    return _reunir_concert(Groupe(nodes, list(holdings.values()), alerts), parametres["pme.seuil_majorite"])


def _detention(nodes: list[Noeud], number: int, other: int, lien: Lien, path: str) -> Detention:
    upward = lien.sens == "amont" or (lien.sens is None and nodes[number].type != "entreprise")
    # from a person or a public body, an entry beneath is held by it unless it says otherwise
    downward = lien.sens == "aval" or (lien.sens is None and not upward and nodes[other].type != "entreprise")
    holder, held = (number, other) if upward else (other, number)
    return Detention(
        holder, held, lien.droits_de_vote_pct, lien.capital_pct, lien.nature, lien.controle, upward or downward, path
    )


def _ajouter(
    holdings: dict[tuple[int, int], Detention],
    new: Detention,
    alerts: list[str],
    nodes: list[Noeud],
    parametres: Parametres,
) -> None:
    share = new.part_bornes(0, 0)[1] if (new.votes, new.capital) != (None, None) else None
    majority, partner = parametres["pme.seuil_majorite"], parametres["pme.seuil_partenaire"]
    names = f"{nodes[new.detenteur].nom} et {nodes[new.detenue].nom}"
    if new.nature in {"partenaire", "autonome"} and new.votes is not None and new.votes > majority:
        alerts.append(f"{names} : déclarées « {new.nature} », mais la majorité des droits de vote en fait des liées.")
    elif new.nature == "partenaire" and share is not None and share < partner:
        alerts.append(f"{names} : déclarées « partenaire », mais la participation est inférieure à 25 %.")
    elif new.nature == "autonome" and share is not None and share >= partner:
        alerts.append(f"{names} : déclarées « autonome », mais la participation atteint 25 %.")
    key = (new.detenteur, new.detenue)
    old = holdings.get(key)
    if old is None:
        holdings[key] = new
        return
    if (None not in (old.votes, new.votes) and old.votes != new.votes) or (
        None not in (old.capital, new.capital) and old.capital != new.capital
    ):
        alerts.append(
            f"{names} : participation écrite deux fois, avec des pourcentages différents ; le plus élevé est retenu."
        )
    old.votes = _plus_grand(old.votes, new.votes)
    old.capital = _plus_grand(old.capital, new.capital)
    order = {"liee": 3, "partenaire": 2, "autonome": 1, None: 0}
    old.nature = max(old.nature, new.nature, key=lambda nature: order[nature])
    old.controle = old.controle or new.controle
    old.oriente = old.oriente or new.oriente


def _plus_grand(one: int | None, other: int | None) -> int | None:
    known = [value for value in (one, other) if value is not None]
    return max(known, default=None)


def _reunir_concert(groupe: Groupe, majority: int) -> Groupe:
    """Make one holder of the persons who act jointly: their holdings add up (annexe I, article 3(3))."""
    heads: dict[str, int] = {}
    head_of: dict[int, int] = {}
    for number, node in enumerate(groupe.noeuds):
        word = next((lien.concert for _, lien in node.entrees if lien.concert), None)
        if word and node.type == PERSONNE:
            head_of[number] = heads.setdefault(_nom(word), number)
    merged = {number: head for number, head in head_of.items() if number != head}
    if not merged:
        return groupe
    for number, head in merged.items():
        groupe.noeuds[head].nom += f" et {groupe.noeuds[number].nom}"
    holdings: dict[tuple[int, int], Detention] = {}
    for holding in groupe.detentions:
        joint = holding.detenteur in head_of
        holding.detenteur = merged.get(holding.detenteur, holding.detenteur)
        holding.detenue = merged.get(holding.detenue, holding.detenue)
        key = (holding.detenteur, holding.detenue)
        if joint and key in holdings:
            old = holdings[key]
            old.votes = _somme(old.votes, holding.votes, majority)
            old.capital = _somme(old.capital, holding.capital, majority)
            old.controle = old.controle or holding.controle
            old.nature = "liee" if "liee" in (old.nature, holding.nature) else None
        elif holding.detenteur != holding.detenue:
            holdings[key] = holding
    return Groupe(groupe.noeuds, list(holdings.values()), groupe.alertes)


def _somme(one: int | None, other: int | None, majority: int) -> int | None:
    if one is not None and other is not None:
        return min(one + other, BP_PER_UNIT)
    known = _plus_grand(one, other)
    return known if known is not None and known > majority else None
