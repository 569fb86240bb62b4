"""pytest plugin: YAML cases are tests, and a portfolio is compared with its record.

`pytest -p aid_rules.testing.plugin CHEMINS` collects each YAML file whose first entry is « - cas: … ». Base dossiers
(`modele: …`) are those of the nearest `modeles.yaml`, in the folder of the file or above. `--regles DIR` lays rules
over the shipped ones. With `--instantane FICHIER`, the dossiers found under CHEMINS are evaluated too, and compared
with what FICHIER recorded (`--maj-instantane` records it).
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from aid_rules.engine.moteur import Engine
from aid_rules.faults import FaultsError
from aid_rules.language.positions import read_file
from aid_rules.language.reading import read_dossier
from aid_rules.report.resultat import resultat
from aid_rules.testing import instantanes
from aid_rules.testing.cas import Cas, read_cases, read_models, run
from aid_rules.testing.ecriture import en_yaml

_ENGINE = pytest.StashKey[Engine]()
_RECORD = pytest.StashKey[instantanes.Instantane]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options."""
    group = parser.getgroup("aid-rules", "Règles d'aides d'État")
    group.addoption(
        "--regles", action="append", default=[], metavar="DIR", type=Path, help="règles posées par-dessus (répétable)"
    )
    group.addoption("--instantane", metavar="FICHIER", type=Path, help="compare les dossiers à cet enregistrement")
    group.addoption("--maj-instantane", action="store_true", help="enregistre au lieu de comparer")


def moteur(config: pytest.Config) -> Engine:
    """Return the engine of the run, opened once."""
    if _ENGINE not in config.stash:
        config.stash[_ENGINE] = Engine(*config.getoption("--regles"))
    return config.stash[_ENGINE]


@pytest.fixture(scope="session")
def engine(pytestconfig: pytest.Config) -> Engine:
    """The engine on the shipped rules, and those of `--regles` over them."""
    return moteur(pytestconfig)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect a file of cases; a dossier when a record is given."""
    if file_path.suffix not in (".yaml", ".yml"):
        return None
    first = _first_key(file_path)
    if first == "cas":
        return FichierDeCas.from_parent(parent, path=file_path)
    if first == "date_octroi" and parent.config.getoption("--instantane"):
        return FichierDossier.from_parent(parent, path=file_path)
    return None


def _first_key(path: Path) -> str:
    """Tell a file of cases from a dossier without reading it whole."""
    with path.open(encoding="utf-8", errors="replace") as stream:
        lines = [line for line, _ in zip(stream, range(60), strict=False)]
    if any(line.startswith("date_octroi:") for line in lines):
        return "date_octroi"
    told = [line for line in lines if line.strip() and not line.lstrip().startswith("#")]
    return "cas" if told and told[0].startswith("- cas:") else ""


class FichierDeCas(pytest.File):
    """A YAML file of cases."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield one test per case."""
        for cas in read_cases(self.path, self.models()):
            yield Essai.from_parent(self, name=f"{cas.ligne} {cas.nom}", cas=cas)

    def models(self) -> dict[str, dict[str, Any]]:
        """Return the base dossiers of the nearest `modeles.yaml`."""
        for folder in self.path.parents:
            candidate = folder / "modeles.yaml"
            if candidate.is_file():
                return read_models(candidate)
            if folder == self.config.rootpath:
                break
        return {}

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401
        """Say the faults of the file without a traceback."""
        del style
        return str(excinfo.value) if isinstance(excinfo.value, FaultsError) else super().repr_failure(excinfo)


class Essai(pytest.Item):
    """One case."""

    def __init__(self, *, cas: Cas, **rest: Any) -> None:  # noqa: ANN401 - what pytest passes on
        super().__init__(**rest)
        self.cas = cas

    def runtest(self) -> None:
        """Evaluate the dossier and compare. Raises `Ecart`."""
        found = run(self.cas, moteur(self.config))
        if found:
            raise Ecart(found)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401
        """Show what differs, why, and the whole dossier as YAML."""
        if isinstance(excinfo.value, Ecart):
            lines = "\n".join(excinfo.value.lignes)
            where = f"{self.cas.fichier}:{self.cas.ligne}"
            return f"{where} — {self.cas.nom}\n{lines}\n\n--- dossier évalué ---\n{en_yaml(self.cas.dossier)}"
        if isinstance(excinfo.value, FaultsError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Place the case in its file."""
        return self.path, self.cas.ligne - 1, self.cas.nom


class Ecart(AssertionError):
    """What is concluded is not what was expected."""

    def __init__(self, lignes: list[str]) -> None:
        self.lignes = lignes
        super().__init__("\n".join(lignes))


class FichierDossier(pytest.File):
    """A dossier of the portfolio."""

    def collect(self) -> Iterator[pytest.Item]:
        """Yield the comparison with the record."""
        yield Comparaison.from_parent(self, name="instantané")


class Comparaison(pytest.Item):
    """One dossier against its record."""

    def runtest(self) -> None:
        """Evaluate and compare, or record. Raises `Ecart`."""
        engine = moteur(self.config)
        dossier = read_dossier(read_file(self.path), engine.book.vocabulaire, engine.book.bases)
        found = instantanes.photographier(resultat(engine, engine.evaluate(dossier)))
        name = self.path.relative_to(self.config.rootpath).as_posix()
        target: Path = self.config.getoption("--instantane")
        if self.config.getoption("--maj-instantane"):
            record = self.config.stash.setdefault(_RECORD, {})
            record[name] = found
            instantanes.ecrire(target, record)
            return
        before = instantanes.lire(target)
        if name not in before:
            raise Ecart([f"{name} : dossier absent de l'instantané ; --maj-instantane l'ajoute"])
        lines = list(instantanes.differences(before[name], found))
        if lines:
            raise Ecart([f"{name}, octroi le {found['date_octroi']} :", *(f"  {line}" for line in lines)])

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: Any = None) -> Any:  # noqa: ANN401
        """Show what changes, without a traceback."""
        if isinstance(excinfo.value, Ecart | FaultsError):
            return str(excinfo.value)
        return super().repr_failure(excinfo, style)

    def reportinfo(self) -> tuple[Path, int, str]:
        """Place the dossier."""
        return self.path, 0, "instantané"
