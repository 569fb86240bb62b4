"""Tables of dossiers sent to the view of the funders, read and evaluated by the portfolio code; nothing is kept.

A file stands in a temporary folder while it is read, and no longer.
"""

from __future__ import annotations

import base64
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from aid_rules.engine.moteur import Engine
from aid_rules.faults import Fault, FaultsError, WorkError
from aid_rules.portfolio.extras import exiger
from aid_rules.web.classeur import CLASSEURS, controler

if TYPE_CHECKING:
    import polars as pl

    from aid_rules.portfolio.morceaux import Source
    from aid_rules.portfolio.run import Bilan

TEXTES = (".csv", ".jsonl", ".ndjson")
SUFFIXES = (*TEXTES, *CLASSEURS, ".parquet")
EXPORTS = {
    "csv": "application/zip",
    "parquet": "application/zip",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@dataclass(frozen=True)
class Tableau:
    """A table as it was sent, with the mapping file that says what its columns hold."""

    nom: str
    contenu: bytes
    correspondance: str = ""

    @property
    def suffixe(self) -> str:
        """Return the extension that tells its kind."""
        return Path(self.nom).suffix.lower()

    def porter(self) -> str:
        """Write the table as the page carries it."""
        packed = base64.b64encode(zlib.compress(self.contenu)).decode()
        return json.dumps({"nom": self.nom, "contenu": packed, "correspondance": self.correspondance})


@dataclass(frozen=True)
class Lecture:
    """What a run gave; `tronque` when rows beyond the limit were left out. `ignorees` are the columns left unread."""

    bilan: Bilan
    resultats: pl.DataFrame
    alertes: pl.DataFrame
    rejets: pl.DataFrame
    ignorees: tuple[str, ...]
    tronque: bool


def lire(texte: str, maximum: int) -> Tableau:
    """Read the table that a page carries, `maximum` bytes at most. Raises `FaultsError` when it was tampered with."""
    found, whole = None, False
    try:
        data = json.loads(texte)
        unpacker = zlib.decompressobj()
        content = unpacker.decompress(base64.b64decode(data["contenu"], validate=True), maximum)
        name, mapping = str(data["nom"])[:200], str(data["correspondance"])
        (name + mapping).encode()  # half a pair is no character: ValueError
        found, whole = Tableau(name, content, mapping), unpacker.eof
    except (ValueError, KeyError, TypeError, RecursionError, zlib.error):
        pass  # told below
    if found is None or not whole or found.suffixe not in SUFFIXES:
        raise FaultsError([Fault("le tableau que porte la page est illisible ; redonnez votre fichier")])
    return found


def dossiers(tableau: Tableau, maximum: int) -> list[dict[str, str]] | None:
    """Return the rows of a workbook or of a Parquet file by path, None when there are more than `maximum`.

    Raises `FaultsError`.
    """
    with _ouvert(tableau) as path:
        source = _source(path)
        piece = next(source.morceaux(maximum + 1), None)
        if piece is None or piece.cellules is None:
            return []
        if piece.cellules.height > maximum:
            return None
        return [{k: v for k, v in row.items() if v is not None} for row in piece.cellules.iter_rows(named=True)]


def _source(path: Path) -> Source:
    from aid_rules.portfolio.sources import ouvrir  # noqa: PLC0415 - an extra

    return ouvrir(path, {})


def evaluer(engine: Engine, tableau: Tableau, maximum: int) -> Lecture:
    """Evaluate the first `maximum` rows of a table as the command line does. Raises `FaultsError`."""
    with _ouvert(tableau) as path:
        import polars as pl  # noqa: PLC0415 - an extra

        bilan, ignored, cut = _traiter(engine, tableau, path, path.with_name("resultats.parquet"), maximum)
        found = {file.name: pl.read_parquet(file) for file in bilan.fichiers}
        return Lecture(
            bilan,
            found["resultats.parquet"],
            found["resultats.alertes.parquet"],
            found["resultats.rejets.parquet"],
            tuple(ignored),
            cut,
        )


def exporter(engine: Engine, tableau: Tableau, maximum: int, format_: str) -> tuple[str, bytes]:
    """Return the name and the content of the whole result: a workbook, or an archive of tables.

    Raises `FaultsError`.
    """
    with _ouvert(tableau) as path:
        bilan, _, _ = _traiter(engine, tableau, path, path.with_name(f"resultats.{format_}"), maximum)
        if len(bilan.fichiers) == 1:
            return bilan.fichiers[0].name, bilan.fichiers[0].read_bytes()
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for file in bilan.fichiers:
                archive.write(file, file.name)
        return "resultats.zip", stream.getvalue()


def _traiter(
    engine: Engine, tableau: Tableau, entree: Path, sortie: Path, maximum: int
) -> tuple[Bilan, list[str], bool]:
    from aid_rules.portfolio import mapping, run  # noqa: PLC0415 - an extra
    from aid_rules.portfolio.fields import Places  # noqa: PLC0415
    from aid_rules.portfolio.journal import Journal  # noqa: PLC0415
    from aid_rules.portfolio.reading import Lecteur  # noqa: PLC0415

    given = None
    if tableau.correspondance:
        file = entree.with_name("correspondance.yaml")
        file.write_text(tableau.correspondance, encoding="utf-8")
        given = mapping.lire(file, Places(engine.book.vocabulaire, engine.book.bases))
    source, found, ignored = run.preparer(engine, entree, given)
    pieces = source.morceaux(maximum)
    piece = next(pieces, None)
    if piece is None:
        raise WorkError("le tableau n'a aucune ligne")
    parts = run.traiter_morceau(engine, Lecteur(engine, found), piece)
    journal = Journal(sortie)
    journal.ouvrir()
    done = run.bilan_de(piece.numero, "", parts, piece.lues)
    journal.noter(done, parts)
    return run.conclure(engine, journal, [done], sortie, 0), ignored, next(pieces, None) is not None


@contextmanager
def _ouvert(tableau: Tableau) -> Iterator[Path]:
    """Write a table in a folder of its own for as long as it is read; say every failure under the name of the user."""
    with TemporaryDirectory(prefix="aid-rules-") as folder:
        path = Path(folder) / f"tableau{tableau.suffixe}"

        def dire(text: str) -> Fault:
            plain = text.removeprefix(f"{path} : ").replace(str(path), tableau.nom)
            plain = plain.partition(" Dites quelles colonnes")[0]
            return Fault(plain.replace(f"{folder}/", ""), file=tableau.nom)

        try:
            exiger("portefeuille", "polars")
            path.write_bytes(tableau.contenu)
            if tableau.suffixe in CLASSEURS:
                controler(path)
            yield path
        except WorkError as error:
            raise FaultsError([dire(str(error))]) from None
        except FaultsError as error:
            raise FaultsError(
                [Fault(f.message, f.path, Path(f.file).name, f.line, f.column) for f in error.faults]
            ) from None
        except (OSError, ValueError) as error:
            raise FaultsError([dire(f"ce tableau ne peut pas être lu ({type(error).__name__})")]) from None
        except BaseException as error:
            if not _panne(error):
                raise
            raise FaultsError([dire("ce tableau ne peut pas être lu : le fichier est abîmé")]) from None


def _panne(error: BaseException) -> bool:
    """Tell a failure of the reading library on a damaged file: some of its own are no ordinary exceptions."""
    kinds: Any = exiger("portefeuille", "polars")[0].exceptions
    return isinstance(error, (kinds.PolarsError, kinds.PanicException))
