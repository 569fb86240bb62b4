"""Why a basis may not be used, as one number: the first entry that fails, else the first that is unknown.

Both evaluators give it, from the same list: `entrees` numbers what a basis asks for, in the order of the exact
evaluator. -1: nothing stands in the way. 0: no cost line concerns the basis, whose conditions were not read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aid_rules.engine.exact import RegimeEvalue, VoletEvalue, all_of
from aid_rules.language.slices import RegimeDuJour, RegleMontant, VoletDuJour
from aid_rules.language.tree import FAUX, INCONNU, VRAI

AUCUN = -1
HORS_SUJET = 0
APPUI = "appui"
"""Last entry of a scheme's volet: one of the bases it rests on can bear it."""


@dataclass(frozen=True, slots=True)
class Entree:
    """One thing that a basis asks for: a condition or a cost threshold by its id, or what its shape implies."""

    volet: str
    genre: str
    id: str


def synthese(volet: VoletDuJour) -> tuple[str, ...]:
    """Return the conditions that the shape of a volet implies, in order."""
    found = ["finalite"]
    if volet.postes is not None:
        found.append("postes")
    if ouvert(volet.assiette):
        found.append("methode")
    if ouvert(volet.base or volet.montant):
        found.append("taux")
    return tuple(found)


def ouvert(rules: Sequence[object]) -> bool:
    """Tell whether it must be shown that one of the entries applies: the last one has a condition."""
    return bool(rules) and getattr(rules[-1], "si", None) is not None


def seuils_couts(rules: Sequence[RegleMontant]) -> tuple[RegleMontant, ...]:
    """Return the thresholds on costs: above them the basis does not apply."""
    return tuple(rule for rule in rules if rule.grandeur != "aide")


def communes(regime: RegimeDuJour) -> tuple[Entree, ...]:
    """Return what the basis asks for whatever the volet."""
    return (
        *(Entree("", "condition", c.id) for c in regime.conditions),
        *(Entree("", "seuil_couts", s.id) for s in seuils_couts(regime.seuils)),
    )


def propres(regime: RegimeDuJour, volet: VoletDuJour) -> tuple[Entree, ...]:
    """Return what one volet asks for besides."""
    return (
        *(Entree(volet.id, "synthese", name) for name in synthese(volet)),
        *(Entree(volet.id, "condition", c.id) for c in volet.conditions),
        *(Entree(volet.id, "seuil_couts", s.id) for s in seuils_couts(volet.seuils)),
        *((Entree(volet.id, "synthese", APPUI),) if regime.genre == "dispositif" else ()),
    )


def entrees(regime: RegimeDuJour) -> tuple[Entree, ...]:
    """Return what the basis asks for, by number."""
    own = (entry for volet in regime.volets for entry in propres(regime, volet))
    return (Entree("", "synthese", "hors_sujet"), *communes(regime), *own)


def debuts(regime: RegimeDuJour) -> tuple[int, ...]:
    """Return the number of the first entry of each volet."""
    found = []
    start = 1 + len(communes(regime))
    for volet in regime.volets:
        found.append(start)
        start += len(propres(regime, volet))
    return tuple(found)


def motif(evalue: RegimeEvalue, appuis: Sequence[int] = ()) -> int:
    """Return the reason of a basis as the exact evaluator sees it; `appuis` is the status of each volet's bases."""
    if not evalue.examine or not evalue.volets:
        return HORS_SUJET
    common = _communs(evalue)
    own = [_propres(v, appuis[i : i + 1]) for i, v in enumerate(evalue.volets)]
    base, verdicts = all_of(common), [all_of(statuses) for statuses in own]
    usable = max(verdicts)  # FAUX < INCONNU < VRAI
    verdict = base & usable
    if verdict == VRAI:
        return AUCUN
    if base == verdict:
        return 1 + common.index(verdict)
    if verdict == INCONNU:
        chosen = verdicts.index(INCONNU)
    else:
        chosen = next((i for i, v in enumerate(evalue.volets) if v.synthese[0][1] != FAUX), 0)
    return debuts(evalue.regime)[chosen] + own[chosen].index(verdict)


def motif_volet(evalue: RegimeEvalue, rang: int, appuis: Sequence[int] = ()) -> int:
    """Return the reason of one volet."""
    common, own = _communs(evalue), _propres(evalue.volets[rang], appuis[rang : rang + 1])
    verdict = all_of(common) & all_of(own)
    if verdict == VRAI:
        return AUCUN
    if verdict in common:
        return 1 + common.index(verdict)
    return debuts(evalue.regime)[rang] + own.index(verdict)


def _communs(evalue: RegimeEvalue) -> list[int]:
    return [*evalue.conditions, *evalue.seuils_couts]


def _propres(volet: VoletEvalue, appui: Sequence[int]) -> list[int]:
    return [*(s for _, s in volet.synthese), *volet.conditions, *volet.seuils_couts, *appui]
