"""De minimis aids written twice: in the financing plan, and among the aids already received.

An award is known by its authority, day, amount and regulation: what the central register holds (2023/2831, article 6).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING

from aid_rules.law.base import FAUX, INCONNU, VRAI, Question
from aid_rules.law.rattachement import Rattachement

if TYPE_CHECKING:
    from aid_rules.dossier import Aide, AideDeMinimis, Dossier

PREFIXE = "de_minimis."


@dataclass(frozen=True, slots=True)
class Double:
    """An aid received, `de_minimis[rang]`, that is or may be the aid `aide` of the plan."""

    rang: int
    aide: str
    certain: bool

    @property
    def question(self) -> Question:
        """Return what settles it."""
        text = f"L'aide reçue et l'aide « {self.aide} » du plan sont-elles une seule et même aide ?"
        return Question(f"de_minimis[{self.rang}].deja_au_plan", text)

    def incertaine(self, linked: Rattachement | None, montant: int | None) -> Rattachement:
        """Return what counts of the entry, whose own share is `linked`: perhaps nothing, since the plan may hold it."""
        motif = f"peut-être la même que l'aide « {self.aide} » du plan"
        if linked is None:
            return Rattachement(INCONNU, (0, montant), motif, questions=(self.question,), propre=False)
        return replace(
            linked,
            compte=linked.compte & INCONNU,
            part=(0, linked.part[1]),
            motif=" ; ".join(filter(None, (linked.motif, motif))),
            questions=(*linked.questions, self.question),
            propre=bool(linked.motif),
        )


def reglement_de(aide: Aide) -> str:
    """Return the de minimis regulation that an aid of the plan rests on, nothing when on none."""
    return aide.base.removeprefix(PREFIXE) if aide.base is not None and aide.base.startswith(PREFIXE) else ""


def doubles(dossier: Dossier) -> dict[int, Double]:
    """Return the entries of `de_minimis`, by rank, that repeat or may repeat an aid of the plan, one entry per aid.

    They are the same for certain when funder, day, amount and regulation are all told and equal, and nothing else in
    the dossier looks like either; or when the dossier says so.
    """
    aids = [aide for aide in dossier.aides or () if reglement_de(aide)]
    entries = list(enumerate(dossier.de_minimis or ()))
    if not aids or not entries:
        return {}
    status = {(rank, aide.id): _meme(entry, aide, dossier) for rank, entry in entries for aide in aids}
    found: dict[int, Double] = {}
    taken: set[str] = set()
    for wanted in (VRAI, INCONNU):
        for rank, entry in sorted(entries, key=lambda e: e[1].deja_au_plan is not True):
            near = [a.id for a in aids if status[rank, a.id] == wanted and a.id not in taken]
            if rank in found or not near:
                continue
            rivals = [r for r, _ in entries if status[r, near[0]] == VRAI]
            alone = entry.deja_au_plan is True or (len(near) == 1 and len(rivals) == 1)
            found[rank] = Double(rank, near[0], wanted == VRAI and alone)
            taken.add(near[0])
    return found


def _meme(recue: AideDeMinimis, aide: Aide, dossier: Dossier) -> int:
    """Tell whether an aid received is an aid of the plan."""
    own = dossier.beneficiaire.siren
    if recue.deja_au_plan is False or (recue.siren and own and recue.siren != own):
        return FAUX
    amounts = {a for a in (aide.esb, aide.montant) if a is not None}
    amount = INCONNU if recue.montant is None or not amounts else VRAI if recue.montant in amounts else FAUX
    law = _egal(recue.reglement, reglement_de(aide))
    if recue.deja_au_plan:
        return FAUX if FAUX in {amount, law} else VRAI
    day = _egal(recue.octroye_le, _jour(aide, dossier))
    funder = _financeur(recue, aide)
    if amount != VRAI or VRAI not in {day, funder}:
        return FAUX  # too little in common to be worth a question
    return law & day & funder


def _financeur(recue: AideDeMinimis, aide: Aide) -> int:
    one, other = recue.financeur, aide.financeur
    if _egal(one.type, other.type) == FAUX:
        return FAUX
    return _egal(_nom(one.nom), _nom(other.nom))


def _egal(one: object, other: object) -> int:
    return INCONNU if one is None or other is None else VRAI if one == other else FAUX


def _nom(text: str | None) -> str | None:
    return None if text is None else " ".join(text.casefold().split())


def _jour(aide: Aide, dossier: Dossier) -> date | None:
    return aide.octroyee_le if aide.octroyee_le or aide.statut == "octroyee" else dossier.date_octroi
