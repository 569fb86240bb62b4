"""The files of a ruleset: which they are, one folder laid over another, and their digest."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

from aid_rules.faults import WorkError


def rule_files(folders: Iterable[Path]) -> dict[str, Path]:
    """Return the YAML files of `folders` by relative path; a later folder is laid over the earlier ones.

    Raises `WorkError` when a folder does not exist or holds no ruleset.
    """
    found: dict[str, Path] = {}
    for folder in folders:
        if not folder.is_dir():
            raise WorkError(f"{folder} : dossier de règles introuvable")
        here = {p.relative_to(folder).as_posix(): p for p in sorted(folder.rglob("*.y*ml")) if _is_rule(p, folder)}
        if not here:
            raise WorkError(f"{folder} : aucun fichier de règles (*.yaml) dans ce dossier")
        found.update(here)
    return dict(sorted(found.items()))


def _is_rule(path: Path, folder: Path) -> bool:
    top = path.relative_to(folder).parts[0]
    return path.suffix in (".yaml", ".yml") and top not in ("donnees", "citations")


def stamp(paths: Mapping[str, Path]) -> str:
    """Return what tells one state of some files from another without reading them: names, dates, sizes, inodes."""
    found = []
    for name, path in paths.items():
        state = path.stat()
        found.append((name, state.st_mtime_ns, state.st_size, state.st_ino))
    return repr(found)


def digest(paths: Mapping[str, Path]) -> str:
    """Return the SHA-256 of the files, names included."""
    total = hashlib.sha256()
    for name, path in paths.items():
        total.update(name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()
