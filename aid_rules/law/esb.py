"""Gross grant equivalent of an aid (RGEC articles 2(22), 5(2) and 7; règlement 2023/2831, article 4).

What a grant equivalent needs and the dossier lacks becomes a question: a rate is never guessed. Until it is answered,
the nominal amount bounds it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from aid_rules.amounts import BP_PER_UNIT, euros, percent
from aid_rules.law.actualisation import actualiser, avantage, echeancier, fraction_du_plafond
from aid_rules.law.base import FAUX, INCONNU, VRAI, Motif, non, verite
from aid_rules.law.esb_base import Contexte, EquivalentSubvention, Socle
from aid_rules.law.taux import marge, prime_refuge

if TYPE_CHECKING:
    from collections.abc import Callable
    from decimal import Decimal

    from aid_rules.dossier import Aide

__all__ = ["Contexte", "EquivalentSubvention", "equivalent_subvention"]

_MOIS = 12
_AU_TAUX = frozenset({"pret", "garantie"})
_NOMINALES = frozenset({"fonds_propres", "quasi_fonds_propres"})
_BONNES_NOTES = frozenset({"aaa", "aa", "a", "bbb", "bb", "b", "b_moins"})


def equivalent_subvention(aide: Aide, contexte: Contexte) -> EquivalentSubvention:
    """Return the gross grant equivalent of an aid, with its method and what it still needs. Raises `WorkError`."""
    if aide.octroyee_le is not None:
        contexte = contexte._replace(date_octroi=aide.octroyee_le)
    calcul = _Calcul(aide, contexte)
    if aide.esb is not None:
        return calcul.declare(aide.esb)
    if aide.forme is None:
        return calcul.demander("a_preciser", "forme")
    if "esb.marge_actualisation" not in calcul.p and (aide.forme in _AU_TAUX or aide.conditions.tranches):
        return calcul.demander("a_preciser", "esb_eur")  # before the reference rates of 2008
    if aide.montant is None:
        return calcul.demander("a_preciser", "montant_eur")
    if aide.forme in {"subvention", "bonification_interets"}:
        return calcul.verse(aide.montant, VRAI, calcul.ref("5(2)(a)", "4(2)"))
    if aide.forme == "avantage_fiscal":
        return calcul.avantage_fiscal(aide.montant)
    if aide.forme == "pret":
        return calcul.pret(aide.montant)
    if aide.forme == "garantie":
        return calcul.garantie(aide.montant)
    if aide.forme == "avance_recuperable":
        return calcul.avance(aide.montant)
    if aide.forme in _NOMINALES:
        return calcul.apport(aide.montant)
    return calcul.demander("a_preciser", "esb_eur")


class _Calcul(Socle):
    """The methods, form by form."""

    # grants, tax advantages, advances, capital

    def verse(self, montant: int, transparente: int, ref: str, *, par_tranche: bool = False) -> EquivalentSubvention:
        """Count an amount paid: as it stands, or its instalments discounted to the grant date (RGEC article 7(3))."""
        tranches = self.c.tranches
        if not tranches:
            return self.resultat(
                montant, montant, "nominal", transparente, lignes=[], motif=Motif("montant versé", ref)
            )
        if any(t.le is None or t.montant is None for t in tranches):
            return self.demander("actualisation", "conditions.tranches", transparente=transparente)
        payments, lines = [], []
        for tranche in tranches:
            day, cents = tranche.le or self.x.date_octroi, tranche.montant or 0
            rate = self.actualisation(day if par_tranche else self.x.date_octroi)
            if rate is None:
                return self.demander("actualisation", "conditions.taux_base_pct", transparente=transparente)
            payments.append((cents, (day - self.x.date_octroi).days, rate))
            lines.append(f"{euros(cents)} versés le {day:%d/%m/%Y}, actualisés à {percent(rate)}")
        nominal = sum(cents for cents, _, _ in payments)
        motif = Motif("tranches actualisées à la date d'octroi", self.ref("7(4)" if par_tranche else "7(3)", "3(6)"))
        found = self.resultat(actualiser(payments), nominal, "actualisation", transparente, lignes=lines, motif=motif)
        if nominal == montant:
            return found
        alert = f"Les tranches totalisent {euros(nominal)}, l'aide {euros(montant)} : les tranches sont retenues."
        return found._replace(alertes=(alert,))

    def avantage_fiscal(self, montant: int) -> EquivalentSubvention:
        clear = verite(self.c.plafond_integre)
        by_date = self.x.reglement is None and "esb.fiscal_a_la_date_de_la_tranche" in self.p
        found = self.verse(montant, clear, self.ref("5(2)(d)", "4(8)"), par_tranche=by_date)
        if clear != INCONNU:
            return found
        return found._replace(questions=(*found.questions, self.question("conditions.plafond_integre")))

    def avance(self, montant: int) -> EquivalentSubvention:
        """Count a recoverable advance: at its nominal amount, unless a method was approved (RGEC article 5(2)(j))."""
        if self.c.methode_approuvee:
            return self.demander("methode_approuvee", "esb_eur", transparente=VRAI)
        lines = ["avance récupérable sans méthode approuvée : comptée pour son montant nominal"]
        motif = Motif("montant nominal de l'avance", self.ref("5(2)(j)", "4(8)"))
        return self.resultat(montant, montant, "nominal", VRAI, lignes=lines, motif=motif)

    def apport(self, montant: int) -> EquivalentSubvention:
        ceiling = self.p.get(f"esb.plafond_{self.x.reglement}")
        clear = INCONNU if ceiling is None else verite(montant <= ceiling)
        motif = Motif(
            "capital public apporté", self.ref("5(2)(f)", "4(4)" if self.aide.forme == "fonds_propres" else "4(5)")
        )
        return self.resultat(montant, montant, "nominal", clear, lignes=[], motif=motif)

    # loans

    def pret(self, montant: int) -> EquivalentSubvention:
        if self.x.reglement is None:
            return self.pret_au_taux(montant, VRAI)
        flat = self.forfait(montant, "pret_court", "pret_long", self.suretes_suffisantes(), "4(3)(b)")
        return self.de_minimis(flat, lambda sound: self.pret_au_taux(montant, sound), "4(3)(a)")

    def de_minimis(
        self, flat: EquivalentSubvention, other: Callable[[int], EquivalentSubvention], ref: str
    ) -> EquivalentSubvention:
        """Take the flat rule, else the other method; neither serves the insolvent (article 4(3)(a) and 4(6)(a))."""
        sound, missing = self.solvable()
        if sound == FAUX:
            texte = "procédure collective, ou grande entreprise notée au-dessous de B- : l'aide n'est pas transparente"
            asked_for = self.demander("exclu", "esb_eur", transparente=FAUX)
            return asked_for._replace(motifs=(Motif(texte, self.ref("", ref)),))
        asked = tuple(map(self.question, missing))
        if flat.montant is not None:
            return flat._replace(transparente=sound, questions=asked)
        found = other(sound)
        if found.montant is None and flat.transparente == INCONNU:
            # a few answers would open the flat rule: the other method asks for more
            found = flat
        return found._replace(questions=tuple(dict.fromkeys((*asked, *found.questions))))

    def pret_au_taux(self, montant: int, clear: int) -> EquivalentSubvention:
        """Count a loan by the gap between the reference rate and its own (RGEC article 5(2)(b))."""
        c, x = self.c, self.x
        base = self.base(x.date_octroi)
        margin = marge(x.beneficiaire.notation, c.suretes, x.beneficiaire.notation_societe_mere, self.p)
        absent = {
            "conditions.duree_mois": c.duree_mois is None,
            "conditions.taux_pct": c.taux_pct is None,
            "conditions.amortissement": c.amortissement is None,
            "notation": x.beneficiaire.notation is None,
            "conditions.suretes": c.suretes is None and margin is None,
            "conditions.taux_base_pct": base is None,
        }
        missing = [name for name, lacks in absent.items() if lacks]
        if missing or base is None or margin is None or c.duree_mois is None or c.taux_pct is None:
            return self.demander("taux_reference", *missing, transparente=clear)
        reference, discount = base + margin, base + self.p["esb.marge_actualisation"]
        value = avantage(self.periodes(montant, c.duree_mois), reference - c.taux_pct, discount)
        lines = [
            f"taux de référence : {percent(base)} + {percent(margin)} = {percent(reference)}",
            f"taux du prêt : {percent(c.taux_pct)} ; écart : {percent(max(reference - c.taux_pct, 0))} par an",
            f"actualisation à {percent(discount)} sur {c.duree_mois} mois",
        ]
        motif = Motif("écart avec le taux de référence, actualisé", self.ref("5(2)(b)", "4(3)(c)"))
        found = self.resultat(value, montant, "taux_reference", clear, lignes=lines, motif=motif)
        return self.sans_historique(found, "la marge")

    def sans_historique(self, found: EquivalentSubvention, quoi: str) -> EquivalentSubvention:
        """Say that a parent, of which the dossier says nothing, would bound the margin or the premium."""
        if self.x.beneficiaire.notation != "aucune" or self.x.beneficiaire.notation_societe_mere is not None:
            return found
        alert = f"Sans historique : {quoi} ne peut être inférieure à celle de la société mère, s'il y en a une."
        return found._replace(alertes=(alert,))

    def periodes(self, montant: int, duree: int) -> list[tuple[Decimal, int, int]]:
        deferral, step = self.c.differe_mois or 0, self.c.periodicite_mois or _MOIS
        return echeancier(montant, duree, deferral, step, in_fine=self.c.amortissement == "in_fine")

    # guarantees

    def garantie(self, montant: int) -> EquivalentSubvention:
        if self.c.methode_approuvee:
            return self.demander("methode_approuvee", "esb_eur", transparente=VRAI)
        quota = self.c.quotite_garantie_pct
        if quota is None:
            return self.demander("prime_refuge", "conditions.quotite_garantie_pct")
        covered = -(-montant * quota // BP_PER_UNIT)
        if self.x.reglement is None:
            return self.garantie_par_prime(covered, quota, VRAI)
        shared = verite(quota <= self.p.get("esb.forfait_quotite", 0)) & verite(self.c.pertes_partagees)
        asked = ("conditions.pertes_partagees",) if shared == INCONNU else ()
        flat = self.forfait(covered, "garantie_courte", "garantie_longue", (shared, asked), "4(6)(b)")
        return self.de_minimis(flat, lambda sound: self.garantie_par_prime(covered, quota, sound), "4(6)(a)")

    def garantie_par_prime(self, covered: int, quota: int, clear: int) -> EquivalentSubvention:
        """Count a guarantee by the gap between the safe-harbour premium and the one paid (RGEC article 5(2)(c)(i))."""
        c, note = self.c, self.x.beneficiaire.notation
        motif = Motif("écart avec la prime refuge, actualisé", self.ref("5(2)(c)(i)", "4(6)(c)"))
        premium = None if note is None else prime_refuge(note, self.x.beneficiaire.notation_societe_mere, self.p)
        unrated = note is not None and premium is None
        barred = unrated or self.x.en_difficulte == VRAI or quota > self.p["esb.quotite_garantie"]
        if barred or self.x.est_pme == FAUX:
            # no safe harbour: the aid may be as high as what is guaranteed
            return self.demander(
                "prime_refuge", "conditions.methode_approuvee", "esb_eur", transparente=FAUX, plafond=covered
            )
        base = self.base(self.x.date_octroi)
        absent = {
            "conditions.duree_mois": c.duree_mois is None,
            "conditions.amortissement": c.amortissement is None,
            "conditions.prime_annuelle_pct": c.prime_annuelle_pct is None,
            "notation": note is None,
            "categorie": self.x.est_pme == INCONNU,
            "en_difficulte": self.x.en_difficulte == INCONNU,
            "conditions.taux_base_pct": base is None,
        }
        missing = [name for name, lacks in absent.items() if lacks]
        if missing or base is None or premium is None or c.duree_mois is None or c.prime_annuelle_pct is None:
            return self.demander("prime_refuge", *missing, plafond=covered)
        discount = base + self.p["esb.marge_actualisation"]
        value = avantage(self.periodes(covered, c.duree_mois), premium - c.prime_annuelle_pct, discount)
        lines = [
            f"montant garanti : {euros(covered)} ({percent(quota)})",
            f"prime refuge : {percent(premium)} ; prime payée : {percent(c.prime_annuelle_pct)}",
            f"actualisation à {percent(discount)} sur {c.duree_mois} mois",
        ]
        found = self.resultat(value, covered, "prime_refuge", clear, lignes=lines, motif=motif)
        return self.sans_historique(found, "la prime")

    # de minimis flat rules

    def solvable(self) -> tuple[int, tuple[str, ...]]:
        """Tell whether the beneficiary is out of insolvency and, if large, rated B- at least (article 4(3)(a))."""
        situation = self.x.beneficiaire.situation_financiere
        apart = situation.conditions_procedure_collective
        sound = non(verite(situation.procedure_collective) | (FAUX if apart is None else verite(apart)))
        note = self.x.beneficiaire.notation
        rated = INCONNU if note in {None, "aucune"} else verite(note in _BONNES_NOTES)
        value = sound & (self.x.est_pme | rated)
        missing: tuple[str, ...] = ("procedure_collective",) if sound == INCONNU else ()
        if value == INCONNU and self.x.est_pme != VRAI and rated == INCONNU:
            missing += ("categorie",) if self.x.est_pme == INCONNU else ("notation",)
        return value, missing

    def suretes_suffisantes(self) -> tuple[int, tuple[str, ...]]:
        cover = self.c.suretes_couverture_pct
        if cover is None:
            return INCONNU, ("conditions.suretes_couverture_pct",)
        return verite(cover >= self.p.get("esb.forfait_suretes", 0)), ()

    def forfait(
        self, montant: int, court: str, long: str, condition: tuple[int, tuple[str, ...]], ref: str
    ) -> EquivalentSubvention:
        """Count a loan or a guarantee as a fraction of the ceiling (article 4(3)(b) and 4(6)(b))."""
        state, missing = condition
        regime = f"{self.x.reglement}"
        freight = self.x.fret_routier if f"esb.plafond_{regime}_fret" in self.p else FAUX
        if freight == VRAI:
            regime += "_fret"
        keys = [f"esb.{name}_{regime}" for name in ("plafond", court, long)]
        if state == FAUX or any(key not in self.p for key in keys):
            return self.demander("forfait_de_minimis", transparente=FAUX)
        ceiling, short, longer = (self.p[key] for key in keys)
        months = self.c.duree_mois
        if months is None:
            return self.demander("forfait_de_minimis", "conditions.duree_mois", *missing)
        brief, full = self.p["esb.forfait_duree_courte"], self.p["esb.forfait_duree_longue"]

        def fits(court: int, long: int) -> bool:
            return (months <= brief * _MOIS and montant <= court) or (months <= full * _MOIS and montant <= long)

        if not fits(short, longer):
            return self.demander("forfait_de_minimis", transparente=FAUX)
        # road haulage takes the same fraction of lower amounts: it matters only between the two
        if freight == INCONNU and not fits(self.p[f"{keys[1]}_fret"], self.p[f"{keys[2]}_fret"]):
            missing = (*missing, "secteurs")
        if missing:
            return self.demander("forfait_de_minimis", *missing)
        value = fraction_du_plafond(ceiling, montant, months, short, brief)
        lines = [f"{euros(ceiling)} × {euros(montant)} ÷ {euros(short)} × {months} mois ÷ {brief * _MOIS} mois"]
        motif = Motif("fraction du plafond de minimis", self.ref("", ref))
        return self.resultat(value, self.aide.montant or montant, "forfait_de_minimis", VRAI, lignes=lines, motif=motif)
