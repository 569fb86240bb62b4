"""Documents as Word files, to be completed by hand: real headings, real tables, page numbers."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from aid_rules.faults import WorkError
from aid_rules.report.blocs import Bloc, Cellule, Encadre, Figure, Liste, Paragraphe, Piece, Tableau, Titre

try:
    import docx
    from docx.enum.text import WD_ALIGN_PARAGRAPH
    from docx.opc.constants import RELATIONSHIP_TYPE
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn
    from docx.shared import Pt, RGBColor
except ImportError:
    raise WorkError(
        "Les documents Word demandent la bibliothèque python-docx, absente : pip install 'aid-rules[documents]'"
    ) from None

_COULEURS = {"bon": "0F6B35", "doute": "7A4D00", "mauvais": "A4140B", "neutre": "1B2F6E"}


def ecrire(pieces: Sequence[Piece]) -> bytes:
    """Write documents as one Word file."""
    found: Any = docx.Document()
    first = pieces[0]
    found.core_properties.title = f"{first.titre} : {first.sous_titre}"[:255]
    found.core_properties.author = first.auteur
    found.core_properties.language = "fr-FR"
    style: Any = found.styles["Normal"]
    style.font.name = "Calibri"
    style.font.size = Pt(10.5)
    _langue(style)
    _pied(found, first.pied)
    for rank, piece in enumerate(pieces):
        if rank:
            found.add_page_break()
        found.add_paragraph(piece.titre).runs[0].bold = True
        found.add_heading(piece.sous_titre, 1)
        for bloc in piece.blocs:
            _bloc(found, bloc)
    stream = io.BytesIO()
    found.save(stream)
    return stream.getvalue()


def _bloc(found: Any, bloc: Bloc) -> None:  # noqa: ANN401 - python-docx is untyped
    match bloc:
        case Titre(texte, niveau):
            found.add_heading(texte, niveau)
        case Paragraphe(texte, references):
            _cellule(found.add_paragraph(), Cellule(texte, references))
        case Encadre(titre, lignes, ton):
            paragraph = found.add_paragraph()
            run = paragraph.add_run(titre)
            run.bold = True
            run.font.color.rgb = RGBColor.from_string(_COULEURS[ton])
            for ligne in lignes:
                found.add_paragraph(ligne).paragraph_format.left_indent = Pt(12)
        case Liste(items):
            for item in items:
                _cellule(found.add_paragraph(style="List Bullet"), item)
        case Tableau():
            _tableau(found, bloc)
        case Figure(graphique):
            found.add_paragraph(graphique.titre).runs[0].bold = True
            for barre in graphique.barres:
                found.add_paragraph(f"{barre.libelle} : {barre.valeur}", style="List Bullet")


def _tableau(found: Any, bloc: Tableau) -> None:  # noqa: ANN401
    if bloc.legende:
        found.add_paragraph(bloc.legende, style="Caption")
    table = found.add_table(rows=1, cols=len(bloc.entetes), style="Table Grid")
    header = table.rows[0]
    header._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))  # noqa: SLF001 - no public call repeats a header
    for cell, text in zip(header.cells, bloc.entetes, strict=True):
        cell.paragraphs[0].add_run(text).bold = True
    for line in bloc.lignes:
        row = table.add_row()
        row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # noqa: SLF001 - no public call keeps a row whole
        for rank, (cell, content) in enumerate(zip(row.cells, line, strict=True)):
            paragraph = cell.paragraphs[0]
            _cellule(paragraph, content)
            if rank in bloc.chiffres:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    found.add_paragraph()


def _cellule(paragraph: Any, cellule: Cellule) -> None:  # noqa: ANN401
    run = paragraph.add_run(cellule.texte)
    if cellule.ton:
        run.bold = True
        run.font.color.rgb = RGBColor.from_string(_COULEURS[cellule.ton])
    for rank, reference in enumerate(cellule.references):
        paragraph.add_run(" [" if rank == 0 else " ; ")
        _lien(paragraph, reference.texte, reference.lien)
    if cellule.references:
        paragraph.add_run("]")


def _lien(paragraph: Any, texte: str, adresse: str | None) -> None:  # noqa: ANN401
    run = paragraph.add_run(texte)
    run.font.size = Pt(8.5)
    if adresse is None:
        return
    link = OxmlElement("w:hyperlink")
    link.set(qn("r:id"), paragraph.part.relate_to(adresse, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    run.font.underline = True
    paragraph._p.remove(run._r)  # noqa: SLF001 - python-docx makes no hyperlink itself
    link.append(run._r)  # noqa: SLF001
    paragraph._p.append(link)  # noqa: SLF001


def _langue(style: Any) -> None:  # noqa: ANN401
    lang = OxmlElement("w:lang")
    lang.set(qn("w:val"), "fr-FR")
    style.element.get_or_add_rPr().append(lang)


def _pied(found: Any, texte: str) -> None:  # noqa: ANN401
    paragraph = found.sections[0].footer.paragraphs[0]
    paragraph.add_run(f"{texte} ; page ")
    for kind, code in (("begin", None), (None, "PAGE"), ("end", None)):
        run = paragraph.add_run()
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = code or ""
        run._r.append(mark)  # noqa: SLF001 - page fields have no public call
