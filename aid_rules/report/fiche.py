"""The « fiche de sécurisation juridique »: what goes into the file of an aid, as blocks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from aid_rules import assessment as out
from aid_rules.amounts import euros, percent
from aid_rules.dossier import Aide, Dossier
from aid_rules.engine.moteur import Assessment, Engine
from aid_rules.faults import WorkError
from aid_rules.language.places import donnees
from aid_rules.language.references import numero
from aid_rules.law.communes import chercher_communes
from aid_rules.report import graphiques
from aid_rules.report import libelles as mots
from aid_rules.report.blocs import Bloc, Cellule, Encadre, Figure, Liste, Paragraphe, Piece, Tableau, Titre, paires
from aid_rules.report.fiche_plan import plan
from aid_rules.report.noms import Noms

MAX_QUESTIONS = 25


def fiche(engine: Engine, found: Assessment, result: out.Resultat, etabli_le: date | None = None) -> Piece:
    """Return the document of an evaluation; `etabli_le` is the day written on it, today by default."""
    day = etabli_le or date.today()  # noqa: DTZ011 - the user's own day
    return Piece(
        titre="Fiche de sécurisation juridique",
        sous_titre=result.dossier,
        blocs=tuple(_Fiche(engine, found, result).blocs(day)),
        pied=f"Établie le {mots.jour(day)} ; règles {result.regles.version}, empreinte {result.regles.sha256[:12]}",
    )


class _Fiche:
    def __init__(self, engine: Engine, found: Assessment, result: out.Resultat) -> None:
        self.engine = engine
        self.found = found
        self.dossier: Dossier = found.dossier
        self.result = result
        self.noms = Noms(result, found.dossier)
        self.lists = engine.book.vocabulaire.listes

    def blocs(self, day: date) -> Iterator[Bloc]:
        yield from self.answer()
        yield from self.identity()
        yield from self.costs()
        yield from self.facts()
        yield from self.criteria()
        yield from self.beneficiary()
        yield from self.bases()
        yield from plan(self.dossier, self.result)
        yield from self.duties()
        yield from self.missing()
        yield from self.rules(day)

    def label(self, name: str, value: str | None) -> str:
        """Return the label of a value of a closed list."""
        if value is None:
            return "non renseigné"
        found = self.lists[name].get(value)
        return found.libelle if found else value

    def retained(self) -> list[out.Base]:
        """Return the bases that the planned aids name, else the usable ones of the project."""
        known = {b.id: b for b in (*self.result.regimes, *self.result.dispositifs)}
        named = dict.fromkeys(a.base for a in self.dossier.aides or () if a.base in known)
        if named:
            return [known[name] for name in named if name]
        live = [b for b in self.result.regimes if b.examine and b.verdict != "non_mobilisable"]
        return sorted(live, key=mots.ordre)[:6]

    def answer(self) -> Iterator[Bloc]:
        result = self.result
        conclusion = result.qualification.conclusion
        head, advice = mots.CONCLUSIONS[conclusion]
        lines = [advice]
        live = sorted((b for b in result.regimes if b.examine and b.verdict != "non_mobilisable"), key=mots.ordre)
        for base in live[:3] if conclusion != "pas_aide_etat" else ():
            rate = mots.taux(base.intensite_min_pct, base.intensite_max_pct)
            amount = mots.montant(base.montant_min_eur, base.montant_max_eur)
            lines.append(f"{mots.VERDICTS[base.verdict]} : {base.intitule}, {amount}{f' ({rate})' if rate else ''}.")
        blocking = sum(a.gravite == "bloquante" for a in result.cumul.alertes)
        if blocking:
            lines.append(f"{_pluriel(blocking, 'alerte bloquante', 'alertes bloquantes')} sur le plan de financement.")
        lines.append(result.avertissement)
        yield Encadre(head, tuple(lines), mots.ton(conclusion))

    def identity(self) -> Iterator[Bloc]:
        b, p = self.dossier.beneficiaire, self.dossier.projet
        rows = [
            ("Projet", self.dossier.intitule),
            ("Bénéficiaire", b.nom),
            ("SIREN", b.siren),
            ("Code NAF", b.naf),
            ("Commune", _commune(p.commune)),
            ("Date d'octroi", mots.jour(self.dossier.date_octroi)),
            ("Demande d'aide", _jour(p.demande_aide_le)),
            ("Début des travaux", _jour(p.debut_travaux_le)),
            ("Fin prévue", _jour(p.fin_le)),
        ]
        yield Titre("Identité du dossier")
        yield paires("", [(k, v or "non renseigné") for k, v in rows])

    def costs(self) -> Iterator[Bloc]:
        costs = self.dossier.projet.couts or ()
        yield Titre("Coûts et aides")
        if costs:
            rows = tuple(
                (
                    Cellule(c.intitule or c.id),
                    Cellule(self.label("poste", c.poste)),
                    Cellule(self.label("finalite", c.finalite)),
                    Cellule("inconnu" if c.montant is None else euros(c.montant)),
                )
                for c in costs
            )
            total = [c.montant for c in costs]
            if None not in total:
                rows += ((Cellule("Total"), Cellule(""), Cellule(""), Cellule(euros(sum(t for t in total if t)))),)
            yield Tableau("Coûts du projet", ("Coût", "Nature", "Finalité", "Montant"), rows, (3,), (4, 3, 4, 0))
        else:
            yield Paragraphe("Les coûts du projet ne sont pas renseignés.")
        aids = self.dossier.aides or ()
        if aids:
            yield Tableau(
                "Aides prévues et déjà octroyées",
                ("Financeur", "Forme", "Base légale", "Statut", "Montant"),
                tuple(self.aid(a) for a in aids),
                (4,),
                (3, 2, 3, 2, 3),
            )

    def aid(self, aide: Aide) -> tuple[Cellule, ...]:
        amount = "inconnu" if aide.montant is None else euros(aide.montant)
        if aide.esb is not None and aide.esb != aide.montant:
            amount += f" (équivalent-subvention : {euros(aide.esb)})"
        return (
            Cellule(aide.financeur.nom or self.label("financeur", aide.financeur.type)),
            Cellule(self.label("forme_aide", aide.forme)),
            Cellule(
                f"{self.noms.bases[aide.base]} ({aide.base})" if aide.base in self.noms.bases else aide.base or "–"
            ),
            Cellule(self.label("statut_aide", aide.statut)),
            Cellule(amount),
        )

    def facts(self) -> Iterator[Bloc]:
        facts = self.dossier.projet.faits
        if not facts:
            return
        known = self.engine.book.vocabulaire.faits
        yield Titre("Faits retenus")
        rows = []
        for name, value in facts.items():
            fact = known[name]
            if isinstance(value, bool):
                text = "oui" if value else "non"
            elif fact.type == "montant":
                text = euros(value)
            elif fact.type == "pourcentage":
                text = percent(value)
            elif fact.type == "nombre":
                text = percent(value).removesuffix("%").strip() + (f" {fact.unite}" if fact.unite else "")
            elif isinstance(value, date):
                text = mots.jour(value)
            elif isinstance(value, tuple):
                text = ", ".join(fact.valeurs[v].libelle for v in value) or "aucun"
            else:
                text = fact.valeurs[value].libelle if value in fact.valeurs else str(value)
            rows.append((mots.majuscule(fact.libelle), text))
        yield paires("", rows)

    def criteria(self) -> Iterator[Bloc]:
        yield Titre("Les cinq critères de l'aide d'État")
        rows = []
        for critere in self.result.qualification.criteres:
            reasons = [f"{mots.dit(m)} : {mots.VERITES[m.verdict].lower()}" for m in critere.motifs]
            rows.append(
                (
                    Cellule(critere.intitule),
                    Cellule(mots.VERITES[critere.verdict], ton=mots.ton(critere.verdict)),
                    Cellule(" ; ".join(reasons), critere.references),
                )
            )
        caption = "Critères de l'article 107, paragraphe 1, du TFUE"
        yield Tableau(caption, ("Critère", "Rempli", "Motifs"), tuple(rows), (), (3, 0, 6))

    def beneficiary(self) -> Iterator[Bloc]:
        found = self.result.beneficiaire
        yield Titre("Bénéficiaire")
        difficulty = {"vrai": "oui", "faux": "non", "inconnu": "à vérifier"}[found.en_difficulte]
        yield paires(
            "",
            [
                ("Catégorie", mots.ou(mots.CATEGORIES[c] for c in found.categories_possibles)),
                ("En difficulté", difficulty),
                ("Zone", mots.ou(mots.ZONES[z] for z in found.zones_afr_possibles)),
            ],
        )
        reasons = (*found.calcul, *found.motifs_categorie, *found.motifs_difficulte, *found.motifs_zone)
        if reasons:
            yield Liste(tuple(Cellule(text) for text in dict.fromkeys(reasons)))
        for text in found.alertes:
            yield Encadre("À surveiller", (text,), "doute")

    def bases(self) -> Iterator[Bloc]:
        yield Titre("Base légale, calcul et mention à insérer")
        retained = self.retained()
        if self.result.qualification.conclusion == "pas_aide_etat":
            yield Paragraphe("Aucune base légale n'est nécessaire : le financement n'est pas une aide d'État.")
            return
        if not retained:
            yield Paragraphe("Aucune base légale ne convient au projet tel qu'il est décrit.")
        for base in retained:
            yield from self.basis(base)

    def basis(self, base: out.Base) -> Iterator[Bloc]:
        yield Titre(f"{base.intitule} ({base.id})", 3)
        lines = [f"Aide maximale : {mots.montant(base.montant_min_eur, base.montant_max_eur)}"]
        rate = mots.taux(base.intensite_min_pct, base.intensite_max_pct)
        lines += [f"Taux maximal : {rate}"] if rate else []
        if base.verdict == "non_mobilisable":
            lines = ["Une condition au moins n'est pas remplie : choisissez une autre base."]
        yield Encadre(mots.VERDICTS[base.verdict], tuple(lines), mots.ton(base.verdict))
        rows = tuple(
            (
                Cellule(mots.majuscule((c.intitule if c.verdict == "vrai" else "") or mots.dit(c)), c.references),
                Cellule(
                    {"vrai": "remplie", "faux": "non remplie"}.get(c.verdict, "à vérifier"), ton=mots.ton(c.verdict)
                ),
            )
            for c in mots.conditions(base)
        )
        if rows:
            yield Tableau(f"Conditions de {base.id}", ("Condition", "État"), rows, (), (1, 0))
        owners: list[out.Base | out.Volet] = [base, *base.volets]
        for owner in owners:
            least, most = owner.intensite_min_pct, owner.intensite_max_pct
            chart = graphiques.intensite(owner.detail_intensite, least, most)
            if chart and owner.verdict != "non_mobilisable":
                yield Figure(chart)
        if base.assiette and base.assiette.lignes:
            costs = mots.montant(base.assiette.montant_min_eur, base.assiette.montant_max_eur)
            yield Paragraphe(
                f"Assiette retenue : {costs} ({', '.join(self.noms.couts.get(x, x) for x in base.assiette.lignes)})."
            )
        for limit in base.seuil_notification:
            yield Paragraphe(
                f"Seuil de notification : {limit.phrase.removesuffix(' (dans tous les cas)')}.", limit.references
            )
        if base.verdict != "non_mobilisable":
            yield Encadre("Mention à insérer dans la décision", tuple(self.mention(base)))

    def mention(self, base: out.Base) -> Iterator[str]:
        """Yield the sentence that the award decision should bear, then the other schemes that could be cited."""
        loi = self.found.loi.loi
        rule = next((r for r in (*loi.regimes, *loi.dispositifs) if r.id == base.id), None)
        text = self.engine.book.textes.get(rule.texte) if rule else None
        source = text.entier if text else base.intitule
        article = f"de l'article {numero(rule.article)} du {source}" if rule and rule.article else f"du {source}"
        first, *others = base.regime_cadre or (None,)
        if first is None:
            yield f"« {base.intitule} : aide accordée en application {article}. »"
            return
        doubt = "" if first.confiance == "haute" else " (numéro à confirmer au registre des aides d'État)"
        yield (
            f"« Aide accordée sur le fondement du régime n° {first.sa}, {first.intitule}, "
            f"pris en application {article}. »{doubt}"
        )
        if others:
            named = " ; ".join(f"{r.sa}, {r.intitule}" for r in others if r is not None)
            yield f"Régimes propres à certains financeurs ou secteurs : {named}."

    def duties(self) -> Iterator[Bloc]:
        yield Titre("Obligations")
        found = sorted(self.result.obligations, key=lambda o: o.statut != "vrai")
        if not found:
            yield Paragraphe("Aucune obligation particulière.")
            return
        rows = tuple(
            (
                Cellule(o.intitule),
                Cellule(o.action, o.references),
                Cellule(mots.jour(o.echeance) if o.echeance else "—"),
                Cellule("due" if o.statut == "vrai" else "à vérifier", ton="neutre" if o.statut == "vrai" else "doute"),
            )
            for o in found
        )
        yield Tableau("", ("Obligation", "À faire", "Échéance", "État"), rows, (), (3, 6, 0, 0))

    def missing(self) -> Iterator[Bloc]:
        yield Titre("Ce qui reste à vérifier")
        found = self.result.questions
        if not found:
            yield Paragraphe("Rien ne manque : tous les verdicts sont tranchés.")
            return
        yield Liste(tuple(Cellule(q.question) for q in found[:MAX_QUESTIONS]))
        if len(found) > MAX_QUESTIONS:
            yield Paragraphe(
                f"Les {MAX_QUESTIONS} questions les plus décisives sont listées ; {len(found) - MAX_QUESTIONS} autres "
                "ne concernent que des bases moins probables."
            )

    def rules(self, day: date) -> Iterator[Bloc]:
        regles = self.result.regles
        yield Titre("Version des règles")
        yield paires(
            "",
            [
                ("Fiche établie le", mots.jour(day)),
                ("Droit appliqué", f"celui du {mots.jour(self.result.date_octroi)}"),
                ("Sans changement", f"du {mots.jour(regles.en_vigueur_du)} au {mots.jour(regles.en_vigueur_au)}"),
                ("Version", regles.version),
                ("Empreinte SHA-256", regles.sha256),
            ],
        )
        yield Paragraphe(self.result.avertissement)


def _commune(code: str | None) -> str | None:
    """Write a commune by its name and INSEE code; the code alone when it is not known."""
    if code is None:
        return None
    try:
        found = chercher_communes(donnees(), code, 1)
    except WorkError:
        found = ()
    return f"{found[0].nom} (code INSEE {code})" if found and found[0].code == code else code


def _jour(day: date | None) -> str | None:
    return None if day is None else mots.jour(day)


def _pluriel(count: int, one: str, many: str) -> str:
    return f"{count} {one if count == 1 else many}"
