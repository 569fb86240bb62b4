"""Whose a de minimis aid is on the day of a new award: the single undertaking's, whole, in part, or not at all.

Mergers, acquisitions and splits: règlement 2023/2831, article 3(8) and (9), and 1407/2013, the same. Amounts are cents;
the share of a split is rounded up to the cent, since it counts against what may still be granted.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from aid_rules.amounts import euros
from aid_rules.law.base import FAUX, INCONNU, VRAI, Question, texte_de_minimis

if TYPE_CHECKING:
    from aid_rules.dossier import AideDeMinimis, Beneficiaire, Operation
    from aid_rules.law.entreprise_unique import EntrepriseUnique

Part = tuple[int, int | None]
"""Least and greatest amount that counts, in cents; None has no bound."""

SCISSION = "scission"
OPERATIONS = "beneficiaire.operations"


@dataclass(frozen=True, slots=True)
class Rattachement:
    """What counts of one aid: `compte` FAUX for none of it, INCONNU when it is to be asked; why, in French."""

    compte: int
    part: Part
    motif: str = ""
    references: tuple[str, ...] = ()
    questions: tuple[Question, ...] = ()
    propre: bool = True
    """False when the only doubt is that the plan may hold the same aid."""


@dataclass(frozen=True, slots=True)
class Perimetre:
    """The single undertaking of a beneficiary on a day, under a regulation: `general`, `agricole`, `peche`, `sieg`."""

    beneficiaire: Beneficiaire
    unique: EntrepriseUnique
    jour: date
    reglement: str

    @property
    def loi(self) -> str:
        """Return the identifier of the regulation, to cite it."""
        return texte_de_minimis(self.reglement, self.jour)

    def ref(self, paragraphe: int) -> str:
        """Return the reference of a paragraph of article 3, whose number is established for the general regulations."""
        return f"{self.loi}:3({paragraphe})" if self.reglement == "general" else f"{self.loi}:3"

    @property
    def operations(self) -> Sequence[tuple[int, Operation]]:
        """Return the mergers, acquisitions and splits that the dossier tells, with their rank."""
        return tuple(enumerate(self.beneficiaire.operations or ()))


def rattacher(aide: AideDeMinimis, rang: int, perimetre: Perimetre) -> Rattachement:
    """Return what counts of the aid `de_minimis[rang]` of the dossier for the single undertaking, on its day.

    An aid without SIREN is the single undertaking's own, as the dossier says of the whole list.
    """
    splits = [(i, o) for i, o in perimetre.operations if o.nature == SCISSION and _vise(aide, o, perimetre.jour)]
    if aide.apres_scission is None:  # a split of no name says nothing of this aid
        splits = [(i, o) for i, o in splits if o.siren is not None and o.siren == aide.siren]
    if splits:
        return _partager(aide, rang, perimetre, splits)
    if aide.apres_scission in {"autre", "impossible"}:
        ask = Question(OPERATIONS, "Quelle scission a partagé les activités aidées (date, SIREN, capital) ?")
        return _a_demander(aide, "aide dite partagée par une scission que le dossier ne décrit pas", (ask,))
    return _appartenance(aide, perimetre)


def _vise(aide: AideDeMinimis, operation: Operation, jour: date) -> bool:
    """Tell whether a split may have shared the aid: it came after the award, on the day at the latest."""
    if aide.siren is not None and operation.siren is not None and aide.siren != operation.siren:
        return False
    if operation.le is None:
        return True
    return operation.le <= jour and (aide.octroye_le is None or aide.octroye_le < operation.le)


def _entiere(aide: AideDeMinimis, motif: str = "", references: tuple[str, ...] = ()) -> Rattachement:
    return Rattachement(VRAI, (aide.montant or 0, aide.montant), motif, references)


def _a_demander(
    aide: AideDeMinimis, motif: str, questions: Iterable[Question] = (), references: tuple[str, ...] = ()
) -> Rattachement:
    return Rattachement(INCONNU, (0, aide.montant), motif, references, tuple(questions))


def _partager(
    aide: AideDeMinimis, rang: int, perimetre: Perimetre, splits: Sequence[tuple[int, Operation]]
) -> Rattachement:
    """Return the share of an aid of an enterprise that was split (article 3(9))."""
    index, split = splits[0]
    path, refs = f"{OPERATIONS}[{index}]", (perimetre.ref(9),)
    if not perimetre.unique.s_applique:
        motif = "scission : le règlement de ce jour ne dit pas à qui va l'aide ; à vérifier"
        return _a_demander(aide, motif)
    missing = []
    if split.le is None:
        missing.append(Question(f"{path}.le", "À quelle date la scission a-t-elle pris effet ?"))
    if aide.siren is not None and split.siren is None:
        missing.append(Question(f"{path}.siren", "Quel est le SIREN de la société scindée ?"))
    if aide.octroye_le is None:
        missing.append(Question(f"de_minimis[{rang}].octroye_le", "L'aide a-t-elle été octroyée avant la scission ?"))
    if len(splits) > 1:
        missing.append(Question(f"de_minimis[{rang}].siren", "Laquelle des sociétés scindées a reçu l'aide ?"))
    if aide.apres_scission is None:
        text = f"Qui a repris l'activité pour laquelle l'aide {_de(aide)} a servi ?"
        missing.append(Question(f"de_minimis[{rang}].apres_scission", text))
    if missing:
        return _a_demander(aide, "scission : part de l'entreprise encore inconnue", missing, refs)
    when = f"scission du {split.le:%d/%m/%Y}"
    if aide.apres_scission == "autre":
        return Rattachement(FAUX, (0, 0), f"{when} : activités aidées reprises par une autre société", refs)
    if aide.apres_scission == "reprise":
        return _entiere(aide, f"{when} : activités aidées reprises, l'aide compte entière", refs)
    return _prorata(aide, path, split, when, refs)


def _prorata(aide: AideDeMinimis, path: str, split: Operation, when: str, refs: tuple[str, ...]) -> Rattachement:
    """Return the share by book value of the equity, rounded up to the cent."""
    part, whole = split.capital_repris, split.capital_total
    asked = [
        Question(f"{path}.{name}", text)
        for name, value, text in (
            (
                "capital_repris_eur",
                part,
                "Quelle était la valeur comptable du capital repris, au jour de la scission ?",
            ),
            (
                "capital_total_eur",
                whole or None,
                "Quelle était, ce jour-là, celle de toutes les sociétés issues de la scission ?",
            ),
        )
        if value is None
    ]
    if part is not None and whole and part > whole:
        asked.append(Question(f"{path}.capital_total_eur", "Le capital repris dépasse le total : lequel est juste ?"))
    if asked or part is None or not whole:
        return _a_demander(aide, f"{when} : prorata du capital encore inconnu", asked, refs)
    motif = f"{when} : part au prorata du capital, {euros(part)} sur {euros(whole)}"
    if aide.montant is None:
        return Rattachement(VRAI if part else FAUX, (0, None if part else 0), motif, refs)
    share = -(-aide.montant * part // whole)
    return Rattachement(VRAI if share else FAUX, (share, share), motif, refs)


def _appartenance(aide: AideDeMinimis, perimetre: Perimetre) -> Rattachement:
    """Return whether the enterprise that received the aid is of the single undertaking, or has been brought into it."""
    unique, siren = perimetre.unique, aide.siren
    if siren is None or siren in unique.sirens:
        return _entiere(aide)
    refs = (perimetre.ref(8),) if unique.s_applique else ()
    later = ""
    for index, operation in perimetre.operations:
        if operation.siren != siren or operation.nature in {SCISSION, None}:
            continue
        if operation.le is None:
            ask = Question(f"{OPERATIONS}[{index}].le", f"À quelle date la {operation.nature} a-t-elle pris effet ?")
            return _a_demander(aide, f"SIREN {siren} : {operation.nature} sans date", (ask,), refs)
        when = f"{operation.nature} du {operation.le:%d/%m/%Y} avec la société {siren}"
        if operation.le <= perimetre.jour and not unique.s_applique:
            return _a_demander(aide, f"{when} : le règlement de ce jour n'en dit rien ; à vérifier")
        if operation.le <= perimetre.jour:
            return _entiere(aide, f"{when} : ses aides antérieures comptent", refs)
        later = f"{when} : après l'octroi, elle ne le remet pas en cause"
    questions = tuple(_doutes(siren, perimetre))
    if siren in unique.sirens_possibles or questions:
        motif = f"SIREN {siren} : peut-être hors de l'entreprise unique"
        return _a_demander(aide, motif, questions, (f"{perimetre.loi}:2(2)",) if unique.s_applique else ())
    motif = later or f"SIREN {siren} : hors de l'entreprise unique, l'aide ne compte pas"
    return Rattachement(FAUX, (0, 0), motif, refs if later else ())


def _doutes(siren: str, perimetre: Perimetre) -> Iterator[Question]:
    """Yield what leaves open whether a SIREN is of the single undertaking."""
    beneficiaire = perimetre.beneficiaire
    if beneficiaire.siren is None and beneficiaire.siret is None:
        yield Question("beneficiaire.siren", "Quel est le SIREN de l'entreprise ?")
    if perimetre.unique.s_applique and beneficiaire.entreprise_unique is None:
        text = f"La société {siren} est-elle contrôlée par l'entreprise, ou la contrôle-t-elle ? Donnez tous les SIREN."
        yield Question("beneficiaire.entreprise_unique", text)
    if beneficiaire.operations is None:
        text = f"La société {siren} a-t-elle été absorbée, achetée ou scindée ? Une liste vide dit que non."
        yield Question(OPERATIONS, text)
    for index, operation in perimetre.operations:
        if operation.siren is None:
            yield Question(
                f"{OPERATIONS}[{index}].siren", "Quel est le SIREN de la société absorbée, achetée ou scindée ?"
            )
        elif operation.siren == siren and operation.nature is None:
            yield Question(f"{OPERATIONS}[{index}].nature", "Fusion, acquisition ou scission ?")


def _de(aide: AideDeMinimis) -> str:
    amount = "" if aide.montant is None else f"de {euros(aide.montant)}"
    day = "" if aide.octroye_le is None else f"du {aide.octroye_le:%d/%m/%Y}"
    return " ".join(filter(None, (amount, day))) or "reçue"
