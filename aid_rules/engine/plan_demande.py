"""What the best plan may choose from: each funder with each basis open to it, and the ceilings that bind them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import chain, count
from typing import NamedTuple

from aid_rules.dossier import Aide, DemandePlan, Dossier, Financeur, FinanceurDuPlan
from aid_rules.engine.controle_couts import ControleCouts
from aid_rules.engine.controle_de_minimis import PlafondLu, plafonds
from aid_rules.engine.couverture import Lecture, couverture, est_de_minimis, servies
from aid_rules.engine.faits_aides import PRIVE
from aid_rules.engine.intervalles import UNKNOWN
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.engine.plan_lu import OCTROYEE, UNION, AideLue, PlanLu, de_minimis_nommees, lire
from aid_rules.faults import WorkError
from aid_rules.language.tree import FAUX, INCONNU, VRAI
from aid_rules.law.cumul import Plafonds

SUBVENTION = "subvention"


class Candidat(NamedTuple):
    """One funder under one basis: the aid it could grant, and what the basis allows on each line."""

    financeur: FinanceurDuPlan
    base: str
    lue: AideLue
    plafonds: Plafonds | None
    lignes: tuple[str, ...]

    @property
    def id(self) -> str:
        """Return the name of the aid that this candidate would be."""
        return self.lue.id

    @property
    def de_minimis(self) -> bool:
        """Tell whether the aid would be de minimis."""
        return self.lue.nature == "de_minimis"


class Probleme(NamedTuple):
    """Everything the model needs; amounts in cents. `ecartes` says why a basis cannot serve."""

    demande: DemandePlan
    financeurs: tuple[FinanceurDuPlan, ...]
    candidats: tuple[Candidat, ...]
    acquises: tuple[AideLue, ...]
    union: tuple[AideLue, ...]
    couts: dict[str, int]
    communs: ControleCouts
    de_minimis: tuple[PlafondLu, ...]
    ecartes: tuple[tuple[str, str, str], ...]
    hors_aide: bool


def poser(engine: Engine, found: Assessment) -> Probleme:
    """Set the problem of a dossier that holds a `plan:`. Raises `WorkError` when costs are unknown."""
    dossier = found.dossier
    costs = {c.id: c.montant for c in dossier.projet.couts or () if c.montant is not None}
    unknown = [c.id for c in dossier.projet.couts or () if c.montant is None]
    if not costs or unknown:
        which = f" ({', '.join(unknown)})" if unknown else ""
        raise WorkError(f"Le meilleur plan demande le montant de chaque ligne de coût{which} : complétez projet.couts.")
    demande = dossier.plan or DemandePlan()
    funders = tuple(f for f in _financeurs(dossier, demande) if f.type not in PRIVE)
    granted = gardees(dossier)
    taken = {a.id for a in granted}
    wanted = {_aide(f, base, taken): (f, base) for f in funders for base in _bases(found, f)}
    seen = dossier.model_copy(update={"aides": (*wanted, *granted)})
    # without State resources in the aids as given, what the plan would grant may still be State aid
    hors_aide = engine.evaluate(seen).hors_aide if found.hors_aide == VRAI else found.hors_aide
    reader = engine.relire(dossier.model_copy(update={"aides": granted}), hors_aide, found.faits)
    # the form of one funder's aid says nothing of another's; one reading serves all the funders of a basis and form
    forms = {(a.base, a.forme): a for a in wanted}
    readings = {key: reader((aide,), dossier.date_octroi) for key, aide in forms.items()}
    lecture = Lecture(found.evaluation, found.dispositifs)
    amounts = dict.fromkeys((a.id for a in wanted), UNKNOWN) | {a.id: found.faits.esb[a.id] for a in granted}
    own = [*((a, readings[a.base, a.forme]) for a in wanted), *((a, lecture) for a in granted)]
    read = {
        lue.id: lue
        for aide, law in own
        for lue in lire(dossier.model_copy(update={"aides": (aide,)}), law, amounts, hors_aide, reader).aides
    }
    candidates, refused = [], []
    for aide, (funder, base) in wanted.items():
        candidate = _candidat(read[aide.id], funder, base, costs)
        if isinstance(candidate, str):
            refused.append((funder.id, base, candidate))
        else:
            candidates.append(candidate)
    kept = tuple(a for a in read.values() if a.octroyee and a.nature != "union")
    union = tuple(a for a in read.values() if a.nature == "union" and a.identifiable and a.lignes)
    known = {name: (amount, amount) for name, amount in costs.items()}
    plan = PlanLu((*(c.lue for c in candidates), *kept, *union), known, lecture, dossier.date_octroi)
    return Probleme(
        demande,
        funders,
        tuple(candidates),
        kept,
        union,
        costs,
        ControleCouts(plan, found.loi.loi, found.evaluation),
        tuple(plafonds(found.evaluation, found.loi.loi, de_minimis_nommees(dossier, plan), found.faits.esb)),
        tuple(refused),
        hors_aide == VRAI,
    )


def gardees(dossier: Dossier) -> tuple[Aide, ...]:
    """Return the aids that the best plan takes as they are: those granted, and the Union's own funds."""
    return tuple(a for a in dossier.aides or () if a.statut == OCTROYEE or a.financeur.type == UNION)


def _financeurs(dossier: Dossier, demande: DemandePlan) -> Iterator[FinanceurDuPlan]:
    """Yield the funders asked for; those of the planned aids when none is."""
    if demande.financeurs is not None:
        yield from demande.financeurs
        return
    for aide in dossier.aides or ():
        if aide.statut != OCTROYEE:
            yield FinanceurDuPlan.model_construct(
                id=aide.id,
                nom=aide.financeur.nom,
                type=aide.financeur.type,
                forme=aide.forme,
                bases=(aide.base,) if aide.base else None,
                couts=aide.couts,
                enveloppe=None,
                plafond=None,
                plafond_par_base=None,
            )


def _bases(found: Assessment, funder: FinanceurDuPlan) -> Sequence[str]:
    if funder.bases is not None:
        return list(dict.fromkeys(funder.bases))
    regimes = found.evaluation.regimes.values()
    return [r.regime.id for r in regimes if r.examine and r.verdict != FAUX]


def _aide(funder: FinanceurDuPlan, base: str, taken: Collection[str]) -> Aide:
    """Return the aid that a funder could grant under a basis, by a name not `taken`; the plan looks for its amount."""
    name = f"{funder.id}/{base}"
    return Aide.model_construct(
        id=next(free for free in chain([name], (f"{name} ({n})" for n in count(2))) if free not in taken),
        financeur=Financeur.model_construct(nom=funder.nom, type=funder.type),
        forme=funder.forme or SUBVENTION,
        montant=None,
        esb=None,
        taux_max=None,
        base=base,
        couts=funder.couts,
        statut="prevue",
        octroyee_le=None,
    )


def _candidat(lue: AideLue, funder: FinanceurDuPlan, base: str, costs: Iterable[str]) -> Candidat | str:
    """Return a candidate, or why there is none."""
    verdict = lue.lecture.verdict(base)
    if verdict is None:
        return "n'est pas en vigueur ce jour-là"
    if verdict == FAUX:
        return "n'est pas mobilisable pour ce projet"
    if verdict == INCONNU:
        return "reste à vérifier : le plan n'y recourt pas tant que les questions sont ouvertes"
    named = tuple(c for c in costs if c in lue.lignes) if lue.identifiable else ()
    if est_de_minimis(base):
        return Candidat(funder, base, lue, None, named)
    limits = couverture([(lue.lecture, base)], ailleurs=0)
    served = servies(limits)
    lines = tuple(c for c in named if c in served)
    if not lines or not limits.bas.exact(frozenset(lines)):
        return "n'ouvre aucun montant sur ces coûts"
    return Candidat(funder, base, lue, limits, lines)
