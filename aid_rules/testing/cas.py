"""Worked legal cases in YAML: read, run, and compared, expected parts only, no tolerance."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from aid_rules.engine.facts import bases_of
from aid_rules.engine.moteur import Engine
from aid_rules.faults import Fault, FaultsError, nearest
from aid_rules.language.positions import Document, Positions, read_file
from aid_rules.language.reading import read_dossier
from aid_rules.report.resultat import resultat

KEYS = ("cas", "modele", "comme", "dossier", "attendu", "note", "ref")


@dataclass(frozen=True)
class Cas:
    """One worked case: a dossier and what is expected of it."""

    nom: str
    fichier: Path
    ligne: int
    dossier: dict[str, Any]
    attendu: dict[str, Any]


def read_cases(path: Path, modeles: Mapping[str, dict[str, Any]]) -> Iterator[Cas]:
    """Yield the cases of a file. Raises `FaultsError` when the file is no list of cases."""
    document = read_file(path)
    if not isinstance(document.data, list):
        raise FaultsError([document.fault("une liste de cas est attendue (« - cas: … »)")])
    faults: list[Fault] = []
    earlier: dict[str, dict[str, Any]] = {}
    for index, case in enumerate(document.data):
        if not isinstance(case, dict) or not {"cas", "dossier", "attendu"} <= case.keys():
            faults.append(document.fault("un cas a les clés « cas », « dossier » et « attendu »", (index,)))
            continue
        faults += [
            document.fault(f"clé inconnue « {key} »{nearest(key, KEYS)}", (index, key))
            for key in case
            if key not in KEYS
        ]
        faults += [document.fault(said, (index, "attendu", *where)) for where, said in _malformes(case["attendu"])]
        name = case.get("modele")
        if name is not None and name not in modeles:
            faults.append(document.fault(f"modèle « {name} » inconnu{nearest(str(name), modeles)}", (index, "modele")))
            continue
        like = case.get("comme")
        if like is not None and (name is not None or like not in earlier):
            said = "« comme » et « modele » s'excluent" if name else f"aucun cas plus haut ne s'appelle « {like} »"
            faults.append(document.fault(f"{said}{nearest(str(like), earlier)}", (index, "comme")))
            continue
        line = document.positions[(index,)][0]
        base = modeles[name] if name else earlier[like] if like is not None else {}
        dossier = earlier[str(case["cas"])] = merge(base, case["dossier"])
        if not faults:
            yield Cas(str(case["cas"]), path, line, dossier, case["attendu"])
    if faults:
        raise FaultsError(faults)


_BASE: dict[str, Any] = {"conditions": {}, "volets": {"*": {"conditions": {}}}}
_BLOCS: dict[str, Any] = {
    "qualification": {"criteres": {}}, "cumul": {}, "regimes": {"*": _BASE}, "dispositifs": {"*": _BASE},
    "obligations": {}, "equivalents": {},
}  # fmt: skip
"""Where blocks of expected results stand; `*` is any name."""


def _malformes(
    attendu: object, blocks: Mapping[str, Any] = _BLOCS, where: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Yield what an expected result holds in another form than the one that is compared, and where."""
    if not isinstance(attendu, dict):
        yield where, "un bloc « clé: valeur » est attendu"
        return
    for key, value in attendu.items():
        inner = blocks.get(key, blocks.get("*"))
        if inner is not None and value != "absent":
            yield from _malformes(value, inner, (*where, key))
        elif key == "alertes" and not (isinstance(value, list) and all(isinstance(a, dict) for a in value)):
            yield (*where, key), "une liste d'alertes est attendue (« - {code: …} »)"
        elif key in ("questions", "manquants") and not _liste(value):
            yield (*where, key), "une liste est attendue, ou « contient » et « sans »"


def _liste(value: object) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and value.keys() <= {"contient", "sans"})


def read_models(path: Path) -> dict[str, dict[str, Any]]:
    """Return the base dossiers of a file: name → dossier."""
    data = read_file(path).data
    return {name: dossier for name, dossier in data.items() if isinstance(dossier, dict)}


def merge(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """Lay one dossier over another: blocks merge, lists and values replace."""
    merged = dict(base)
    for key, value in over.items():
        old = merged.get(key)
        merged[key] = merge(old, value) if isinstance(old, dict) and isinstance(value, dict) else value
    return merged


def run(cas: Cas, engine: Engine) -> list[str]:
    """Run a case; return the differences, one readable line each."""
    positions: Positions = {(): (cas.ligne, 1)}
    document = Document(cas.dossier, positions, str(cas.fichier))
    dossier = read_dossier(document, engine.book.vocabulaire)
    asked = [name for key in ("regimes", "dispositifs") for name in cas.attendu.get(key, {})]
    everything = "questions" in cas.attendu
    found = resultat(engine, engine.evaluate(dossier, tout="tout" in cas.attendu), bases=None if everything else asked)
    known = set(bases_of(engine.at(dossier.date_octroi).loi))
    result = json.loads(found.model_dump_json())
    return list(compare(cas.attendu, result, known))


def compare(attendu: Mapping[str, Any], result: dict[str, Any], known: Iterable[str] = ()) -> Iterator[str]:
    """Yield what differs between an expected result, in part, and the JSON of a result."""
    for key, expected in attendu.items():
        if key in ("regimes", "dispositifs"):
            bases = {b["id"]: b for b in result[key]}
            for name, parts in expected.items():
                if parts == "absent":
                    if name in bases:
                        yield f"{name} : ne devrait pas être en vigueur ce jour-là"
                elif name not in bases:
                    yield f"{key} : « {name} » n'est pas en vigueur ce jour-là{nearest(name, known)}"
                else:
                    yield from _base(name, parts, bases[name])
        elif key == "qualification":
            yield from _qualification(expected, result[key])
        elif key == "cumul":
            yield from _alerts(expected, result[key])
        elif key == "obligations":
            duties = {o["id"]: o for o in result[key]}
            for name, parts in expected.items():
                if parts in ("faux", {"statut": "faux"}):
                    if name in duties:
                        yield f"obligation {name} : ne devrait pas être due"
                elif name not in duties:
                    yield f"obligation {name} : absente"
                else:
                    yield from _same(f"obligation {name}", parts, duties[name])
        elif key == "equivalents":
            yield from _same(key, expected, {e["aide"]: e for e in result[key]})
        elif key == "questions":
            paths = [q["chemin"] for q in result[key]]
            yield from _list(key, expected, paths)
        elif key != "tout":
            yield from _part("résultat", key, expected, result)


def _base(name: str, attendu: Mapping[str, Any], base: dict[str, Any]) -> Iterator[str]:
    own = {c["id"]: c for c in base["conditions"]}
    volets = {v["id"]: v for v in base["volets"]}
    for key, expected in attendu.items():
        if key == "conditions":
            found = dict(own)
            for volet in volets.values():
                for condition in volet["conditions"]:
                    found.setdefault(condition["id"], condition)
            for cid, value in expected.items():
                got = found[cid]["verdict"] if cid in found else "absente"
                if got != value:
                    phrase = f" ({found[cid]['phrase']})" if cid in found else nearest(cid, found)
                    yield f"{name}, condition {cid} : attendu {value}, trouvé {got}{phrase}"
        elif key == "volets":
            for vid, parts in expected.items():
                if vid not in volets:
                    yield f"{name} : volet « {vid} » absent{nearest(vid, volets)}"
                else:
                    yield from _volet(f"{name}/{vid}", parts, volets[vid])
        elif key == "manquants":
            yield from _list(f"{name}, manquants", expected, base["manquants"])
        elif key == "assiette_eur":
            yield from _assiette(name, expected, base)
        elif key == "seuil_notification_eur":
            found_eur = [s["montant_max_eur"] for s in base["seuil_notification"]]
            if _plain(expected) not in found_eur:
                yield f"{name}, seuil de notification : attendu {expected}, trouvé {found_eur}"
        elif key == "regime_cadre":
            got_sa = [r["sa"] for r in base[key]]
            wanted = expected if isinstance(expected, list) else [expected]
            if not set(wanted) <= set(got_sa):
                yield f"{name}, régime cadre : attendu {expected}, trouvé {got_sa}"
        else:
            yield from _part(name, key, expected, base)
            if key == "verdict" and base.get(key) != expected:
                yield from _why(name, base)


def _why(name: str, base: dict[str, Any]) -> Iterator[str]:
    """Say which conditions keep a basis from being usable."""
    volets = [c for v in base["volets"] for c in v["conditions"]]
    for condition in (*base["conditions"], *volets):
        if condition["verdict"] != "vrai":
            missing = f" ; manque {', '.join(condition['manquants'])}" if condition["manquants"] else ""
            yield f"    {name}.{condition['id']} : {condition['verdict']} — {condition['phrase']}{missing}"


def _volet(name: str, attendu: Mapping[str, Any], volet: dict[str, Any]) -> Iterator[str]:
    for key, expected in attendu.items():
        if key == "conditions":
            found = {c["id"]: c["verdict"] for c in volet["conditions"]}
            for cid, value in expected.items():
                got = found.get(cid, "absente")
                if got != value:
                    yield f"{name}, condition {cid} : attendu {value}, trouvé {got}"
        elif key == "assiette_eur":
            yield from _same(f"{name}, assiette", expected, volet["assiette"]["montant_max_eur"])
        else:
            yield from _part(name, key, expected, volet)


def _assiette(name: str, expected: object, base: dict[str, Any]) -> Iterator[str]:
    parts = [base["assiette"]] if base["assiette"] else [v["assiette"] for v in base["volets"]]
    total = sum(p["montant_max_eur"] or 0 for p in parts)
    yield from _same(f"{name}, assiette", expected, total)


def _qualification(attendu: Mapping[str, Any], found: dict[str, Any]) -> Iterator[str]:
    for key, expected in attendu.items():
        if key != "criteres":
            yield from _part("qualification", key, expected, found)
            continue
        criteres = {c["id"]: c for c in found["criteres"]}
        for name, value in expected.items():
            got = criteres.get(name, {}).get("verdict", "absent")
            if got != value:
                yield f"critère {name} : attendu {value}, trouvé {got}"


def _alerts(attendu: Mapping[str, Any], found: dict[str, Any]) -> Iterator[str]:
    for key, expected in attendu.items():
        if key != "alertes":
            yield from _part("cumul", key, expected, found)
            continue
        alerts = found["alertes"]
        if expected == [] and alerts:
            yield f"aucune alerte attendue, trouvé : {', '.join(a['code'] for a in alerts)}"
        for wanted in expected:
            if not any(not list(_same("alerte", wanted, {k: a[k] for k in wanted if k in a})) for a in alerts):
                shown = [{k: a.get(k) for k in ("code", "gravite", "depassement_eur", "aides")} for a in alerts]
                yield f"alerte attendue {dict(wanted)} ; trouvées : {shown}"


def _list(name: str, expected: object, found: list[str]) -> Iterator[str]:
    if isinstance(expected, dict):
        absent = [item for item in expected.get("contient", []) if item not in found]
        extra = [item for item in expected.get("sans", []) if item in found]
        if absent or extra:
            yield f"{name} : devait contenir {absent}, ne pas contenir {extra} ; trouvé {found}"
    elif sorted(map(str, expected)) != sorted(found):  # type: ignore[call-overload]
        yield f"{name} : attendu {expected}, trouvé {found}"


def _same(name: str, expected: object, found: object) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(found, dict):
        for key, value in expected.items():
            yield from _part(name, key, value, found, ".")
    elif _plain(expected) != found:
        yield f"{name} : attendu {expected}, trouvé {found}"


def _part(name: str, key: str, expected: object, found: Mapping[str, Any], lien: str = ", ") -> Iterator[str]:
    if key in found:
        yield from _same(f"{name}{lien}{key}", expected, found[key])
    else:  # even when null is expected: a misspelt key would hold whatever is found
        yield f"{name} : « {key} » n'y figure pas{nearest(key, found)}"


def _plain(value: object) -> object:
    """Bring an expected value to what JSON gives."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return {"oui": True, "non": False}.get(value, value) if isinstance(value, str) else value
