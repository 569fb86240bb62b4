"""From what a form sends to the dossier, and back: nothing that the form does not show is touched."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import yaml

from aid_rules.faults import Fault, FaultsError
from aid_rules.language.positions import MAX_DEPTH
from aid_rules.web import chemins
from aid_rules.web.formulaire import Champ, Etape, Tableau

Champs = Mapping[str, list[str]]
"""What a form sends: each name with its values."""

_NOMBRE = re.compile(r"-?\d{1,15}(?:\.\d{1,2})?")
CHIFFRES = 30
"""Digits, before and after the point, of the longest number shown in groups of three."""

_LISIBLE = re.compile(rf"-?\d{{1,{CHIFFRES}}}(?:\.\d{{1,{CHIFFRES}}})?")
_ESPACES = dict.fromkeys(map(ord, " \u00a0\u202f_"))


def appliquer(data: dict[str, Any], envoi: Champs, etape: Etape) -> None:
    """Write the answers of one step into the dossier."""
    for bloc in etape.blocs:
        if isinstance(bloc, Tableau):
            _tableau(data, envoi, bloc)
        else:
            appliquer_champs(data, envoi, bloc.champs)


def appliquer_champs(data: dict[str, Any], envoi: Champs, champs: Iterable[Champ]) -> None:
    """Write the answers of some fields; a field that was not sent is left as it is."""
    for champ in champs:
        if champ.chemin in envoi or f"present:{champ.chemin}" in envoi:
            chemins.poser(data, chemins.lire(champ.chemin), lire(champ, envoi.get(champ.chemin, [])))


def lire(champ: Champ, valeurs: list[str]) -> Any:  # noqa: ANN401 - any value of a dossier
    """Return the value of one field as a dossier holds it, None when it is left empty."""
    texts = [v.strip() for v in valeurs if v.strip()]
    if champ.genre in ("ensemble", "lignes"):
        return [] if texts == ["-"] else [t for t in texts if t != "-"] or None
    text = texts[-1] if texts else ""
    if not text:
        return None
    if champ.genre in ("montant", "nombre", "pourcentage"):
        return nombre(text)
    return text


def nombre(text: str) -> int | Decimal | str:
    """Read a number as the French write it; what is no number stays as written, to be shown with its fault."""
    plain = text.translate(_ESPACES).removesuffix("€").removesuffix("%").replace(",", ".")
    if not _NOMBRE.fullmatch(plain):
        return text
    value = Decimal(plain)
    return int(value) if value == value.to_integral_value() else value


def _tableau(data: dict[str, Any], envoi: Champs, tableau: Tableau) -> None:
    known = chemins.prendre(data, chemins.lire(tableau.chemin))
    rows: list[Any] = list(known) if isinstance(known, list) else []
    count = _compte(envoi, tableau.chemin)
    if count is None:
        return
    found = []
    for index in range(count):
        row = dict(rows[index]) if index < len(rows) and isinstance(rows[index], dict) else {}
        prefix = f"{tableau.chemin}[{index}]"
        for champ in tableau.champs:
            value = lire(champ, envoi.get(f"{prefix}.{champ.chemin}", []))
            chemins.poser(row, chemins.lire(champ.chemin), value)
        row = chemins.elaguer(row)
        if any(key != "id" for key in row):
            found.append(row)
    if tableau.prefixe:
        _nommer(found, tableau.prefixe)
    none_at_all = bool(envoi.get(f"aucun:{tableau.chemin}"))
    chemins.poser(data, chemins.lire(tableau.chemin), found or ([] if none_at_all else None))


def _compte(envoi: Champs, chemin: str) -> int | None:
    sent = chemins.rang(envoi.get(f"lignes:{chemin}", [""])[0])
    return None if sent is None else min(sent, chemins.MAX_INDEX)


def _nommer(rows: list[dict[str, Any]], prefix: str) -> None:
    """Give a name to the rows that have none: other rows point at it."""
    taken = {str(row["id"]) for row in rows if row.get("id")}
    for row in rows:
        if row.get("id"):
            continue
        funder = row.get("financeur")
        label = row.get("intitule") or (funder.get("nom") if isinstance(funder, dict) else None) or prefix
        base = ascii_de(str(label))[:30] or prefix
        name, rank = base, 2
        while name in taken:
            name, rank = f"{base}_{rank}", rank + 1
        taken.add(name)
        row["id"] = name
        rest = {key: value for key, value in row.items() if key != "id"}
        row.clear()
        row.update({"id": name, **rest})


def retirer(data: dict[str, Any], chemin: str, index: int) -> None:
    """Remove one row of a table; what pointed at it no longer does."""
    rows = chemins.prendre(data, chemins.lire(chemin))
    if not isinstance(rows, list) or index >= len(rows):
        return
    gone = rows.pop(index)
    if not rows:
        chemins.poser(data, chemins.lire(chemin), None)
    if chemin == "projet.couts" and isinstance(gone, dict):
        for aide in data.get("aides") or []:
            if isinstance(aide, dict) and isinstance(aide.get("couts"), list):
                aide["couts"] = [c for c in aide["couts"] if c != gone.get("id")] or None


def ascii_de(text: str) -> str:
    """Return a name made of plain letters, digits and underscores."""
    plain = unicodedata.normalize("NFKD", text.lower()).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain).strip("_")


def charger(texte: str) -> dict[str, Any]:
    """Read the dossier that a page carries. Raises `FaultsError` when it was tampered with."""
    data = _json(texte or "{}")
    if not isinstance(data, dict):
        raise FaultsError([Fault("le dossier que porte la page est illisible ; rouvrez-le depuis votre fichier")])
    return data


def charger_liste(texte: str) -> list[dict[str, Any]]:
    """Read the dossiers that a page carries. Raises `FaultsError` when they were tampered with."""
    data = _json(texte or "[]")
    if not isinstance(data, list) or not all(isinstance(item, dict) for item in data):
        raise FaultsError([Fault("les dossiers que porte la page sont illisibles ; redonnez vos fichiers")])
    return data


def _json(texte: str) -> Any:  # noqa: ANN401 - any JSON value
    try:
        data = json.loads(texte, parse_float=Decimal)
        if "\\ud" in texte.lower():
            json.dumps(data, ensure_ascii=False, default=str).encode()  # half a pair is no character: ValueError
    except (ValueError, RecursionError):
        return None
    return data if _peu_profond(data) else None


def _peu_profond(data: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Tell whether data is no deeper than a list of dossiers as files hold them."""
    level = [data]
    for _ in range(MAX_DEPTH + 2):
        inner = (node.values() if isinstance(node, dict) else node for node in level if isinstance(node, dict | list))
        level = [item for items in inner for item in items]
        if not level:
            return True
    return False


def porter(data: Any) -> str:  # noqa: ANN401
    """Write the dossier that a page carries."""
    return json.dumps(chemins.elaguer(data), ensure_ascii=False, default=_simple)


def en_json(data: Mapping[str, Any]) -> str:
    """Write a dossier as JSON, to be kept."""
    return json.dumps(chemins.elaguer(data), ensure_ascii=False, indent=2, default=_simple) + "\n"


def en_yaml(data: Mapping[str, Any]) -> str:
    """Write a dossier as YAML, to be kept."""
    plain = json.loads(porter(data))
    return yaml.dump(plain, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


class _Dumper(yaml.SafeDumper):
    """Quotes the texts whose rare line breaks a plain YAML text would lose."""


def _texte(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    rare = any(c in "\x85\u2028\u2029\ufeff" for c in text)
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style='"' if rare else None)


_Dumper.add_representer(str, _texte)


def _simple(value: object) -> object:
    if isinstance(value, Decimal):
        return float(value)  # two decimals at most: the shortest text of the float is the number itself
    return str(value)


def affichage(champ: Champ, valeur: Any) -> Any:  # noqa: ANN401
    """Return a value as the form shows it: grouped digits, oui/non."""
    if valeur is None:
        return [] if champ.genre in ("ensemble", "lignes") else ""
    if champ.genre in ("ensemble", "lignes"):
        return [str(v) for v in valeur] if isinstance(valeur, list) else [str(valeur)]
    if champ.genre == "booleen":
        return _OUI_NON.get(str(valeur).lower(), str(valeur))
    written = _ecrit(valeur) if champ.genre in ("montant", "nombre", "pourcentage") else ""
    if _LISIBLE.fullmatch(written):
        whole, _, rest = written.partition(".")
        grouped = f"{int(whole):,}".replace(",", "\u202f")
        return f"{grouped},{rest.rstrip('0')}" if rest.rstrip("0") else grouped
    return str(valeur)


def _ecrit(valeur: Any) -> str:  # noqa: ANN401
    """Return a number in plain digits; one too long or too small for that is left as Python writes it."""
    if isinstance(valeur, Decimal) and valeur.is_finite() and abs(valeur.adjusted()) < CHIFFRES:
        return f"{valeur:f}"
    return str(valeur) if isinstance(valeur, int | float | Decimal) else ""


_OUI_NON = {"oui": "oui", "true": "oui", "vrai": "oui", "non": "non", "false": "non", "faux": "non"}


def aujourd_hui() -> str:
    """Return the day that a new dossier proposes."""
    return date.today().isoformat()  # noqa: DTZ011 - the user's own day
