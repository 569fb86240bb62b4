"""What of the law is encoded: articles × versions, with conditions, figures, figures proved and worked cases."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from aid_rules.language import entries
from aid_rules.language import files as f
from aid_rules.language.citations import Bilan, Textes, VersionTexte, verifier_citations
from aid_rules.language.loader import RuleSet
from aid_rules.language.positions import read_file
from aid_rules.language.references import provision
from aid_rules.language.vies import Vie, completes, entrees, periode, vie_de_la_loi, vie_du_texte

Etat = Literal["encode", "absent", "supprime", "inexistant"]

_CHAPITRE_3 = range(13, 57)
_SANS_REGLE = frozenset({"57", "annexe_II", "annexe_III", "annexe_IV"})
"""Repeal of the former regulations, forms and information sheets: nothing there to assess an aid by."""

_ARTICLE = re.compile(r"(\d+)([a-z]?)")


@dataclass(frozen=True, slots=True)
class Cellule:
    """One article in one version: `prouves` and `expliques` are part of `chiffres`."""

    etat: Etat
    conditions: int = 0
    chiffres: int = 0
    prouves: int = 0
    expliques: int = 0


@dataclass(frozen=True, slots=True)
class Ligne:
    """One article of a text over its versions; `cas` counts its worked cases."""

    article: str
    cellules: tuple[Cellule, ...]
    cas: int

    @property
    def encodee(self) -> bool:
        """Tell whether every version in which the article exists is encoded."""
        return all(c.etat != "absent" for c in self.cellules)


@dataclass(frozen=True, slots=True)
class Tableau:
    """One text: its versions, its articles, and its totals over all dates (each figure counted once)."""

    texte: str
    intitule: str
    versions: tuple[Vie, ...]
    lignes: tuple[Ligne, ...]
    conditions: int
    chiffres: int
    prouves: int
    expliques: int

    @property
    def encodes(self) -> int:
        """Return the number of articles encoded in every version."""
        return sum(ligne.encodee for ligne in self.lignes)


@dataclass(frozen=True, slots=True)
class Couverture:
    """The texts whose provisions are held article by article, then the others, of one line each."""

    tableaux: tuple[Tableau, ...]
    cas: int

    def tableau(self, texte: str) -> Tableau:
        """Return the table of a text. Raises `KeyError`."""
        return {tableau.texte: tableau for tableau in self.tableaux}[texte]


def couverture(rules: RuleSet, cas: Path | None = None, bilan: Bilan | None = None) -> Couverture:
    """Measure the coverage. `cas` is the folder of the worked cases; `bilan` the outcome of the citation check."""
    counted, total = _cas(cas) if cas else (Counter[str](), 0)
    maker = _Mesure(rules, bilan or verifier_citations(rules), counted)
    tables = [maker.tableau(texte) for texte in rules.textes]
    return Couverture(tuple(t for t in tables if t.lignes), total)


@dataclass(frozen=True, slots=True)
class _Trace:
    """Something encoded: the article whose file it is in, those it cites (the first one leads), and when."""

    fichier: str
    cites: tuple[str, ...]
    vie: Vie
    condition: bool


class _Mesure:
    def __init__(self, rules: RuleSet, bilan: Bilan, cas: Counter[str]) -> None:
        self.rules = rules
        self.bilan = bilan
        self.cas = cas
        self.textes = Textes(rules)
        self.traces = list(_traces(rules))
        self.fichiers: dict[str, list[Vie]] = {}
        for law in rules.lois():
            self.fichiers.setdefault(f"{law.texte}:{law.article}", []).append(vie_de_la_loi(rules, law))

    def tableau(self, texte: str) -> Tableau:
        held = self.textes.tenu(texte)
        known = self.textes.versions(texte)
        versions = _distinctes(known) if held else tuple((version.vie, version) for version in known)
        lives = tuple(vie for vie, _ in versions) or (vie_du_texte(self.rules, texte),)
        rows = self.articles(texte, versions) if held else self.bloc(texte, lives)
        own = [v for v in self.bilan.verifications if v.chiffre.refs[0].startswith(f"{texte}:")]
        status = Counter(v.statut for v in own)
        return Tableau(
            texte,
            self.rules.textes[texte].abrege or self.rules.textes[texte].intitule,
            lives,
            tuple(rows),
            sum(1 for trace in self.traces if trace.condition and trace.cites[0].startswith(f"{texte}:")),
            len(own),
            status["prouvee"],
            status["expliquee"],
        )

    def articles(self, texte: str, versions: Iterable[tuple[Vie, VersionTexte]]) -> Iterator[Ligne]:
        versions = list(versions)
        paths = {p for _, v in versions for p in v.provisions or {} if "(" not in p and "/" not in p}
        for path in sorted(paths - _SANS_REGLE, key=_ordre):
            article = f"{texte}:{path}"
            cells = tuple(self.cellule(article, vie, version.provisions or {}) for vie, version in versions)
            yield Ligne(path, cells, self.cas[article])

    def cellule(self, article: str, vie: Vie, provisions: Mapping[str, str | None]) -> Cellule:
        path = article.partition(":")[2]
        if path not in provisions:
            return Cellule("inexistant")
        if provisions[path] is None:
            return Cellule("supprime")
        files = [life for life in self.fichiers.get(article, ()) if life.avec(vie)]
        live = [trace for trace in self.traces if trace.vie.avec(vie)]
        encoded = bool(files) or (not _par_fichier(article) and any(article in trace.cites for trace in live))
        status = Counter(
            v.statut
            for v in self.bilan.verifications
            if _article(v.chiffre.refs[0]) == article and v.chiffre.vie.avec(vie)
        )
        return Cellule(
            "encode" if encoded else "absent",
            sum(1 for t in live if t.condition and (t.fichier == article if files else t.cites[0] == article)),
            sum(status.values()),
            status["prouvee"],
            status["expliquee"],
        )

    def bloc(self, texte: str, lives: Iterable[Vie]) -> Iterator[Ligne]:
        """Yield the one line of a text whose provisions are not held, if some rule rests on it."""
        own = [trace for trace in self.traces if any(c.startswith(f"{texte}:") for c in trace.cites)]
        if own:
            figures = sum(1 for v in self.bilan.verifications if v.chiffre.refs[0].startswith(f"{texte}:"))
            conditions = sum(1 for trace in own if trace.condition and trace.cites[0].startswith(f"{texte}:"))
            yield Ligne("", tuple(Cellule("encode", conditions, figures) for _ in lives), self.cas[f"{texte}:"])


def _traces(rules: RuleSet) -> Iterator[_Trace]:
    for entree in entrees(rules):
        if entree.vie:
            own = f"{entree.law.texte}:{entree.law.article}"
            condition = isinstance(entree.item, entries.ConditionItem | f.Obligation)
            yield _Trace(own, tuple(_article(ref) for ref in entree.refs), entree.vie, condition)
    for texte, parametre in rules.parametres.values():
        for value in parametre.valeurs:
            refs = tuple(_article(ref) for ref in completes(value.ref, texte))
            yield _Trace("", refs, periode(value.du, value.au), condition=False)
    for fact in rules.vocabulaire.faits.values():
        yield _Trace("", tuple(_article(ref) for ref in completes(fact.ref, "rgec")), Vie(), condition=False)


def _article(ref: str) -> str:
    return ref.partition("(")[0].partition("/")[0]


def _ordre(path: str) -> tuple[int, str]:
    found = _ARTICLE.fullmatch(path)
    return (int(found[1]), found[2]) if found else (999, path)


def _par_fichier(article: str) -> bool:
    """Tell whether an article is a category of aid, which must have its own file."""
    texte, _, path = article.partition(":")
    return texte == "rgec" and _ordre(path)[0] in _CHAPITRE_3


def _distinctes(versions: Iterable[VersionTexte]) -> tuple[tuple[Vie, VersionTexte], ...]:
    """Join the versions that have the same provisions as the one before."""
    found: list[tuple[Vie, VersionTexte]] = []
    for version in versions:
        if found and found[-1][1].provisions is version.provisions:
            found[-1] = (Vie(found[-1][0].du, version.vie.au), found[-1][1])
        else:
            found.append((version.vie, version))
    return tuple(found)


def _cas(folder: Path) -> tuple[Counter[str], int]:
    """Count the worked cases by article: those of its file, and those that expect something of its regime."""
    counts: Counter[str] = Counter()
    total = 0
    for path in sorted(folder.rglob("*.yaml")):
        data = read_file(path).data
        for case in data if isinstance(data, list) else ():
            if not isinstance(case, dict):
                continue
            total += 1
            articles = {f"{path.parent.name}:{path.stem.lstrip('0')}"} if path.parent.name == "rgec" else set()
            counts.update(articles | _bases(case.get("attendu")))
    return counts, total


def _bases(attendu: Any) -> set[str]:  # noqa: ANN401 - raw YAML
    regimes = attendu.get("regimes") if isinstance(attendu, dict) else None
    names = [str(name).split(".") for name in regimes] if isinstance(regimes, dict) else []
    return {f"{name[0]}:{name[1]}" for name in names if len(name) == 2}  # noqa: PLR2004 - rgec.17


def en_texte(couverture: Couverture) -> str:
    """Write the coverage as plain text, one table per text held article by article."""
    blocks = [_table(t) for t in couverture.tableaux if t.lignes[0].article]
    others = [t for t in couverture.tableaux if not t.lignes[0].article]
    lines = [f"  {t.intitule} : {t.conditions} conditions, {t.chiffres} chiffres" for t in others]
    if lines:
        blocks.append("\n".join(["Autres textes (chiffres non tenus, donc non vérifiables)", *lines]))
    legend = (
        "Une case : conditions, puis chiffres prouvés / chiffres. « NON » : version non encodée ; "
        "« suppr. » : article supprimé ; vide : il n'existe pas."
    )
    return "\n\n".join([*blocks, legend, f"{couverture.cas} cas travaillés."])


def _table(tableau: Tableau) -> str:
    head = ["article", *(str(vie.du) for vie in tableau.versions), "cas"]
    rows = [head]
    for ligne in tableau.lignes:
        title = provision(ligne.article).removeprefix("art. ")
        rows.append([title, *(_case(c) for c in ligne.cellules), str(ligne.cas)])
    widths = [max(len(row[i]) for row in rows) for i in range(len(head))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "─" * (sum(widths) + 2 * (len(widths) - 1)))
    total = (
        f"{tableau.encodes} articles encodés sur {len(tableau.lignes)} ; {tableau.conditions} conditions ; "
        f"{tableau.chiffres} chiffres, dont {tableau.prouves} prouvés et {tableau.expliques} expliqués"
    )
    return "\n".join([tableau.intitule, "", *lines, "", total])


def _case(cellule: Cellule) -> str:
    if cellule.etat != "encode":
        return {"absent": "NON", "supprime": "suppr."}.get(cellule.etat, "")
    figures = f" {cellule.prouves}/{cellule.chiffres}" if cellule.chiffres else ""
    return f"{cellule.conditions}{figures}"


def en_markdown(couverture: Couverture) -> str:
    """Write the summary of the coverage as a Markdown table, one row per text."""
    rows = [
        "| texte | articles encodés | versions | conditions | chiffres | prouvés | expliqués | cas |",
        "| --- | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for t in couverture.tableaux:
        whole = bool(t.lignes[0].article)
        articles = f"{t.encodes} / {len(t.lignes)}" if whole else "—"
        proved, explained = (str(t.prouves), str(t.expliques)) if whole else ("—", "—")
        cases = sum(ligne.cas for ligne in t.lignes) or "—"
        rows.append(
            f"| {t.intitule} | {articles} | {len(t.versions)} | {t.conditions} | {t.chiffres} "
            f"| {proved} | {explained} | {cases} |"
        )
    return "\n".join(rows)
