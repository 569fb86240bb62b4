"""What a workbook may weigh once unfolded: a small file must not fill the memory of the server."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from xml.parsers import expat

from aid_rules.faults import WorkError

CLASSEURS = (".xlsx", ".xlsm")
DEPLIE_MAX = 60_000_000
CASES_MAX = 2_000_000
_CASE = re.compile(r"([A-Z]{1,3})(\d{1,7})")
_BLOC = 1 << 16


def controler(chemin: Path) -> None:
    """Refuse a workbook whose sheets are too large once read. Raises `WorkError`, in French."""
    try:
        with zipfile.ZipFile(chemin) as archive:
            _poids(sum(item.file_size for item in archive.infolist()))
            for item in archive.infolist():
                with archive.open(item) as stream:  # a size that lies fails the check of the archive
                    _etendue(stream.read())
    except WorkError:
        raise
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        OSError,
        expat.error,
    ):
        raise WorkError("classeur illisible : enregistrez-le de nouveau au format .xlsx, sans mot de passe") from None


def _poids(size: int) -> None:
    if size > DEPLIE_MAX:
        raise WorkError(f"classeur trop gros : {DEPLIE_MAX // 1_000_000} Mo au plus une fois décompressé")


def _etendue(content: bytes) -> None:
    """Refuse a sheet whose cells span too wide a rectangle: readers hold all of it, empty cells included."""
    if not content.lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n").startswith(b"<"):
        return
    rows = columns = 1

    def ouvrir(_: str, attributes: dict[str, str]) -> None:
        nonlocal rows, columns
        found = _CASE.fullmatch(attributes.get("r", ""))
        if found:
            rows, columns = max(rows, int(found[2])), max(columns, _rang(found[1]))

    parser = expat.ParserCreate()
    parser.StartElementHandler = ouvrir
    for start in range(0, len(content), _BLOC):
        parser.Parse(content[start : start + _BLOC], False)
    parser.Parse(b"", True)
    if rows * columns > CASES_MAX:
        raise WorkError(
            f"feuille trop étendue : {rows} lignes sur {columns} colonnes. Supprimez les cellules éloignées du tableau"
        )


def _rang(letters: str) -> int:
    rank = 0
    for letter in letters:
        rank = rank * 26 + ord(letter) - ord("A") + 1
    return rank
