"""Names: what the rules name and nothing declares, what is declared and nothing uses."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path

from aid_rules.faults import Fault, FaultsError, nearest
from aid_rules.language import entries
from aid_rules.language import files as f
from aid_rules.language import tree as t
from aid_rules.language.champs_dossier import champ, listes_du_dossier, nature
from aid_rules.language.loader import RuleSet
from aid_rules.language.positions import Document, Steps, read_file
from aid_rules.language.vies import Vie, arbres, completes, entrees, periode, vie_de_la_loi
from aid_rules.language.vocabulary import STRUCTURAL, FactDefinition

HORS_AIDE = "hors_aide"
"""What a scheme rests on when it is no State aid."""

CONTROLES = (
    "cumul_intensite", "depassement_base", "depassement_de_minimis", "seuil_notification", "base_non_mobilisable",
    "base_a_verifier", "fonds_union_directs", "aide_sans_base", "cumul_sans_couts", "de_minimis_double",
    "de_minimis_rattachement",
)  # fmt: skip
"""Controls of the financing plan that may trigger an obligation (`controle.NAME`)."""

LUS_PAR_LE_CALCUL: frozenset[str] = frozenset()
"""Free facts that no rule reads but that a computation of `aid_rules.law` or of the engine does."""

LISTES_LUES = frozenset({"finalite", "poste"})
"""Lists that the rules themselves use, beyond those of facts and of the dossier."""


def fautes_de_noms(rules: RuleSet) -> Iterator[Fault]:
    """Yield unknown names, unused facts, lists and finalités, and facts that the dossier does not hold."""
    yield from _lois(rules)
    yield from _cadres(rules)
    yield from _faits(rules)
    yield from _inutiles(rules)


class _Noms:
    """What may be named, and the fault of what may not."""

    def __init__(self, rules: RuleSet) -> None:
        self.bases = {**rules.regimes, **rules.dispositifs}
        self.regimes = rules.regimes
        self.textes = rules.textes
        self.familles = {law.famille for law in self.bases.values() if law.famille}
        self.controles = {
            *(f"controle.{code}" for code in CONTROLES),
            *(f"controle.incompatibilite.{i.id}" for c in rules.cumuls for i in c.incompatibilites),
        }
        self.declencheurs = {*self.bases, *rules.textes, *self.familles, "regime", "dispositif", *self.controles}

    @staticmethod
    def inconnus(
        document: Document, steps: Steps, kind: str, names: Iterable[str], known: Collection[str]
    ) -> Iterator[Fault]:
        for name in names:
            if name not in known:
                yield document.fault(f"{kind} « {name} » inconnu{_e(kind)}{nearest(name, known)}", steps)


def _e(kind: str) -> str:
    return "e" if kind.split(maxsplit=1)[0] in ("finalité", "famille", "base") else ""


def _lois(rules: RuleSet) -> Iterator[Fault]:
    names = _Noms(rules)
    listes = rules.vocabulaire.listes
    for law in rules.lois():
        document = rules.documents[law.id]
        yield from names.inconnus(document, ("texte",), "texte", [law.texte], rules.textes)
        if isinstance(law, f.Regime):
            goals = () if law.finalites == "tous" else law.finalites
            yield from names.inconnus(document, ("finalites",), "finalité", goals, listes.get("finalite", {}))
            for index, volet in enumerate(law.volets):
                steps = ("volets", index, "finalites")
                yield from names.inconnus(document, steps, "finalité", volet.finalites, listes.get("finalite", {}))
                steps = ("volets", index, "repose_sur")
                yield from names.inconnus(document, steps, "base", volet.repose_sur, {*rules.regimes, HORS_AIDE})
        if isinstance(law, f.Dispositif):
            yield from names.inconnus(document, ("repose_sur",), "base", law.repose_sur, {*rules.regimes, HORS_AIDE})
            yield from names.inconnus(document, ("vers",), "base", law.vers, names.bases)
        if isinstance(law, f.Commun):
            yield from _vise(names, document, ("vise",), law.vise)
    for law in (*rules.regimes.values(), *rules.dispositifs.values()):
        yield from _facteurs(rules.documents[law.id], (), law)
        for index, volet in enumerate(law.volets):
            yield from _facteurs(rules.documents[law.id], ("volets", index), volet)
    for entree in entrees(rules):
        yield from _entree(rules, names, entree.document, entree.steps, entree.item)
        texts = [ref.partition(":")[0] for ref in entree.refs]
        yield from names.inconnus(entree.document, (*entree.steps, "ref"), "texte", texts, rules.textes)
        if isinstance(entree.item, f.Obligation) and entree.vie:
            yield from _declenchee(rules, names, entree.document, entree.steps, entree.item, entree.vie)


def _entree(rules: RuleSet, names: _Noms, document: Document, steps: Steps, item: entries.Item) -> Iterator[Fault]:
    listes = rules.vocabulaire.listes
    vise = getattr(item, "vise", None)
    if vise is not None:
        yield from _vise(names, document, (*steps, "vise"), vise)
    if isinstance(item, entries.Postes):
        yield from names.inconnus(document, (*steps, "valeurs"), "poste de coût", item.valeurs, listes["poste"])
    if isinstance(item, entries.PlafondDeMinimis):
        known = listes["reglement_de_minimis"]
        yield from names.inconnus(document, (*steps, "compte"), "règlement de minimis", item.compte, known)
    if isinstance(item, f.Obligation):
        yield from names.inconnus(document, (*steps, "sauf"), "base", item.sauf, names.bases)
        place = (*steps, "declencheurs")
        yield from names.inconnus(document, place, "déclencheur", item.declencheurs, names.declencheurs)
    if isinstance(item, f.Incompatibilite):
        for index, group in enumerate(item.entre):
            yield from names.inconnus(document, (*steps, "entre", index), "base", group, names.bases)
    if isinstance(item, f.Derogation):
        yield from names.inconnus(document, (*steps, "bases"), "base", item.bases, names.bases)
        yield from names.inconnus(document, (*steps, "libres"), "base", item.libres, item.bases)
    if isinstance(item, f.PlafondMixte):
        known = listes["reglement_de_minimis"]
        yield from names.inconnus(document, (*steps, "reglements"), "règlement de minimis", item.reglements, known)


def _facteurs(document: Document, steps: Steps, holder: f.Regime | f.Volet) -> Iterator[Fault]:
    """Yield the amounts that a factor names and that stand nowhere beside it on any of its days."""
    lists = {key: getattr(holder, key) for key in ("montant", "plafonds", "seuil_notification")}
    for index, factor in enumerate(holder.facteurs):
        life = periode(factor.du, factor.au)
        live = {key: [i.id for i in items if periode(i.du, i.au).avec(life)] for key, items in lists.items()}
        known = {name for key, ids in live.items() for name in (*ids, key) if ids and name}
        yield from _Noms.inconnus(document, (*steps, "facteurs", index, "sur"), "montant", factor.sur, known)


def _vise(names: _Noms, document: Document, steps: Steps, vise: entries.Vise) -> Iterator[Fault]:
    yield from names.inconnus(document, (*steps, "textes"), "texte", vise.textes, names.textes)
    yield from names.inconnus(document, (*steps, "familles"), "famille", vise.familles, names.familles)
    yield from names.inconnus(document, (*steps, "seulement"), "régime", vise.seulement, names.regimes)
    yield from names.inconnus(document, (*steps, "sauf"), "régime", vise.sauf, names.regimes)


def _declenchee(
    rules: RuleSet, names: _Noms, document: Document, steps: Steps, item: f.Obligation, life: Vie
) -> Iterator[Fault]:
    """Yield the fault of an obligation that no regime in force can trigger."""
    wanted = set(item.declencheurs)
    if wanted & names.controles or not wanted <= names.declencheurs:
        return
    for law in names.bases.values():
        if law.id in item.sauf or wanted.isdisjoint({law.id, law.texte, law.famille, law.genre}):
            continue
        if vie_de_la_loi(rules, law).avec(life):
            return
    message = (
        f"obligation « {item.id} » sans déclencheur : aucun régime qu'elle nomme n'est en vigueur à ses dates ({life})"
    )
    yield document.fault(message, (*steps, "declencheurs"))


def _cadres(rules: RuleSet) -> Iterator[Fault]:
    books = [d for d in rules.documents.values() if d.data["genre"] == "regimes_cadres"]
    names = _Noms(rules)
    places = [(book, index) for book in books for index in range(len(book.data["regimes_cadres"]))]
    for (book, index), row in zip(places, rules.regimes_cadres, strict=True):
        steps = ("regimes_cadres", index)
        yield from names.inconnus(book, (*steps, "regimes"), "base", row.regimes, names.bases)
        if row.du > row.au:
            yield book.fault(f"« du » ({row.du}) vient après « au » ({row.au})", (*steps, "du"))
        for law in (names.bases[name] for name in row.regimes if name in names.bases):
            if vie_de_la_loi(rules, law).avec(periode(row.du, row.au)) is None:
                message = f"« {law.id} » n'est en vigueur à aucune date de {row.sa}"
                yield book.fault(message, (*steps, "regimes"))


def _place(fact: FactDefinition) -> Document:
    return Document(None, {(): (fact.ligne, 3)}, fact.fichier)


def _faits(rules: RuleSet) -> Iterator[Fault]:
    """Yield the facts that nothing reads, that cite an unknown text, or that the dossier does not hold so."""
    read = {"date_octroi"}
    for entree in entrees(rules):
        for _, node in arbres(entree.item):
            read.update(t.facts_of(node))
    read |= {name.rpartition(".")[0] for name in read}
    members = {f"{fact.nom}.{key}" for fact in rules.vocabulaire.faits.values() for key in _membres(fact)}
    for name, fact in rules.vocabulaire.faits.items():
        if name in members:
            continue
        for ref in completes(fact.ref, "rgec"):
            texte = ref.partition(":")[0]
            if texte not in rules.textes:
                yield _place(fact).fault(f"fait « {name} » : texte « {texte} » inconnu{nearest(texte, rules.textes)}")
        if fact.libre and name not in read and name not in LUS_PAR_LE_CALCUL:
            yield _place(fact).fault(f"le fait « {name} » n'est lu par aucune règle : retirez-le, ou écrivez la règle")
        if fact.nom.startswith(STRUCTURAL) and not fact.derive:
            yield from _structurel(fact)
        for path in fact.demander:
            if path != name and champ(path.split("."), public=True) is None and path not in rules.vocabulaire.faits:
                yield _place(fact).fault(f"fait « {name} » : « demander » nomme {path}, absent du dossier")
        for path in fact.questions.keys() - {*fact.demander}:
            yield _place(fact).fault(f"fait « {name} » : « questions » nomme {path}, que « demander » n'a pas")


def _membres(fact: FactDefinition) -> Mapping[str, object]:
    return fact.valeurs if fact.type == "ensemble" else {}


def _structurel(fact: FactDefinition) -> Iterator[Fault]:
    field = champ(fact.nom.split("."))
    if field is None:
        yield _place(fact).fault(f"le fait « {fact.nom} » n'est pas un champ du dossier")
        return
    kind, liste = nature(field)
    if kind != fact.type:
        yield _place(fact).fault(f"le fait « {fact.nom} » est de type {fact.type}, le dossier y tient : {kind}")
    elif kind in ("choix", "ensemble") and liste != fact.liste:
        yield _place(fact).fault(f"le fait « {fact.nom} » prend la liste « {fact.liste} », le dossier « {liste} »")


def _inutiles(rules: RuleSet) -> Iterator[Fault]:
    """Yield the lists that nothing uses and the finalités that no regime serves."""
    used = {fact.liste for fact in rules.vocabulaire.faits.values()} | listes_du_dossier() | LISTES_LUES
    served = {
        goal
        for law in (*rules.regimes.values(), *rules.dispositifs.values())
        for goals in (law.finalites, *(volet.finalites for volet in law.volets))
        if goals != "tous"
        for goal in goals
    }
    books = list(_vocabulaires(rules))
    for name, values in rules.vocabulaire.listes.items():
        if name not in used:
            yield _declaration(books, ("listes", name)).fault(f"la liste « {name} » ne sert à aucun fait ni au dossier")
        if name == "finalite":
            for goal in values:
                if goal not in served:
                    message = f"finalité « {goal} » déclarée, mais aucun régime ni dispositif ne la sert"
                    yield _declaration(books, ("listes", name, goal)).fault(message)


def _vocabulaires(rules: RuleSet) -> Iterator[Document]:
    """Yield the vocabulary files: those that declare facts, and their neighbours."""
    known = {Path(fact.fichier) for fact in rules.vocabulaire.faits.values()}
    for path in sorted({p for folder in {p.parent for p in known} for p in folder.glob("*.y*ml")} | known):
        try:
            yield read_file(path)
        except FaultsError:
            continue


def _declaration(books: Iterable[Document], steps: Steps) -> Document:
    """Return the place where a list or a value is declared, as a document of one node."""
    for book in books:
        if steps in book.positions:
            return Document(None, {(): book.positions[steps]}, book.file)
    return Document(None, {}, "vocabulaire")
