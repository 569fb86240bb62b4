"""A second reading of whole legal bases, straight from the YAML: slow, plain, apart from the evaluators it checks.

It takes the facts of a dossier and the rule files as they are written, and gives for a legal basis or a scheme (before
what it rests on bounds it) the verdict, the rate in basis points and the amount in cents.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from aid_rules.dossier import Dossier
from aid_rules.engine.facts import Faits
from aid_rules.engine.moteur import Engine
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.testing.relecture_phrases import (
    INCONNUE,
    Monde,
    Quantite,
    Verite,
    condition,
    fait,
    montant,
    rapport,
    tous,
    un_de,
)

Donnees = Mapping[str, Any]
LigneLue = tuple[Verite, str | None, Quantite]
Bornes = tuple[int, int | None]
_PLEIN = Quantite(Fraction(10_000), Fraction(10_000))
_RIEN = Quantite(Fraction(0), Fraction(0))


class Lu(NamedTuple):
    """What a basis gives: verdict, rate in basis points (None: no rate in law), amount in cents (None: no limit)."""

    verdict: Verite
    taux: Bornes | None
    montant: Bornes | None


class _Volet(NamedTuple):
    verdict: Verite
    taux: Quantite | None
    montant: Quantite | None


class Relecture:
    """Reads the bases in force on the award date of one dossier; `faits` as `Reader.read` gives them."""

    def __init__(self, engine: Engine, dossier: Dossier, faits: Faits) -> None:
        self.engine = engine
        self.dossier = dossier
        self.faits = faits
        self.jour = dossier.date_octroi
        rules = engine.library.rules
        self.files: dict[str, Donnees] = {law.id: rules.documents[law.id].data for law in rules.lois()}
        self.texts = rules.textes

    def bases(self) -> Iterator[str]:
        """Yield the legal bases and schemes in force."""
        for name, data in self.files.items():
            if data["genre"] in {"regime", "dispositif"} and self.alive(data):
                yield name

    def lire(self, name: str) -> Lu:
        """Read one basis."""
        law = self.files[name]
        commons = [c for c in self.files.values() if c["genre"] == "commun" and self.alive(c)]
        if law["genre"] == "dispositif":
            commons = []
        inherited = {
            key: [
                item
                for common in commons
                for item in self.live(common.get(key, ()))
                if _aims(item.get("vise") or common.get("vise") or {}, law)
            ]
            for key in ("conditions", "majorations", "plafonds_intensite")
        }
        parts = self.live(law["volets"]) if law.get("volets") else [{}]
        lus = [self.volet(law, part, inherited) for part in parts]
        whole = self.world(self.lines([f for p in parts for f in self.purposes(law, p) or [...]]), None)
        alone = not law.get("volets")
        own = () if alone else law.get("conditions", ())
        caps = [] if alone else _multiplied(law, "plafonds")
        limits = [] if alone else _multiplied(law, "seuil_notification")
        verdict = tous(
            [
                *(condition(item["si"], whole) for item in (*inherited["conditions"], *self.live(own))),
                *self.cost_thresholds(limits, whole),
                un_de([volet.verdict for volet in lus]),
            ]
        )
        live = [volet for volet in lus if volet.verdict is not False]
        rates = [volet.taux for volet in live if volet.taux is not None]
        amount = self.capped(_ensemble(live), caps, whole)
        amount = self.capped(amount, [item for item in limits if item.get("grandeur", "aide") == "aide"], whole)
        return Lu(verdict, _bounds(_hull(rates)) if rates else None, None if amount is None else _bounds(amount))

    def volet(self, law: Donnees, part: Donnees, inherited: Mapping[str, Sequence[Donnees]]) -> _Volet:
        own = part or law  # without volets, what the file says is its only volet's
        purposes = self.purposes(law, part)
        costs = own.get("assiette", law.get("assiette", {}))
        types = [value for item in self.live(costs.get("postes", ())) for value in item["valeurs"]] or None
        lines = self.lines(purposes)
        world = self.world(lines, types)
        methods = self.live(costs.get("montant", ()))
        if methods:
            world = world._replace(assiette=_positive(self.first(methods, world)))
        rates = own.get("intensite") or {}
        shared = law.get("intensite") or {}
        bases = self.live(rates.get("base") or shared.get("base") or ())
        amounts, limits = self.live(_multiplied(own, "montant")), _multiplied(own, "seuil_notification")
        verdicts = [condition(item["si"], world) for item in self.live(own.get("conditions", ()))]
        verdicts += self.cost_thresholds(limits, world)
        verdicts.append(_served(lines, self.faits.lignes.completes, purposes))
        if types is not None:
            served = _served(lines, self.faits.lignes.completes, [*purposes, ...] if purposes else [...], types)
            verdicts.append(served)
        for rules in (methods, bases or amounts):
            if rules and rules[-1].get("si") is not None:
                verdicts.append(un_de([condition(rule.get("si"), world) for rule in rules]))
        rate = self.rate(bases, [shared, rates] if part else [shared], inherited, world) if bases else None
        amount = _positive(self.first(amounts, world)) if amounts else None if rate is None else _share(rate, world)
        amount = self.capped(amount, _multiplied(own, "plafonds"), world)
        amount = self.capped(amount, self.rooms(law), world)
        aid = [item for item in limits if item.get("grandeur", "aide") == "aide"]
        return _Volet(tous(verdicts), rate, self.capped(amount, aid, world))

    def rate(
        self,
        bases: Sequence[Donnees],
        parts: Sequence[Donnees],
        inherited: Mapping[str, Sequence[Donnees]],
        monde: Monde,
    ) -> Quantite:
        bonuses = [item for part in parts for item in self.live(part.get("majorations", ()))]
        bonuses += inherited["majorations"]
        rate = self.first(bases, monde)
        rate = _plus(rate, self.bonus([b for b in bonuses if b.get("apres_reduction") not in {"oui", True}], monde))
        for cut in (item for part in parts for item in self.live(part.get("reductions", ()))):
            applies = condition(cut.get("si"), monde)
            factor = Fraction(str(cut["facteur_pct"])) / 100
            low = rate.bas if applies is False else Fraction(rate.bas * factor // 1)
            high = rate.haut if applies is not True or rate.haut is None else Fraction(rate.haut * factor // 1)
            rate = Quantite(low, high)
        rate = _plus(rate, self.bonus([b for b in bonuses if b.get("apres_reduction") in {"oui", True}], monde))
        tops = [*(p for part in parts for p in part.get("plafonds", ())), *inherited["plafonds_intensite"]]
        found = self.capped(rate, tops, monde)
        assert found is not None
        return _under(found, _PLEIN, True)

    def bonus(self, items: Iterable[Donnees], monde: Monde) -> Quantite:
        groups: dict[str, list[tuple[Verite, Fraction]]] = {}
        for item in items:
            key = item.get("groupe") or f"seul.{item['id']}"
            points = Fraction(str(item["points"])) * 100
            groups.setdefault(key, []).append((condition(item.get("si"), monde), points))
        sure = sum(max((p for v, p in group if v is True), default=Fraction(0)) for group in groups.values())
        most = sum(max((p for v, p in group if v is not False), default=Fraction(0)) for group in groups.values())
        return Quantite(Fraction(sure), Fraction(most))

    def first(self, items: Sequence[Donnees], monde: Monde) -> Quantite:
        """Read the first entry that applies; those before it that may apply widen the answer."""
        candidates = []
        for item in items:
            applies = condition(item.get("si"), monde)
            if applies is not False:
                candidates.append(self.value(item, monde))
            if applies is True:
                break
        return _hull(candidates) if candidates else _RIEN

    def value(self, item: Donnees, monde: Monde) -> Quantite:
        """Read the figure of an entry, times the factors that apply to it, each rounded down."""
        amount = self.figure(item, monde)
        for factor in self.live(item.get("facteurs", ())):
            amount = _times(amount, condition(factor.get("si"), monde), *_ratio(factor, monde))
        return amount

    def figure(self, item: Donnees, monde: Monde) -> Quantite:
        if "montant" in item:
            return montant(str(item["montant"]), monde)
        figure = item.get("montant_eur", item.get("taux"))
        if isinstance(figure, str) and not figure[0].isdigit():
            return fait(figure, monde)
        exact = Fraction(str(figure)) * 100
        return Quantite(exact, exact)

    def capped(self, amount: Quantite | None, items: Iterable[Donnees], monde: Monde) -> Quantite | None:
        for item in self.live(items):
            applies = condition(item.get("si"), monde)
            if applies is not False:
                amount = _under(amount, self.value(item, monde), applies)
        return amount

    def cost_thresholds(self, items: Iterable[Donnees], monde: Monde) -> list[Verite]:
        """Read the thresholds on costs: above them the exemption does not apply."""
        found: list[Verite] = []
        for item in self.live(items):
            kind = item.get("grandeur", "aide")
            if kind == "aide":
                continue
            measured = self.world(self.lines([...]), None).couts("") if kind == "couts_totaux" else monde.couts("")
            top = self.value(item, monde)
            within = None
            if measured.haut is not None and measured.haut <= top.bas:
                within = True
            elif top.haut is not None and measured.bas > top.haut:
                within = False
            applies = condition(item.get("si"), monde)
            found.append(un_de([within, None if applies is None else not applies]))
        return found

    def rooms(self, law: Donnees) -> Iterator[Donnees]:
        """Yield what each de minimis ceiling leaves, as caps."""
        received = f"de_minimis.recu_{law['id'].partition('.')[2]}"
        for item in law.get("plafond_de_minimis", ()):
            yield {**item, "montant": f"{item['montant_eur']} EUR - {received}"}

    def purposes(self, law: Donnees, part: Donnees) -> list[Any] | None:
        """Return the purposes of a volet; None for any."""
        named = part.get("finalites") or law.get("finalites") or []
        return None if named == "tous" else list(named)

    def lines(self, purposes: Sequence[Any] | None) -> list[LigneLue]:
        """Return the cost lines that may be of these purposes: whether they are, type, amount."""
        found: list[LigneLue] = []
        for cost in self.dossier.projet.couts or ():
            sure: Verite = True
            if purposes is not None and ... not in purposes:
                sure = None if cost.finalite is None else cost.finalite in purposes
            amount = INCONNUE if cost.montant is None else Quantite(Fraction(cost.montant), Fraction(cost.montant))
            if sure is not False:
                found.append((sure, cost.poste, amount))
        return found

    def world(self, lines: Sequence[LigneLue], types: Sequence[str] | None) -> Monde:
        complete = self.faits.lignes.completes

        def couts(poste: str) -> Quantite:
            if poste and types is not None and poste not in types:
                return _RIEN
            total = _RIEN if complete else INCONNUE
            for sure, kind, amount in lines:
                admissible: Verite = True if types is None else None if kind is None else kind in types
                wanted: Verite = True if not poste else None if kind is None else kind == poste
                counts = tous([sure, admissible, wanted])
                if counts is not False:
                    total = _plus(total, amount if counts else Quantite(Fraction(0), amount.haut))
            return total

        return Monde(self.engine.slots, self.faits.env, couts, couts(""))

    def alive(self, law: Donnees) -> bool:
        text = self.texts.get(law["texte"])
        first = _day(law.get("du")) or (text.debut if text else None)
        last = _day(law.get("au")) or (text.fin if text else None)
        return (first is None or first <= self.jour) and (last is None or self.jour <= last)

    def live(self, items: Iterable[Donnees]) -> list[Donnees]:
        return [
            item
            for item in items
            if (_day(item.get("du")) or date.min) <= self.jour <= (_day(item.get("au")) or date.max)
        ]


def relire(engine: Engine, dossier: Dossier) -> tuple[int, list[str]]:
    """Read every basis a second time; return how many there are, and where the exact evaluator differs."""
    law = engine.at(dossier.date_octroi)
    faits = law.reader.read(dossier)
    evaluation = law.programme.run(faits.env, faits.lignes)
    found = evaluation.regimes | evaluation.dispositifs
    reading = Relecture(engine, dossier, faits)
    differences = []
    for name, base in found.items():
        lu = reading.lire(name)
        same = {True: VRAI, False: FAUX, None: INCONNU}[lu.verdict] == base.verdict
        if not same or (base.examine and (lu.taux, lu.montant) != (base.taux, base.montant)):
            evaluated = (base.verdict, base.taux, base.montant)
            differences.append(f"{name} : {evaluated} selon le moteur, {lu} à la lecture du fichier")
    return len(found), differences


def _day(value: object) -> date | None:
    return None if value is None else date.fromisoformat(str(value))


def _aims(vise: Donnees, law: Donnees) -> bool:
    if law["id"] in vise.get("sauf", ()):
        return False
    if vise.get("seulement"):
        return law["id"] in vise["seulement"]
    texts, families = vise.get("textes"), vise.get("familles")
    return (not texts or law["texte"] in texts) and (not families or law.get("famille", "") in families)


def _served(
    lines: Sequence[LigneLue],
    complete: bool,
    purposes: Sequence[Any] | None,
    types: Sequence[str] | None = None,
) -> Verite:
    """Tell whether a line is of the purposes, and of one of the types when given."""
    if purposes is None:
        return True
    found: list[Verite] = [] if complete else [None]
    for sure, kind, _ in lines:
        typed: Verite = True if types is None else None if kind is None else kind in types
        found.append(tous([sure, typed]))
    return un_de(found)


def _plus(one: Quantite, other: Quantite) -> Quantite:
    return Quantite(one.bas + other.bas, None if None in {one.haut, other.haut} else one.haut + other.haut)  # type: ignore[operator]


def _ensemble(live: Sequence[_Volet]) -> Quantite | None:
    """Sum the volets: at least those that hold, or the least of those that may when none does for certain."""
    told = [volet.montant for volet in live]
    sure = [volet.montant for volet in live if volet.verdict is True]
    if live and (None in sure or all(amount is None for amount in told)):
        return None
    most = _RIEN
    for amount in told:
        most = _plus(most, INCONNUE if amount is None else amount)
    if sure or not live:
        return Quantite(sum((q.bas for q in sure if q is not None), Fraction(0)), most.haut)
    return Quantite(min(q.bas for q in told if q is not None), most.haut)


def _hull(items: Sequence[Quantite]) -> Quantite:
    tops = [q.haut for q in items]
    return Quantite(min(q.bas for q in items), None if None in tops else max(t for t in tops if t is not None))


def _positive(value: Quantite) -> Quantite:
    zero = Fraction(0)
    return Quantite(max(value.bas, zero), None if value.haut is None else max(value.haut, zero))


def _multiplied(holder: Donnees, key: str) -> list[Donnees]:
    """Return the entries of a list, each with the factors beside it that name it or the whole list."""
    factors = holder.get("facteurs", ())
    return [
        {**item, "facteurs": [f for f in factors if key in f["sur"] or item.get("id") in f["sur"]]}
        for item in holder.get(key, ())
    ]


def _ratio(factor: Donnees, monde: Monde) -> tuple[Quantite, Quantite]:
    return rapport(str(factor["facteur"]) if "facteur" in factor else f"{factor['facteur_pct']} %", monde)


def _times(amount: Quantite, applies: Verite, over: Quantite, under: Quantite) -> Quantite:
    """Multiply an amount that counts from zero up; one that may not be multiplied stands between both."""
    if applies is False:
        return amount
    base, top = _positive(amount), _positive(over)
    low = Fraction(0) if under.haut is None else Fraction(base.bas * top.bas // under.haut)
    high = None if base.haut is None or top.haut is None else Fraction(base.haut * top.haut // under.bas)
    found = Quantite(low, high)
    return found if applies else _hull([found, amount])


def _share(rate: Quantite, monde: Monde) -> Quantite:
    costs = monde.assiette
    high = None if rate.haut is None or costs.haut is None else Fraction(costs.haut * rate.haut // 10_000)
    return Quantite(Fraction(costs.bas * rate.bas // 10_000), high)


def _under(amount: Quantite | None, top: Quantite, applies: Verite) -> Quantite:
    """Bring an amount under a cap that applies, or may apply."""
    low = top.bas if amount is None else min(amount.bas, top.bas)
    high = None if amount is None else amount.haut
    if applies and top.haut is not None:
        high = top.haut if high is None else min(high, top.haut)
    return _positive(Quantite(low, high))


def _bounds(value: Quantite) -> Bornes:
    return int(value.bas), None if value.haut is None else int(value.haut)
