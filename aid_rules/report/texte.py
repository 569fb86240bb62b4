"""The result as text: a summary that reads at a glance, then the detail."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

import click

from aid_rules import assessment as out
from aid_rules.amounts import euros, percent
from aid_rules.engine.moteur import Engine
from aid_rules.report.ecriture import accorde

WIDTH = 100
_MARKS = {"vrai": ("✔", "green"), "faux": ("✘", "red"), "inconnu": ("?", "yellow")}
_VERDICTS = {
    "mobilisable": ("✔ mobilisable", "green"),
    "a_verifier": ("? à vérifier", "yellow"),
    "non_mobilisable": ("✘ non mobilisable", "red"),
}
_CONCLUSIONS = {
    "aide_etat": ("AIDE D'ÉTAT : une base légale est nécessaire.", "yellow"),
    "pas_aide_etat": ("PAS D'AIDE D'ÉTAT : un des cinq critères n'est pas rempli.", "green"),
    "indetermine": (
        "À DÉTERMINER : traitez le financement comme une aide d'État tant que ce n'est pas tranché.",
        "yellow",
    ),
}
_GRAVITES = {
    "bloquante": ("✘ BLOQUANT", "red"),
    "attention": ("! ATTENTION", "yellow"),
    "information": ("i à savoir", "cyan"),
}
_ORIENTATION = "{services} convenir : dites le besoin du projet (projet.faits.besoin) pour les voir."
_OPTIONS = 4
_CATEGORIES = {"micro": "microentreprise", "petite": "petite", "moyenne": "moyenne", "grande": "grande"}


def amount(low: Decimal | None, high: Decimal | None) -> str:
    """Write an amount known between two bounds."""
    if high is None:
        return "sans plafond propre" if low is None else "montant à préciser"
    top = euros(int(high * 100))
    return top if low == high else f"de {euros(int((low or Decimal(0)) * 100))} à {top}"


def rate(low: Decimal | None, high: Decimal | None) -> str:
    """Write a rate known between two bounds."""
    if high is None:
        return "" if low is None else "taux à préciser"
    top = percent(int(high * 100))
    return top if low == high else f"de {percent(int((low or Decimal(0)) * 100))} à {top}"


class Texte:
    """Writes results for a terminal; click drops the colours when the output is none."""

    def __init__(self, engine: Engine, tout: bool = False) -> None:
        self.engine = engine
        self.tout = tout

    def write(self, result: out.Resultat) -> str:
        """Return the whole evaluation."""
        lines = [
            click.style(result.dossier, bold=True),
            f"Octroi le {_day(result.date_octroi)} : le droit appliqué est celui de ce jour.",
            "",
            *self.summary(result),
        ]
        lines += ["", *self.criteria(result.qualification)]
        lines += ["", *self.beneficiary(result.beneficiaire)]
        lines += ["", *self.bases("Bases légales", result.regimes)]
        schemes = list(self.bases("Dispositifs", result.dispositifs))
        lines += ["", *schemes] if len(schemes) > 1 else []
        lines += ["", *self.plan(result.cumul)]
        if result.meilleur_plan is not None:
            from aid_rules.report.plan import plan_lines  # noqa: PLC0415 - only dossiers that ask for a plan

            lines += ["", *plan_lines(result.meilleur_plan)]
        lines += ["", *self.duties(result.obligations)]
        if result.possibilites:
            lines += ["", title("Autres versions du règlement (à étudier)"), *self.options(result.possibilites)]
        if result.questions:
            lines += ["", title("Ce qui manque"), *self.question_lines(result.questions[:8])]
            if len(result.questions) > 8:  # noqa: PLR2004
                lines.append(f"  … et {len(result.questions) - 8} autres : aid-rules questions DOSSIER")
        lines += ["", click.style(wrap(result.avertissement), dim=True), self.stamp(result)]
        return "\n".join(lines)

    @staticmethod
    def stamp(result: out.Resultat) -> str:
        rules = result.regles
        return click.style(f"Règles {rules.version}, empreinte {rules.sha256[:12]}.", dim=True)

    def summary(self, result: out.Resultat) -> Iterator[str]:
        """Yield the answer first: aid or not, best bases, how much, what to watch."""
        text, colour = _CONCLUSIONS[result.qualification.conclusion]
        yield click.style(f"▶ {text}", fg=colour, bold=True)
        usable = [b for b in result.regimes if b.verdict == "mobilisable"]
        doubtful = [b for b in result.regimes if b.verdict == "a_verifier" and b.examine]
        for label, bases, colour in (("Mobilisable", usable, "green"), ("À vérifier", doubtful, "yellow")):
            for base in sorted(bases, key=_by_promise)[:4]:
                yield click.style(f"  {label:<12}", fg=colour) + self.line(base)
        if not usable and not doubtful:
            yield click.style("  Aucune base légale ne convient au projet tel qu'il est décrit.", fg="red")
        blocking = [a for a in result.cumul.alertes if a.gravite == "bloquante"]
        if blocking:
            plural = "s" if len(blocking) > 1 else ""
            yield (
                click.style(f"  {len(blocking)} alerte{plural} bloquante{plural}", fg="red", bold=True)
                + " sur le plan de financement (voir plus bas)."
            )
        elif result.cumul.alertes:
            yield "  Plan de financement : aucun dépassement certain ; des points restent à vérifier."

    @staticmethod
    def line(base: out.Base) -> str:
        found = rate(base.intensite_min_pct, base.intensite_max_pct)
        shown = amount(base.montant_min_eur, base.montant_max_eur)
        return f"{base.id:<22} {shown}{f' ({found})' if found else ''} — {base.intitule}"

    def criteria(self, found: out.Qualification) -> Iterator[str]:
        yield title("Les cinq critères de l'aide d'État (TFUE, art. 107, § 1)")
        for critere in found.criteres:
            yield f"  {mark(critere.verdict)} {critere.intitule}"
            if critere.verdict != "vrai":
                for motif in critere.motifs:
                    if motif.verdict != "vrai":
                        yield wrap(f"{mark(motif.verdict)} {motif.intitule or motif.phrase}", 6)

    def beneficiary(self, found: out.Beneficiaire) -> Iterator[str]:
        yield title("Bénéficiaire")
        names = " ou ".join(_CATEGORIES[c] for c in found.categories_possibles)
        yield f"  Catégorie : {names}"
        zones = {"a": "zone « a »", "c": "zone « c »", "aucune": "hors zone AFR"}
        yield f"  Territoire : {' ou '.join(zones[z] for z in found.zones_afr_possibles)}"
        words = {"vrai": "oui", "faux": "non", "inconnu": "à vérifier"}
        yield f"  En difficulté : {words[found.en_difficulte]}"
        for text in found.alertes:
            yield wrap(f"! {text}", 2)

    def bases(self, heading: str, bases: Iterable[out.Base]) -> Iterator[str]:
        yield title(heading)
        hidden = oriented = 0
        for base in sorted(bases, key=lambda b: ("mobilisable", "a_verifier", "non_mobilisable").index(b.verdict)):
            if not base.examine and not self.tout:
                hidden += 1
                continue
            if not base.financier and base.verdict != "mobilisable" and not self.tout:
                oriented += base.verdict == "a_verifier"
                continue
            yield from self.base(base)
        if oriented:
            services = accorde(oriented, "service d'accompagnement pourrait", "services d'accompagnement pourraient")
            yield click.style(wrap(_ORIENTATION.format(services=services), 2), dim=True)
        if hidden:
            others = accorde(hidden, "autre ne concerne", "autres ne concernent")
            yield click.style(f"  {others} aucun coût du projet.", dim=True)

    def base(self, base: out.Base) -> Iterator[str]:
        text, colour = _VERDICTS[base.verdict]
        numbers = list(dict.fromkeys(r.sa for r in base.regime_cadre))
        others = f" et {len(numbers) - 1} autre{'s' if len(numbers) > 2 else ''}" if len(numbers) > 1 else ""  # noqa: PLR2004
        sa = f" [{numbers[0]}{others}]" if numbers else ""
        yield f"  {click.style(f'{text:<18}', fg=colour)} {click.style(base.id, bold=True)} {base.intitule}{sa}"
        if base.verdict != "non_mobilisable" and base.financier:
            found = rate(base.intensite_min_pct, base.intensite_max_pct)
            shown = amount(base.montant_min_eur, base.montant_max_eur)
            yield f"      aide maximale : {shown}" + (f", taux {found}" if found else "")
        shown_conditions = live_conditions(base)
        failing = [c for c in shown_conditions if c.verdict == "faux"]
        waiting = [c for c in shown_conditions if c.verdict == "inconnu"]
        for condition in failing[:4]:
            yield wrap(f"✘ {said(condition)}{cited(condition)}", 6)
        if base.verdict == "a_verifier":
            for condition in waiting[:5]:
                yield wrap(f"? {said(condition)}{cited(condition)}", 6)
            if len(waiting) > 5:  # noqa: PLR2004
                rest = accorde(len(waiting) - 5, "autre condition", "autres conditions")
                yield f"      … et {rest} : aid-rules expliquer DOSSIER {base.id}"
        if base.action and base.verdict != "non_mobilisable":
            yield wrap(f"→ {base.action}", 6)

    @staticmethod
    def plan(cumul: out.Cumul) -> Iterator[str]:
        yield title("Plan de financement et cumul")
        if not cumul.alertes:
            yield "  Aucune alerte."
        for alert in sorted(cumul.alertes, key=lambda a: ("bloquante", "attention", "information").index(a.gravite)):
            text, colour = _GRAVITES[alert.gravite]
            over = f" Excédent : {euros(int(alert.depassement_eur * 100))}." if alert.depassement_eur else ""
            refs = f" [{'; '.join(r.texte for r in alert.references)}]" if alert.references else ""
            yield click.style(f"  {text}", fg=colour)
            yield wrap(f"{alert.message}{over}{refs}", 6)
        for room in cumul.marges:
            yield f"  Reste possible, {room.objet} : {amount(room.montant_min_eur, room.montant_max_eur)}"
        for ledger in cumul.registres:
            yield from ledger_lines(ledger)

    @staticmethod
    def duties(obligations: Iterable[out.Obligation]) -> Iterator[str]:
        yield title("Obligations")
        found = list(obligations)
        if not found:
            yield "  Aucune."
        for duty in found:
            if duty.statut == "vrai":
                yield wrap(f"• {duty.intitule}{_by_when(duty)} : {duty.action}", 2)
        # Only the first letter: « la Commission » and « TVA » keep their capitals.
        possible = [
            f"{duty.intitule[:1].lower()}{duty.intitule[1:]}{_by_when(duty)}" for duty in found if duty.statut != "vrai"
        ]
        if possible:
            yield wrap(f"• Si l'aide est accordée sur une base à vérifier : {' ; '.join(possible)}.", 2)

    @staticmethod
    def options(possibilites: Sequence[out.Possibilite]) -> Iterator[str]:
        """Yield what article 58 may open, a few lines at most."""
        for option in possibilites[:_OPTIONS]:
            found = rate(option.intensite_max_pct, option.intensite_max_pct)
            shown = amount(option.montant_max_eur, option.montant_max_eur)
            text = f"• {option.base}, version en vigueur le {_day(option.version)} : {_VERDICTS[option.verdict][0][2:]}"
            yield wrap(f"{text}, {shown}{f' ({found})' if found else ''} — {option.motif}{cited(option)}", 2)
        if len(possibilites) > _OPTIONS:
            yield f"  … et {len(possibilites) - _OPTIONS} autres (voir le résultat en JSON)."

    def questions(self, found: Iterable[out.Question]) -> str:
        """Return the questions that remain."""
        items = list(found)
        if not items:
            return "Rien ne manque : tous les verdicts sont tranchés."
        return "\n".join([title("Ce qui manque"), *self.question_lines(items)])

    @staticmethod
    def question_lines(found: Iterable[out.Question]) -> Iterator[str]:
        for question in found:
            yield wrap(f"? {question.question}", 2)
            if question.aide:
                yield click.style(wrap(question.aide, 6), dim=True)
            count = f"{question.verdicts} verdict{'s' if question.verdicts > 1 else ''} en attente"
            yield click.style(f"      {question.chemin} — {count}", dim=True)

    def explain(self, base: out.Base, result: out.Resultat) -> str:
        """Return the whole reasoning on one basis."""
        text, colour = _VERDICTS[base.verdict]
        lines = [click.style(f"{base.id} — {base.intitule}", bold=True), click.style(text, fg=colour), ""]
        lines += [f"Régime à citer : {r.sa}, {r.intitule} (confiance {r.confiance})" for r in base.regime_cadre]
        lines += [title("Conditions"), *map(self.condition, base.conditions)]
        for volet in base.volets:
            name, shade = _VERDICTS[volet.verdict]
            lines += ["", title(f"Volet : {volet.intitule}"), "  " + click.style(name, fg=shade)]
            lines += map(self.condition, volet.conditions)
            lines += self.calculation(volet.assiette, volet.detail_intensite, volet.limites)
            lines.append(f"  Aide maximale du volet : {amount(volet.montant_min_eur, volet.montant_max_eur)}")
            lines += [f"  S'appuie sur {a.base} ({_VERDICTS[a.verdict][0]})" for a in volet.appuis]
        if base.assiette is not None:
            lines += [
                "",
                title("Calcul"),
                *self.calculation(base.assiette, base.detail_intensite, base.seuil_notification),
            ]
        if base.verdict != "non_mobilisable":
            lines.append(f"  Aide maximale : {amount(base.montant_min_eur, base.montant_max_eur)}")
        return "\n".join([*lines, "", click.style(wrap(result.avertissement), dim=True), self.stamp(result)])

    @staticmethod
    def condition(condition: out.Condition) -> str:
        missing = f" — manque : {', '.join(condition.manquants)}" if condition.manquants else ""
        return wrap(f"{mark(condition.verdict)} {said(condition)}{cited(condition)}{missing}", 2)

    @staticmethod
    def calculation(
        costs: out.Assiette, steps: Iterable[out.EtapeIntensite], limits: Iterable[out.Limite]
    ) -> Iterator[str]:
        lines = ", ".join(costs.lignes) or "aucun coût"
        yield f"  Assiette : {amount(costs.montant_min_eur, costs.montant_max_eur)} ({lines})"
        if costs.lignes_exclues:
            yield f"  Coûts non admissibles : {', '.join(costs.lignes_exclues)}"
        for step in steps:
            yield wrap(f"{mark(step.verdict)} {step.genre} {step.valeur} — {step.phrase}{cited(step)}", 2)
        for limit in limits:
            yield wrap(f"{mark(limit.verdict)} plafond {limit.phrase}{cited(limit)}", 2)

    def compare(self, before: out.Resultat, after: out.Resultat) -> str:
        """Return what differs between two evaluations of one dossier."""
        lines = [title(f"Ce qui change entre le {_day(before.date_octroi)} et le {_day(after.date_octroi)}")]
        old = {b.id: b for b in (*before.regimes, *before.dispositifs)}
        new = {b.id: b for b in (*after.regimes, *after.dispositifs)}
        for name in dict.fromkeys([*old, *new]):
            one, other = self.state(old.get(name)), self.state(new.get(name))
            if one != other:
                lines.append(wrap(f"• {name} : {one} → {other}", 2))
        return "\n".join(lines if len(lines) > 1 else [*lines, "  Rien ne change pour ce dossier."])

    @staticmethod
    def state(base: out.Base | None) -> str:
        if base is None:
            return "n'existe pas"
        text = _VERDICTS[base.verdict][0][2:]
        if base.verdict == "non_mobilisable":
            return text
        found = rate(base.intensite_min_pct, base.intensite_max_pct)
        return f"{text}, {amount(base.montant_min_eur, base.montant_max_eur)}{f' ({found})' if found else ''}"


def ledger_lines(ledger: out.RegistreDeMinimis) -> Iterator[str]:
    """Yield the de minimis ledger of one ceiling: what was received, then the room, day by day."""
    yield ""
    yield title(f"Registre de minimis, {ledger.intitule}")
    yield wrap(f"Entreprise unique : {', '.join(ledger.entreprises)}", 2)
    for move in ledger.mouvements:
        when = _day(move.octroye_le) if move.octroye_le else "date inconnue"
        left = f"ne compte plus le {_day(move.sort_le)}" if move.sort_le else "sortie inconnue"
        if move.compte == "faux":
            left = f"ne compte pas (sorti le {_day(move.sort_le)})" if move.sort_le else "ne compte pas"
        value = "montant inconnu" if move.montant_eur is None else amount(move.montant_eur, move.montant_eur)
        law = move.reglement or "règlement à préciser"
        yield f"  {mark(move.compte)} {when} : {value} ({law}{f', {move.nom}' if move.nom else ''}), {left}"
        if move.motif:
            share = amount(move.retenu_min_eur, move.retenu_max_eur)
            yield wrap(f"{move.motif}{f' ; montant retenu : {share}' if move.compte != 'faux' else ''}", 6)
    for step in ledger.calendrier:
        room = amount(step.reste_min_eur, step.reste_max_eur)
        after = amount(step.reste_apres_plan_min_eur, step.reste_apres_plan_max_eur)
        also = f" ; une fois le plan accordé : {after}" if ledger.prevu_eur else ""
        yield f"  Le {_day(step.le)} : reste {room} sur {amount(step.plafond_eur, step.plafond_eur)}{also}"
    if ledger.refusees:
        yield wrap(f"Refusées en entier : {', '.join(ledger.refusees)}", 2)


def live_conditions(base: out.Base) -> list[out.Condition]:
    """Return the conditions of a basis, then those of its volets that may serve: of all of them when none may."""
    live = [v for v in base.volets if v.verdict != "non_mobilisable"] or base.volets
    found = [*base.conditions, *(c for v in live for c in v.conditions)]
    return list({(c.id, c.phrase, c.verdict): c for c in found}.values())


def said(condition: out.Condition) -> str:
    """Write a condition: its title when it has one, then its sentence."""
    return f"{condition.intitule} — {condition.phrase}" if condition.intitule else condition.phrase


def cited(part: out.Condition | out.EtapeIntensite | out.Limite | out.Possibilite) -> str:
    """Write the references of a part, in brackets."""
    return f" [{' ; '.join(r.texte for r in part.references)}]" if part.references else ""


def mark(verdict: str) -> str:
    """Return the coloured mark of a truth value."""
    sign, colour = _MARKS[verdict]
    return click.style(sign, fg=colour, bold=True)


def title(text: str) -> str:
    """Return a heading."""
    return click.style(text, bold=True, underline=True)


def wrap(text: str, indent: int = 0) -> str:
    """Wrap a paragraph under its indent."""
    space = " " * indent
    return textwrap.fill(
        text,
        WIDTH,
        initial_indent=space,
        subsequent_indent=space + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _by_promise(base: out.Base) -> tuple[int, bool, Decimal]:
    """Sort by what still waits, then by amount."""
    waiting = sum(c.verdict == "inconnu" for c in live_conditions(base))
    return (waiting, base.montant_max_eur is None, -(base.montant_max_eur or Decimal(0)))


def _by_when(duty: out.Obligation) -> str:
    return f" (au plus tard le {_day(duty.echeance)})" if duty.echeance else ""


def _day(day: object) -> str:
    return f"{day:%d/%m/%Y}"
