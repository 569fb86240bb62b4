"""Field types shared by the dossier models: exact, French, and closed lists that come from the vocabulary."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationInfo,
    model_validator,
)

from aid_rules.amounts import decimal_euros, to_basis_points, to_cents
from aid_rules.faults import nearest

FIRST_DAY = date(1950, 1, 1)
LAST_DAY = date(2099, 12, 31)

_TRUE = {"oui", "true", "vrai"}
_FALSE = {"non", "false", "faux"}


class Champs(BaseModel):
    """Base of every dossier model: unknown keys refused, absent or null means unknown."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, validate_by_name=False, validate_by_alias=True, defer_build=True
    )

    @model_validator(mode="before")
    @classmethod
    def _null_is_unknown(cls, data: Any) -> Any:  # noqa: ANN401 - raw input
        return {k: v for k, v in data.items() if v is not None} if isinstance(data, dict) else data


def read_boolean(value: object) -> bool:
    """Read oui/non/true/false. Raises `ValueError`, in French."""
    if isinstance(value, bool):
        return value
    word = value.strip().lower() if isinstance(value, str) else ""
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ValueError("« oui » ou « non » est attendu (laissez vide si vous ne savez pas)")


def read_day(value: object) -> date:
    """Read a date written AAAA-MM-JJ, between 1950 and 2099. Raises `ValueError`, in French."""
    day = value
    if isinstance(value, str):
        try:
            day = date.fromisoformat(value) if len(value) == len("2026-11-23") else None
        except ValueError:
            day = None
    if type(day) is not date:
        raise ValueError("une date existante, écrite AAAA-MM-JJ, est attendue")
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ValueError("une date entre 1950-01-01 et 2099-12-31 est attendue")
    return day


def read_text(value: object) -> str:
    """Read a short text; a bare number is taken as written. Raises `ValueError`, in French."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError("un texte est attendu")  # noqa: TRY004 - pydantic reads ValueError
    text = str(value).strip()
    if not text or len(text) > 500 or any(ord(c) < 32 and c not in "\n\t" for c in text):  # noqa: PLR2004
        raise ValueError("un texte de 1 à 500 caractères, sans caractère de contrôle, est attendu")
    return text


def read_integer(value: object) -> int:
    """Read a whole number from 0 to 10^9. Raises `ValueError`, in French."""
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str | float):
        raise ValueError("un nombre entier est attendu")  # noqa: TRY004 - pydantic reads ValueError
    try:
        number = Decimal(str(value))
    except ArithmeticError:
        raise ValueError("un nombre entier est attendu") from None
    if not number.is_finite() or number != number.to_integral_value() or not 0 <= number <= 10**9:
        raise ValueError("un nombre entier, de 0 à 1 000 000 000, est attendu")
    return int(number)


def read_hundredths(value: object) -> int:
    """Read a positive number with two decimals at most as hundredths (12.5 → 1250). Raises `ValueError`."""
    hundredths = to_basis_points(value)
    if not 0 <= hundredths <= 10**11:
        raise ValueError("un nombre positif est attendu")
    return hundredths


def read_share(value: object) -> int:
    """Read a percentage from 0 to 100 as basis points. Raises `ValueError`, in French."""
    points = to_basis_points(value)
    if not 0 <= points <= 10_000:  # noqa: PLR2004 - 100 %
        raise ValueError("un pourcentage de 0 à 100 est attendu")
    return points


def read_signed_cents(value: object) -> int:
    """Read euros that may be negative (own funds) as cents. Raises `ValueError`, in French."""
    if isinstance(value, str) and value.startswith("-"):
        return -to_cents(value[1:])
    if isinstance(value, int | float | Decimal) and not isinstance(value, bool) and value < 0:
        return -to_cents(-value)
    return to_cents(value)


def read_siren(value: object) -> str:
    """Return the nine digits of a SIREN number, however spaced. Raises `ValueError`, in French, on a wrong key."""
    from stdnum.fr import siren  # noqa: PLC0415 - only dossiers that hold one pay for it

    text = siren.compact(read_text(value))
    if not siren.is_valid(text):
        raise ValueError(
            f"« {text} » n'est pas un numéro SIREN : neuf chiffres, dont une clé de contrôle, sont attendus"
        )
    return text


def _in_list(name: str) -> Callable[[Any, ValidationInfo], str]:
    def check(value: object, info: ValidationInfo) -> str:
        text = read_text(value)
        lists: Mapping[str, Mapping[str, str]] | None = (info.context or {}).get("listes")
        if lists is not None and text not in lists[name]:
            known = lists[name]
            shown = ", ".join(known) if len(known) <= 12 else f"{', '.join(list(known)[:12])}…"  # noqa: PLR2004
            raise ValueError(f"valeur « {text} » inconnue{nearest(text, known)} ; valeurs admises : {shown}")
        return text

    return check


def liste(name: str) -> Any:  # noqa: ANN401 - an annotation for pydantic
    """Return the annotation of a value taken from the vocabulary's list `name`."""
    return Annotated[str, BeforeValidator(_in_list(name)), Field(json_schema_extra={"liste": name})]


def _as_number(hundredths: int) -> int | Decimal:
    number = decimal_euros(hundredths)
    return int(number) if number == number.to_integral_value() else number


_as_euros = PlainSerializer(_as_number, return_type=Any)

Montant = Annotated[int, BeforeValidator(to_cents), _as_euros, Field(json_schema_extra={"unite": "EUR"})]
MontantSigne = Annotated[int, BeforeValidator(read_signed_cents), _as_euros, Field(json_schema_extra={"unite": "EUR"})]
Part = Annotated[int, BeforeValidator(read_share), _as_euros, Field(json_schema_extra={"unite": "%"})]
Centiemes = Annotated[int, BeforeValidator(read_hundredths), _as_euros]
Booleen = Annotated[bool, BeforeValidator(read_boolean)]
Jour = Annotated[date, BeforeValidator(read_day)]
Texte = Annotated[str, BeforeValidator(read_text)]
Entier = Annotated[int, BeforeValidator(read_integer)]
Siren = Annotated[str, BeforeValidator(read_siren)]


def _read_commune(value: object) -> str:
    text = read_text(value).upper()
    if len(text) != 5 or not text.isalnum() or not text[2:].isdigit():  # noqa: PLR2004 - INSEE code
        lost = len(text) == 4 and text.isdigit()  # noqa: PLR2004 - a spreadsheet drops the first zero
        hint = f" (zéro initial perdu ? écrivez 0{text})" if lost else ""
        raise ValueError(
            f"« {text} » n'est pas un code INSEE de commune : cinq caractères sont attendus, par exemple 76462{hint}"
        )
    return text


def _naf(value: str) -> str:
    text = value.upper().replace(" ", "")
    if len(text) == 5 and "." not in text:  # noqa: PLR2004 - 2562B
        text = f"{text[:2]}.{text[2:]}"
    if len(text) != 6 or not (text[:2] + text[3:5]).isdigit() or text[2] != "." or not text[5].isalpha():  # noqa: PLR2004
        raise ValueError(f"« {value} » n'est pas un code NAF rév. 2 : la forme « 25.62B » est attendue")
    return text


Commune = Annotated[str, BeforeValidator(_read_commune)]
Naf = Annotated[str, BeforeValidator(read_text), AfterValidator(_naf)]
