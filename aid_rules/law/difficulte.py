"""Undertaking in difficulty (RGEC article 2, point 18) and its derogation of 2020 and 2021 (article 1(4)(c))."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from dateutil.relativedelta import relativedelta

from aid_rules.amounts import BP_PER_UNIT, euros
from aid_rules.law.base import FAUX, INCONNU, VRAI, Motif, Parametres, non, sans_doublon, verite

if TYPE_CHECKING:
    from aid_rules.dossier import ExerciceFinancier, SituationFinanciere

_LIEU = "beneficiaire.situation_financiere"
_SANS_PERTE = frozenset({"entreprise_individuelle", "autre"})


class Difficulte(NamedTuple):
    """Whether the undertaking is in difficulty on the grant date, three-valued.

    `etat` follows point 18; `etat_financement_risques` adds the exemption that serves risk finance aid only.
    `derogation` is that of 2020 and 2021. `ecartee` says whether article 1(4)(c) shuts the undertaking out, the
    exceptions that a regime makes for its own aid left aside. `motifs` holds one entry per criterion, `manquants` the
    paths that would settle what is unknown.
    """

    etat: int
    etat_financement_risques: int
    derogation: int
    motifs: tuple[Motif, ...]
    alertes: tuple[str, ...]
    manquants: tuple[str, ...]

    @property
    def ecartee(self) -> int:
        """Return whether article 1(4)(c) shuts the undertaking out."""
        return self.etat & non(self.derogation)


class _Critere(NamedTuple):
    motif: Motif
    manquants: tuple[str, ...] = ()


_REPONSES = {FAUX: "non", INCONNU: "à vérifier", VRAI: "oui"}


def _critere(texte: str, reference: str, valeur: int, manquants: tuple[str, ...]) -> _Critere:
    return _Critere(Motif(f"{texte} : {_REPONSES[valeur]}", reference, valeur), manquants)


def perte_capital(
    capital: int | None, primes: int | None, capitaux_propres: int | None, pertes: int | None, parametres: Parametres
) -> int:
    """Tell whether losses have taken more than half of the subscribed capital, premiums included (2(18)(a)).

    Amounts in cents. Own funds below half of the capital say the same as the negative sum of the provision.
    """
    if pertes == 0:
        return FAUX
    if capitaux_propres is None:
        return INCONNU
    if capital is None:
        # whatever the capital, negative own funds have lost more than half of it
        return VRAI if capitaux_propres < 0 else INCONNU
    left = (capital + (primes or 0)) * (BP_PER_UNIT - parametres["difficulte.perte_capital"])
    return verite(capitaux_propres * BP_PER_UNIT < left)


def perte_fonds_propres(capitaux_propres: int | None, pertes: int | None, parametres: Parametres) -> int:
    """Tell whether losses have taken more than half of the own funds shown in the accounts (2(18)(b)).

    `capitaux_propres` stand after the accumulated losses `pertes`, both in cents.
    """
    if pertes == 0:
        return FAUX
    if capitaux_propres is None:
        return INCONNU
    if pertes is None:
        return VRAI if capitaux_propres < 0 else INCONNU
    return verite(pertes * BP_PER_UNIT > (capitaux_propres + pertes) * parametres["difficulte.perte_fonds_propres"])


def depuis_moins_de(debut: date | None, jour: date, annees: int) -> int:
    """Tell whether less than `annees` years have passed since `debut`."""
    return INCONNU if debut is None else verite(jour < debut + relativedelta(years=annees))


def ratios_degrades(exercice: ExerciceFinancier, parametres: Parametres) -> int:
    """Tell whether one year shows both ratios of a large undertaking beyond their limits (2(18)(e))."""
    debt, equity = exercice.emprunts, exercice.capitaux_propres
    if debt is None or equity is None or equity < 0:
        # the provision does not say what a ratio to negative own funds is worth
        leverage = FAUX if debt == 0 else INCONNU
    else:
        leverage = verite(debt * BP_PER_UNIT > equity * parametres["difficulte.ratio_endettement"])
    earnings, interest = exercice.ebitda, exercice.charges_interets
    if earnings is None or interest is None:
        coverage = INCONNU
    else:
        coverage = verite(earnings * BP_PER_UNIT < interest * parametres["difficulte.couverture_interets"])
    return leverage & coverage


def apprecier(
    situation: SituationFinanciere,
    est_pme: int,
    date_octroi: date,
    parametres: Parametres,
    declaree: bool | None = None,
) -> Difficulte:
    """Return whether the undertaking is in difficulty, with its reasons and what is missing.

    `est_pme` is three-valued; `declaree` is the applicant's own statement, used only where the facts settle nothing.
    """
    young = est_pme & depuis_moins_de(situation.cree_le, date_octroi, parametres["difficulte.anciennete_pme"])
    backed = est_pme & _admissible_risques(situation, date_octroi, parametres)
    common = [
        _procedure(situation),
        _sauvetage(situation),
        _grande_entreprise(situation, est_pme, parametres),
    ]
    general = [*_pertes(situation, young, est_pme, parametres), *common]
    risky = [*_pertes(situation, young | backed, est_pme, parametres), *common]
    state, risk_state = _un_de(general), _un_de(risky)
    alerts: list[str] = []
    missing = [path for c in general if c.motif.valeur == INCONNU for path in c.manquants] if state == INCONNU else []
    if declaree is not None and state == INCONNU:
        state = verite(declaree)
        risk_state = state if risk_state == INCONNU else risk_state
        missing = []
        alerts.append("Situation déclarée par l'entreprise : les chiffres qui la prouvent ne sont pas au dossier.")
    elif declaree is not None and verite(declaree) != state:
        stated, found = ("en difficulté", "non") if declaree else ("saine", "oui")
        alerts.append(
            f"Entreprise déclarée {stated} ; en difficulté selon les chiffres : {found}. Les chiffres l'emportent."
        )
    derogation = _derogation(situation, parametres) if state != FAUX else FAUX
    motifs = [criterion.motif for criterion in general]
    if derogation != FAUX:
        end = date.fromordinal(parametres["difficulte.derogation_fin"])
        texte = (
            f"difficulté née entre le 1er janvier 2020 et le {_jour(end)}, qui n'exclut pas : {_REPONSES[derogation]}"
        )
        motifs.append(Motif(texte, "rgec:1(4)(c)", derogation))
    if derogation == INCONNU and state == VRAI:
        missing.append(f"{_LIEU}.en_difficulte_depuis_le")
    return Difficulte(state, risk_state, derogation, tuple(motifs), tuple(alerts), sans_doublon(missing))


def _un_de(criteria: list[_Critere]) -> int:
    state = FAUX
    for criterion in criteria:
        state |= criterion.motif.valeur
    return state


def _admissible_risques(situation: SituationFinanciere, jour: date, parametres: Parametres) -> int:
    sale = depuis_moins_de(situation.premiere_vente_le, jour, parametres["difficulte.anciennete_premiere_vente"])
    if "difficulte.anciennete_enregistrement" in parametres:
        sale |= depuis_moins_de(situation.cree_le, jour, parametres["difficulte.anciennete_enregistrement"])
    return sale & verite(situation.controle_prealable_financement_risques)


def _pertes(situation: SituationFinanciere, exempt: int, est_pme: int, parametres: Parametres) -> list[_Critere]:
    form = situation.forme
    limited = INCONNU if form is None else verite(form == "responsabilite_limitee")
    unlimited = INCONNU if form is None else verite(form == "responsabilite_illimitee")
    asked: tuple[str, ...] = () if form else (f"{_LIEU}.forme",)
    if exempt == INCONNU:
        asked += (f"{_LIEU}.cree_le",) if situation.cree_le is None else ()
        asked += ("beneficiaire.categorie",) if est_pme == INCONNU else ()
    lost = perte_capital(
        situation.capital_souscrit,
        situation.primes_emission,
        situation.capitaux_propres,
        situation.pertes_accumulees,
        parametres,
    )
    names = [("capital_souscrit_eur", situation.capital_souscrit), ("capitaux_propres_eur", situation.capitaux_propres)]
    unknown = tuple(f"{_LIEU}.{name}" for name, value in names if value is None) if lost == INCONNU else ()
    capital = _critere(
        "plus de la moitié du capital souscrit absorbée par les pertes" + _soldes(situation),
        "rgec:2(18)(a)",
        limited & lost & non(exempt),
        (*asked, *unknown),
    )
    used = perte_fonds_propres(situation.capitaux_propres, situation.pertes_accumulees, parametres)
    names = [
        ("pertes_accumulees_eur", situation.pertes_accumulees),
        ("capitaux_propres_eur", situation.capitaux_propres),
    ]
    unknown = tuple(f"{_LIEU}.{name}" for name, value in names if value is None) if used == INCONNU else ()
    funds = _critere(
        "plus de la moitié des fonds propres absorbée par les pertes",
        "rgec:2(18)(b)",
        unlimited & used & non(exempt),
        (*asked, *(unknown if form else ())),
    )
    return [] if form in _SANS_PERTE else [capital, funds]


def _soldes(situation: SituationFinanciere) -> str:
    """Write the two amounts compared, when both are known."""
    if situation.capital_souscrit is None or situation.capitaux_propres is None:
        return ""
    capital = situation.capital_souscrit + (situation.primes_emission or 0)
    return f" (capitaux propres {euros(situation.capitaux_propres)}, capital {euros(capital)})"


def _procedure(situation: SituationFinanciere) -> _Critere:
    apart = situation.conditions_procedure_collective
    value = verite(situation.procedure_collective) | (FAUX if apart is None else verite(apart))
    texte = "procédure collective d'insolvabilité, ou conditions réunies"
    return _critere(texte, "rgec:2(18)(c)", value, (f"{_LIEU}.procedure_collective",))


def _sauvetage(situation: SituationFinanciere) -> _Critere:
    apart = situation.aide_restructuration_en_cours
    value = verite(situation.aide_sauvetage_en_cours) | (FAUX if apart is None else verite(apart))
    texte = "aide au sauvetage non remboursée, ou plan de restructuration en cours"
    return _critere(texte, "rgec:2(18)(d)", value, (f"{_LIEU}.aide_sauvetage_en_cours",))


def _grande_entreprise(situation: SituationFinanciere, est_pme: int, parametres: Parametres) -> _Critere:
    years = list(situation.exercices or ())
    needed = parametres["difficulte.exercices_ratios"]
    if all(year.clos_le is not None for year in years):
        years.sort(key=lambda year: year.clos_le or date.min, reverse=True)
    worst = VRAI if len(years) >= needed else INCONNU
    asked = [f"{_LIEU}.exercices"] if len(years) < needed else []
    for index, year in enumerate(years[:needed]):
        one = ratios_degrades(year, parametres)
        worst &= one
        asked += [f"{_LIEU}.exercices[{index}]"] if one == INCONNU else []
    texte = "grande entreprise : endettement et couverture des intérêts dégradés deux exercices de suite"
    asked += ["beneficiaire.categorie"] if est_pme == INCONNU else []
    return _critere(texte, "rgec:2(18)(e)", non(est_pme) & worst, tuple(asked))


def _derogation(situation: SituationFinanciere, parametres: Parametres) -> int:
    if "difficulte.derogation_fin" not in parametres or situation.en_difficulte_au_2019_12_31:
        return FAUX
    created = situation.cree_le
    if created is not None and created.toordinal() > parametres["difficulte.derogation_fin"]:
        return FAUX
    since = situation.en_difficulte_depuis_le
    if since is None:
        return INCONNU
    return verite(
        parametres["difficulte.derogation_debut"] <= since.toordinal() <= parametres["difficulte.derogation_fin"]
    )


_MOIS = (
    *("janvier", "février", "mars", "avril", "mai", "juin"),
    *("juillet", "août", "septembre", "octobre", "novembre", "décembre"),
)


def _jour(day: date) -> str:
    return f"{'1er' if day.day == 1 else day.day} {_MOIS[day.month - 1]} {day.year}"
