"""Charts as rows of bars: how the intensity builds up, the plan against its ceilings, the de minimis window.

A chart is data first, so that the page, the PDF and the Word file say the same; `svg` draws one row for a page.
Positions are percentages of the width of the row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from html import escape

from aid_rules import assessment as out
from aid_rules.amounts import euros, percent
from aid_rules.dossier import Dossier
from aid_rules.report.libelles import GENRES, argent, jour, majuscule

TONS = {"aide": "#2f4ea1", "aide2": "#6c8ad6", "reste": "#d5d9e6", "doute": "#b98900", "mauvais": "#b3261e"}
"""Colours of the segments; each is told apart by its label too, never by its colour alone."""


@dataclass(frozen=True)
class Segment:
    """One piece of a bar, in percent of the row."""

    debut: float
    largeur: float
    ton: str
    titre: str = ""


@dataclass(frozen=True)
class Barre:
    """One row: what it is, its value in words, its pieces, a mark (ceiling or day)."""

    libelle: str
    valeur: str
    segments: tuple[Segment, ...]
    repere: float | None = None


@dataclass(frozen=True)
class Graphique:
    """A chart: its title, its rows, how to read it."""

    titre: str
    barres: tuple[Barre, ...]
    legende: str = ""


def svg(barre: Barre) -> str:
    """Draw one row as wide as its place, hidden from screen readers: its words stand beside it."""
    parts = ['<svg class="barre" width="100%" height="18" aria-hidden="true" focusable="false">']
    parts.append('<rect x="0" y="3" width="100%" height="12" fill="#eef0f6"/>')
    for s in barre.segments:
        title = f"<title>{escape(s.titre)}</title>" if s.titre else ""
        parts.append(
            f'<rect x="{s.debut:.2f}%" y="3" width="{s.largeur:.2f}%" height="12" fill="{TONS[s.ton]}" '
            f'stroke="#ffffff" stroke-width="1">{title}</rect>'
        )
    if barre.repere is not None:
        at = min(max(barre.repere, 0.3), 99.7)
        parts.append(f'<line x1="{at:.2f}%" x2="{at:.2f}%" y1="0" y2="18" stroke="#161616" stroke-width="2"/>')
    return "".join([*parts, "</svg>"])


_NOMBRE = re.compile(r"\d+(?:,\d+)?")


def intensite(etapes: Sequence[out.EtapeIntensite], low: Decimal | None, high: Decimal | None) -> Graphique | None:
    """Return how a rate is built up, None when a step has no figure of its own."""
    rows: list[Barre] = []
    total = 0.0
    for step in etapes:
        found = _NOMBRE.search(step.valeur)
        if found is None:
            return None
        value = float(found.group().replace(",", "."))
        shade = "aide" if step.verdict == "vrai" else "doute"
        doubt = "" if step.verdict == "vrai" else " (à vérifier)"
        everywhere = step.phrase == "dans tous les cas"
        label = step.intitule or (GENRES.get(step.genre, step.phrase) if everywhere else majuscule(step.phrase))
        if step.genre == "base":
            rows.append(Barre(label, step.valeur + doubt, (Segment(0, min(value, 100), shade),)))
            total = max(total, value)
        elif step.genre == "majoration":
            rows.append(Barre(label, step.valeur + doubt, (Segment(0, total, "reste"), Segment(total, value, shade))))
            total += value
        else:
            mark = value if step.genre == "plafond" else None
            rows.append(Barre(label, step.valeur + doubt, (), mark))
    if not rows or high is None:
        return None
    top = float(high)
    text = percent(int(high * 100))
    least = float(low or 0)
    segments = (Segment(0, least, "aide"), *((Segment(least, top - least, "doute"),) if top > least else ()))
    written = text if low == high else f"de {percent(int((low or Decimal(0)) * 100))} à {text}"
    rows.append(Barre("Taux maximal de l'aide", written, segments, top))
    return Graphique(
        "Comment se forme le taux", tuple(rows), "Échelle de 0 à 100 % des coûts admissibles ; trait noir : plafond."
    )


def plan(dossier: Dossier, bases: Iterable[out.Base]) -> Graphique | None:
    """Return the financing plan: all the costs first, then each basis against what it allows."""
    aids = [(a, a.esb if a.esb is not None else a.montant) for a in dossier.aides or ()]
    known = [(a, amount) for a, amount in aids if amount]
    costs = [line.montant for line in dossier.projet.couts or ()]
    if not known or not costs or None in costs:
        return None
    total = sum(c for c in costs if c is not None)
    public = sum(amount for _, amount in known)
    scale = max(total, public, 1)
    pieces, at = [], 0.0
    for rank, (aide, amount) in enumerate(known):
        width = amount * 100 / scale
        name = f"{aide.financeur.nom or aide.id} : {euros(amount)}"
        pieces.append(Segment(at, width, "aide" if rank % 2 == 0 else "aide2", name))
        at += width
    rows = [
        Barre(
            "Ensemble du projet",
            f"{euros(public)} d'aides sur {euros(total)} de coûts ({percent(public * 10_000 // max(total, 1))})",
            tuple(pieces),
            total * 100 / scale,
        )
    ]
    by_name = {b.id: b for b in bases}
    for name in dict.fromkeys(a.base for a, _ in known if a.base):
        mine = [(a, amount) for a, amount in known if a.base == name]
        rows.append(_base(name or "", mine, by_name.get(name or "")))
    return Graphique(
        "Le plan de financement face à ses plafonds",
        tuple(rows),
        "Une couleur par aide ; trait noir : le total des coûts, puis le maximum que permet chaque base.",
    )


def _base(name: str, mine: Sequence[tuple[object, int]], base: out.Base | None) -> Barre:
    amount = sum(value for _, value in mine)
    if base is None or base.verdict == "non_mobilisable":
        label = f"{base.intitule} ({name})" if base else name
        return Barre(label, f"{euros(amount)} ; base non mobilisable", (Segment(0, 100, "mauvais"),))
    label, top = f"{base.intitule} ({name})", base.montant_max_eur
    if top is None:
        return Barre(label, f"{euros(amount)} ; sans plafond propre", (Segment(0, 50, "aide"),))
    limit = int(top * 100)
    scale = max(limit, amount, 1)
    pieces, at = [], 0.0
    for rank, (_, value) in enumerate(mine):
        width = value * 100 / scale
        over = at + width > limit * 100 / scale + 0.01
        pieces.append(Segment(at, width, "mauvais" if over else "aide" if rank % 2 == 0 else "aide2"))
        at += width
    return Barre(label, f"{euros(amount)} pour {argent(top)} au plus", tuple(pieces), limit * 100 / scale)


def de_minimis(registre: out.RegistreDeMinimis, jour_octroi: date, nom: str) -> Graphique | None:
    """Return what was received under one ceiling, `nom`, and until when each aid counts; None without any."""
    dated = sorted((m.octroye_le, m) for m in registre.mouvements if m.octroye_le is not None)
    if not dated:
        return None
    ends = [m.sort_le for _, m in dated if m.sort_le]
    first, last = dated[0][0], max([jour_octroi + timedelta(days=365), *ends])
    span = max((last - first).days, 1)
    mark = (jour_octroi - first).days * 100 / span
    rows = []
    for start, move in dated:
        end = move.sort_le or last
        words = {"faux": "ne compte plus", "inconnu": "à vérifier"}.get(
            move.compte, f"compte jusqu'à la veille du {jour(end)}" if move.sort_le else "compte"
        )
        shade = {"faux": "reste", "vrai": "aide"}.get(move.compte, "doute")
        left, width = (start - first).days * 100 / span, (end - start).days * 100 / span
        rows.append(Barre(f"{jour(start)} : {argent(move.montant_eur)}", words, (Segment(left, width, shade),), mark))
    return Graphique(
        f"{majuscule(nom)} : ce qui compte, et jusqu'à quand",
        tuple(rows),
        f"Du {jour(first)} au {jour(last)} ; trait noir : le jour de l'octroi, {jour(jour_octroi)}.",
    )
