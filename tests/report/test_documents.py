"""The documents: HTML, PDF and Word say the same as the result, dated, paginated, accessible."""

from __future__ import annotations

import html as html_
import io
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from types import ModuleType

import docx as word
import pytest

from aid_rules.assessment import Resultat
from aid_rules.dossier import Dossier
from aid_rules.engine.moteur import Engine
from aid_rules.faults import WorkError
from aid_rules.language.reading import dossier_of
from aid_rules.report import docx, html, pdf, site
from aid_rules.report import libelles as mots
from aid_rules.report.blocs import Piece, Titre
from aid_rules.report.fiche import fiche
from aid_rules.report.graphiques import Barre, Segment, svg
from aid_rules.report.resultat import resultat
from aid_rules.testing.cas import read_models

MODELES = Path(__file__).parent.parent / "cas" / "modeles.yaml"
JOUR = date(2026, 11, 23)


def lire(engine: Engine) -> Dossier:
    """A sound SME with costs, a plan over its ceiling, and de minimis aid received."""
    data = read_models(MODELES)["pme_saine"] | {"intitule": 'Atelier <neuf> & "clair"'}
    costs = [{"id": "m", "poste": "actifs_corporels", "finalite": "investissement_initial", "montant_eur": 800000}]
    facts = data["projet"]["faits"] | {"nature_investissement": ["extension_capacites"]}
    data["projet"] = data["projet"] | {"couts": costs, "faits": facts}
    data["aides"] = [data["aides"][0] | {"montant_eur": 300000, "base": "rgec.17", "couts": ["m"]}]
    data["de_minimis"] = [{"octroye_le": "2018-03-01", "montant_eur": 80000, "reglement": "general"}]
    return dossier_of(data, engine.book.vocabulaire, engine.book.bases)


@pytest.fixture(scope="module")
def piece(engine: Engine) -> tuple[Piece, Resultat]:
    """The document of that dossier, with its result."""
    found = engine.evaluate(lire(engine))
    result = resultat(engine, found)
    return fiche(engine, found, result, JOUR), result


def du_html(raw: bytes) -> str:
    """Return the words of the HTML document."""
    return html_.unescape(re.sub(r"<[^>]+>", " ", raw.decode()))


def du_docx(raw: bytes) -> str:
    """Return the words of the Word document."""
    found = word.Document(io.BytesIO(raw))
    cells = (cell.text for table in found.tables for row in table.rows for cell in row.cells)
    return " ".join([*(p.text for p in found.paragraphs), *cells])


@pytest.mark.parametrize(("module", "lecture"), [(html, du_html), (docx, du_docx)])
def test_a_document_says_the_result(
    piece: tuple[Piece, Resultat], module: ModuleType, lecture: Callable[[bytes], str]
) -> None:
    """Conclusion, amounts, alerts, obligations, schemes to cite and questions of the result are in the document."""
    text = " ".join(lecture(module.ecrire([piece[0]])).split())
    result = piece[1]
    base = next(b for b in result.regimes if b.id == "rgec.17")
    expected = [
        mots.CONCLUSIONS[result.qualification.conclusion][0],
        mots.montant(base.montant_min_eur, base.montant_max_eur),
        *(a.message for a in result.cumul.alertes),
        *(o.action for o in result.obligations),
        *(c.intitule for c in result.qualification.criteres),
        base.regime_cadre[0].sa,
        "23 novembre 2026",
        result.regles.sha256,
        result.avertissement,
    ]
    missing = [said for said in expected if " ".join(said.split()) not in text]
    assert missing == []


def test_html_stands_alone_and_escapes(piece: tuple[Piece, Resultat]) -> None:
    """The HTML document loads nothing, runs nothing, and shows the user's text as text."""
    raw = html.ecrire([piece[0]]).decode()
    assert "<script" not in raw
    assert not re.search(r"<(link|img|iframe)", raw)
    assert "Atelier &lt;neuf&gt; &amp; &#34;clair&#34;" in raw


def test_pdf_is_tagged_titled_and_in_french(piece: tuple[Piece, Resultat]) -> None:
    """The PDF declares PDF/UA-1, its tags, its language and its title: what screen readers need."""
    raw = pdf.ecrire([piece[0]])
    assert raw.startswith(b"%PDF")
    assert b"pdfuaid" in raw
    assert b"/StructTreeRoot" in raw
    assert b"/Lang" in raw
    assert raw.count(b"/Type/Page/") + raw.count(b"/Type /Page\n") > 1 or b"/Count" in raw


def test_two_evaluations_make_one_file(piece: tuple[Piece, Resultat]) -> None:
    """Two dates give one file with both documents."""
    assert html.ecrire([piece[0], piece[0]]).count(b'class="piece"') == 2
    assert pdf.ecrire([piece[0], piece[0]]).startswith(b"%PDF")


def test_the_fiche_has_its_parts(piece: tuple[Piece, Resultat]) -> None:
    """The parts that the file of an aid needs are there, in order."""
    titles = [b.texte for b in piece[0].blocs if isinstance(b, Titre) and b.niveau == 2]
    assert titles == [
        "Identité du dossier",
        "Coûts et aides",
        "Faits retenus",
        "Les cinq critères de l'aide d'État",
        "Bénéficiaire",
        "Base légale, calcul et mention à insérer",
        "Cumul et plan de financement",
        "Obligations",
        "Ce qui reste à vérifier",
        "Version des règles",
    ]


def test_a_bar_is_sound_svg() -> None:
    """A bar escapes its titles and keeps its mark inside its place."""
    drawn = svg(Barre("a", "b", (Segment(0, 50, "aide", "<x>"),), 120))
    assert "&lt;x&gt;" in drawn
    assert 'x1="99.70%"' in drawn


def test_site_shows_each_basis_at_each_date(engine: Engine, tmp_path: Path) -> None:
    """Each basis has its page, each page each of its versions without hole, and no page loads anything foreign."""
    count = site.ecrire(engine, tmp_path)
    pages = {p.name for p in tmp_path.glob("*.html")}
    assert len(pages) == count
    assert {f"{name}.html" for name in engine.book.bases} <= pages
    text = (tmp_path / "rgec.17.html").read_text(encoding="utf-8")
    assert 'id="v2014-07-01"' in text
    assert 'id="v2023-07-01"' in text
    assert not re.search(r'(src|<link[^>]*href)="https?:', text)
    for page in site.lire(engine):
        for before, after in zip(page.periodes, page.periodes[1:], strict=False):
            assert before.au < after.du


def test_site_leaves_a_foreign_folder_alone(engine: Engine, tmp_path: Path) -> None:
    """A folder that holds something else is refused, untouched."""
    (tmp_path / "these.docx").write_bytes(b"x")
    with pytest.raises(WorkError, match="autre chose"):
        site.ecrire(engine, tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["these.docx"]


def test_the_mention_names_the_text_in_full(piece: tuple[Piece, Resultat]) -> None:
    """The mention to insert bears the number, author, day and publication of the text, not its short name."""
    words = " ".join(du_html(html.ecrire([piece[0]])).split())
    start = words.index("Mention à insérer dans la décision")
    said = words[start : start + 600]
    assert "règlement (UE) n° 651/2014 de la Commission du 17 juin 2014" in said
    assert "JOUE L 187 du 26 juin 2014" in said
