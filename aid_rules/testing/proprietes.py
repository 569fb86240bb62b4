"""Laws that always hold, whatever the rules: each one named, documented, and tried on one dossier.

`PROPRIETES` holds them by name. `verifier(engine, data, alea)` raises `Contradiction`, whose message shows the dossier
as YAML and what it contradicts. A funder runs them on its own rules as they are run on the shipped ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from random import Random
from typing import Any

from aid_rules.assessment import Base, Condition, Resultat, Volet
from aid_rules.engine.appuis import HORS_AIDE
from aid_rules.engine.intervalles import Interval
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.language.reading import dossier_of
from aid_rules.language.tree import FAUX, INCONNU, VRAI, EstVrai
from aid_rules.report.ecriture import VERDICTS, VERITES
from aid_rules.report.resultat import resultat
from aid_rules.testing.ecriture import en_yaml
from aid_rules.testing.relecture import relire
from aid_rules.testing.transformations import Donnees, melanger, oublier, poser, sans_dates


class Contradiction(AssertionError):
    """A law that should always hold does not, for the dossier shown."""

    def __init__(self, message: str, data: Donnees, autre: Donnees | None = None) -> None:
        text = f"{message}\n--- dossier ---\n{en_yaml(data)}"
        if autre is not None:
            text += f"--- et ---\n{en_yaml(autre)}"
        super().__init__(text)


@dataclass(frozen=True)
class Propriete:
    """One law: its name, what it says (the docstring of its check), and the check."""

    nom: str
    enonce: str
    verifier: Callable[[Engine, Donnees, Random], None]


PROPRIETES: dict[str, Propriete] = {}


def propriete(check: Callable[[Engine, Donnees, Random], None]) -> Callable[[Engine, Donnees, Random], None]:
    """Register a check under its name."""
    PROPRIETES[check.__name__] = Propriete(check.__name__, (check.__doc__ or "").strip(), check)
    return check


def evaluer(engine: Engine, data: Donnees, tout: bool = False) -> Assessment:
    """Assess plain data. Raises `FaultsError`."""
    return engine.evaluate(dossier_of(data, engine.book.vocabulaire, engine.book.bases), tout=tout)


def ecrire(engine: Engine, data: Donnees, tout: bool = False) -> Resultat:
    """Return the public result of plain data."""
    return resultat(engine, evaluer(engine, data, tout))


@dataclass(frozen=True)
class Constat:
    """What is concluded on one basis: truth value, rate in basis points, amount in cents."""

    verdict: int
    taux: Interval | None
    montant: Interval | None


def constats(found: Assessment) -> dict[str, Constat]:
    """Return what is concluded on each legal basis and each scheme."""
    bases = {name: Constat(r.verdict, r.taux, r.montant) for name, r in found.evaluation.regimes.items()}
    schemes = {name: Constat(status, None, None) for name, status in found.verdicts_dispositifs.items()}
    return bases | schemes


@propriete
def inconnu_ne_fait_que_preciser(engine: Engine, data: Donnees, alea: Random) -> None:
    """What is settled with facts missing stays settled once they are supplied; a range only narrows."""
    partial = oublier(data, alea)
    before, after = evaluer(engine, partial), evaluer(engine, data)
    known = constats(after)
    for name, old in constats(before).items():
        new = known[name]
        if old.verdict not in (INCONNU, new.verdict):
            message = f"{name} : {VERDICTS[old.verdict]} tant qu'on l'ignorait, {VERDICTS[new.verdict]} une fois dit"
            raise Contradiction(message, partial, data)
        if new.verdict != FAUX and name in after.evaluation.regimes:
            several = len(after.evaluation.regimes[name].volets) > 1
            for what, wide, narrow in (("taux", old.taux, new.taux), ("montant", old.montant, new.montant)):
                if what == "taux" and narrow is None and several:
                    continue  # a range of rates is that of the purposes that have one
                if not _within(narrow, wide):
                    raise Contradiction(f"{name} : {what} {narrow} hors de {wide}", partial, data)
    for one, other in zip(before.evaluation.criteres, after.evaluation.criteres, strict=True):
        if one.verdict not in (INCONNU, other.verdict):
            raise Contradiction(f"critère {one.critere.id} : {VERITES[one.verdict]} puis autre", partial, data)


def _within(narrow: Interval | None, wide: Interval | None) -> bool:
    if wide is None:
        return True
    low = 0 if narrow is None else narrow[0]
    high = None if narrow is None else narrow[1]
    return wide[1] is None or (high is not None and wide[0] <= low and high <= wide[1])


@propriete
def ordre_indifferent(engine: Engine, data: Donnees, alea: Random) -> None:
    """The order in which a dossier writes its keys changes nothing, and twice the same dossier gives twice the same."""
    first = ecrire(engine, data).model_dump_json()
    if ecrire(engine, data).model_dump_json() != first:
        raise Contradiction("deux évaluations du même dossier diffèrent", data)
    other = melanger(data, alea)
    if ecrire(engine, other).model_dump_json() != first:
        raise Contradiction("l'ordre des clés change le résultat", data, other)


@propriete
def plus_grande_jamais_plus_aidee(engine: Engine, data: Donnees, alea: Random) -> None:
    """More employees never raise the rate of a basis."""
    bigger = deepcopy(dict(data))
    years = bigger.get("beneficiaire", {}).get("exercices", [])
    if not years:
        return
    more = alea.choice((1, 10, 50, 250, 1000))
    for year in years:
        if "effectif_uta" in year:
            year["effectif_uta"] = Decimal(year["effectif_uta"]) + more
    old = constats(evaluer(engine, data))
    for name, new in constats(evaluer(engine, bigger)).items():
        before = old[name]
        if FAUX not in (before.verdict, new.verdict) and not _not_above(new.taux, before.taux):
            raise Contradiction(f"{name} : taux {before.taux} puis {new.taux} avec plus de salariés", data, bigger)


def _not_above(new: Interval | None, old: Interval | None) -> bool:
    if new is None or old is None or old[1] is None:
        return True
    return new[1] is not None and new[1] <= old[1]


@propriete
def date_locale(engine: Engine, data: Donnees, alea: Random) -> None:
    """Between two changes of the law, the award date of a dossier that bears no other date changes nothing."""
    bare = sans_dates(data)
    jour: date = data["date_octroi"]
    law = engine.at(jour).loi
    other = bare | {"date_octroi": date.fromordinal(alea.randint(law.du.toordinal(), law.au.toordinal()))}
    one, two = (_timeless(evaluer(engine, d)) for d in (bare, other))
    for name, found in one.items():
        if found != two[name]:
            raise Contradiction(f"{name} : {found} puis {two[name]}, sous la même loi", bare, other)


def _timeless(found: Assessment) -> dict[str, Constat]:
    """Leave out what a clause on the award date itself decides."""
    read = {
        r.id
        for r in (*found.loi.loi.regimes, *found.loi.loi.dispositifs)
        if "date_octroi" in repr((r.conditions, r.volets, r.plafonds, r.seuils))
    }
    return {name: c for name, c in constats(found).items() if name not in read}


@propriete
def plafonds_jamais_depasses(engine: Engine, data: Donnees, alea: Random) -> None:
    """No amount passes a cap that applies, nor the rate of its eligible costs; no rate passes its ceilings."""
    del alea
    result = ecrire(engine, data)
    for base in (*result.regimes, *result.dispositifs):
        if base.verdict == "non_mobilisable":
            continue
        total = Decimal(0)
        for volet in base.volets:
            if volet.verdict != "non_mobilisable":
                _bounded(base, volet, data)
                total = total + volet.montant_max_eur if volet.montant_max_eur is not None else Decimal("Infinity")
        if base.volets and base.montant_max_eur is not None and base.montant_max_eur > total:
            raise Contradiction(f"{base.id} : {base.montant_max_eur} € au-delà de la somme de ses volets", data)
        for limit in base.seuil_notification:
            alone = len(base.volets) < 2  # noqa: PLR2004 - with several volets a threshold may be that of one
            top = limit.montant_max_eur
            if alone and limit.verdict == "vrai" and top is not None and (base.montant_max_eur or 0) > top:
                raise Contradiction(f"{base.id} : {base.montant_max_eur} € au-delà du seuil {limit.id}", data)
        if base.assiette is not None:
            _rate_of_costs(base.id, base, base.assiette.montant_max_eur, data)


def _bounded(base: Base, volet: Volet, data: Donnees) -> None:
    for limit in volet.limites:
        top = limit.montant_max_eur
        if (
            limit.verdict == "vrai"
            and top is not None
            and (volet.montant_max_eur is None or volet.montant_max_eur > top)
        ):
            raise Contradiction(f"{base.id}/{volet.id} : {volet.montant_max_eur} € au-delà du plafond {limit.id}", data)
    _rate_of_costs(f"{base.id}/{volet.id}", volet, volet.assiette.montant_max_eur, data)
    supports = [a for a in volet.appuis if a.verdict != "non_mobilisable"]
    if supports and HORS_AIDE not in {a.base for a in supports} and volet.intensite_max_pct is not None:
        tops = [a.intensite_max_pct for a in supports]
        if None not in tops and volet.intensite_max_pct > max(t for t in tops if t is not None):
            raise Contradiction(f"{base.id}/{volet.id} : taux au-delà de ce que donnent ses appuis", data)


def _rate_of_costs(name: str, part: Base | Volet, costs: Decimal | None, data: Donnees) -> None:
    rate, amount = part.intensite_max_pct, part.montant_max_eur
    if rate is not None and rate > 100:  # noqa: PLR2004 - the whole of the costs
        raise Contradiction(f"{name} : taux de {rate} %", data)
    if rate is None or costs is None or not part.detail_intensite:
        return
    if amount is None or amount * 100 > costs * rate:
        raise Contradiction(f"{name} : {amount} € pour {rate} % de {costs} €", data)


@propriete
def explication_complete(engine: Engine, data: Donnees, alea: Random) -> None:
    """The verdict of a basis can be worked out again from the conditions that it shows, and from nothing else."""
    del alea
    result = ecrire(engine, data, tout=True)
    verdicts = {b.id: b.verdict for b in result.regimes} | {HORS_AIDE: _outside(result)}
    for base in (*result.regimes, *result.dispositifs):
        common = _all(base.conditions)
        parts = []
        for volet in base.volets:
            own = _all(volet.conditions)
            if base.genre == "dispositif" and volet.appuis:
                for a in volet.appuis:  # a basis may hold by volets that serve other costs, never the reverse
                    if _truth(a.verdict) & _truth(verdicts.get(a.base, "non_mobilisable")) != _truth(a.verdict):
                        raise Contradiction(f"{base.id}/{volet.id} : {a.base} mieux servie que son verdict", data)
                own &= max(_truth(a.verdict) for a in volet.appuis)
            parts.append(own)
            expected = VERDICTS[own & common] if base.genre == "dispositif" else VERDICTS[own]
            if volet.verdict != expected:
                raise Contradiction(f"{base.id}/{volet.id} : {volet.verdict}, ses conditions disent {expected}", data)
        total = common & (_any(parts) if base.volets else VRAI)
        if base.genre == "dispositif" and not base.volets:
            continue
        if base.verdict != VERDICTS[total]:
            raise Contradiction(f"{base.id} : {base.verdict}, ses conditions disent {VERDICTS[total]}", data)


def _outside(result: Resultat) -> str:
    return {"pas_aide_etat": "mobilisable", "indetermine": "a_verifier"}.get(
        result.qualification.conclusion, "non_mobilisable"
    )


def _truth(verdict: str) -> int:
    return {"mobilisable": VRAI, "a_verifier": INCONNU}.get(verdict, FAUX)


def _all(conditions: tuple[Condition, ...]) -> int:
    status = VRAI
    for condition in conditions:
        status &= {"vrai": VRAI, "inconnu": INCONNU}.get(condition.verdict, FAUX)
    return status


def _any(statuses: list[int]) -> int:
    status = FAUX
    for one in statuses:
        status |= one
    return status


@propriete
def question_utile(engine: Engine, data: Donnees, alea: Random) -> None:
    """Every yes/no or choice that is asked can change what is concluded."""
    result = ecrire(engine, data)
    facts = engine.book.vocabulaire.faits
    said = {f.chemin for f in facts.values() if not f.derive}
    closed = [q for q in result.questions if q.type in ("booleen", "choix") and q.chemin in said]
    if not closed:
        return
    question = alea.choice(closed)
    before = _conclusions(result)
    for value in question.valeurs or (True, False):
        changed = deepcopy(dict(data))
        poser(changed, question.chemin, value)
        if _conclusions(ecrire(engine, changed)) != before:
            return
    raise Contradiction(f"« {question.chemin} » est demandé pour {', '.join(question.pour)}, et ne change rien", data)


def _conclusions(result: Resultat) -> Any:  # noqa: ANN401 - plain JSON
    return json.loads(result.model_dump_json(include={"qualification", "regimes", "dispositifs", "obligations"}))


@propriete
def plus_de_couts_jamais_moins_d_assiette(engine: Engine, data: Donnees, alea: Random) -> None:
    """A dearer cost line never lowers the sum of the lines that a basis counts."""
    costs = data.get("projet", {}).get("couts") or []
    told = [i for i, c in enumerate(costs) if "montant_eur" in c]
    if not told:
        return
    dearer = deepcopy(dict(data))
    line = dearer["projet"]["couts"][alea.choice(told)]
    line["montant_eur"] = min(Decimal(line["montant_eur"]) + alea.choice((1, 1000, 10**6)), Decimal(10**11))
    old, new = evaluer(engine, data).evaluation.regimes, evaluer(engine, dearer).evaluation.regimes
    for name, found in new.items():
        for one, other in zip(old[name].volets, found.volets, strict=True):
            if other.couts.total[0] < one.couts.total[0]:
                raise Contradiction(f"{name} : les coûts retenus baissent", data, dearer)


@propriete
def alertes_croissantes(engine: Engine, data: Donnees, alea: Random) -> None:
    """A larger planned aid never clears a plan of what already blocks it."""
    plan = data.get("aides") or []
    told = [i for i, a in enumerate(plan) if "montant_eur" in a and a.get("forme") == "subvention"]
    if not told:
        return
    larger = deepcopy(dict(data))
    aid = larger["aides"][alea.choice(told)]
    aid["montant_eur"] = min(Decimal(aid["montant_eur"]) + alea.choice((1, 1000, 10**6)), Decimal(10**11))
    before, after = (
        {a.code for a in evaluer(engine, d).plan.alertes if a.gravite == "bloquante" and a.statut == VRAI}
        for d in (data, larger)
    )
    if not before <= after:
        raise Contradiction(f"alertes levées en aidant plus : {', '.join(sorted(before - after))}", data, larger)


@propriete
def relue_de_meme(engine: Engine, data: Donnees, alea: Random) -> None:
    """A plain reading of the files, written apart, gives each basis the same verdict, rate and amount."""
    del alea
    for difference in relire(engine, dossier_of(data, engine.book.vocabulaire, engine.book.bases))[1]:
        raise Contradiction(difference, data)


@propriete
def zone_jamais_moins_aidee(engine: Engine, data: Donnees, alea: Random) -> None:
    """A basis usable in two zones never gives less in zone « a » than in « c », nor in « c » than outside them."""
    del alea
    lower: dict[str, Constat] = {}
    before: Donnees = data
    for zone in ("aucune", "c", "a"):
        place = {k: v for k, v in data.get("projet", {}).items() if k != "commune"} | {"zone_afr": zone}
        here = {**data, "projet": place}
        found = evaluer(engine, here).evaluation.regimes
        for name, base in found.items():
            new, old = Constat(base.verdict, base.taux, base.montant), lower.get(name)
            if old is not None and VRAI == old.verdict == new.verdict and not _not_above(old.taux, new.taux):
                raise Contradiction(f"{name} : taux {old.taux} puis {new.taux} en zone {zone}", before, here)
        lower = {n: Constat(b.verdict, b.taux, b.montant) for n, b in found.items()}
        before = here


@propriete
def majoration_jamais_moins_aidee(engine: Engine, data: Donnees, alea: Random) -> None:
    """What opens a bonus never lowers the rate of a basis that stays usable."""
    regimes = engine.at(data["date_octroi"]).loi.regimes
    facts = engine.book.vocabulaire.faits
    opening = sorted(
        {
            m.si.fait
            for r in regimes
            for v in r.volets
            for m in v.majorations
            if isinstance(m.si, EstVrai) and m.si.fait in facts and facts[m.si.fait].libre
        }
    )
    if not opening:
        return
    name = alea.choice(opening)
    without, having = deepcopy(dict(data)), deepcopy(dict(data))
    poser(without, facts[name].chemin, False)
    poser(having, facts[name].chemin, True)
    old, new = evaluer(engine, without).evaluation.regimes, evaluer(engine, having).evaluation.regimes
    for regime, base in new.items():
        if VRAI == old[regime].verdict == base.verdict and not _not_above(old[regime].taux, base.taux):
            raise Contradiction(f"{regime} : taux {old[regime].taux} puis {base.taux} avec {name}", without, having)
