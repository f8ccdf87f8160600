"""The operator's own facts about customers: from columns of any type to codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from plan_rules.batch.intake.buffers import is_text, numbers_of
from plan_rules.batch.intake.schemas import FACTS, WrongSchema
from plan_rules.catalog.vocabulary import OWN
from plan_rules.errors import did_you_mean
from plan_rules.rules.fact import FactSpec, FactType, InvalidFact

types = pa.types

Codes = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

TRUTHS = {"true": True, "false": False}
MOST_DIGITS = 17
"""Digits of the largest whole number that is a fact, and one more."""


def column_of(spec: FactSpec) -> str:
    """Return the name of a fact's column, such as `facts.segment`."""
    return FACTS + spec.name.removeprefix(OWN)


def check_facts(found: pa.Schema, declared: Sequence[FactSpec], *, table: str) -> None:
    """Refuse columns of facts that nobody declared, and of a type the fact does not have.

    A fact without a column is one of which nothing is known. Raises `WrongSchema`.
    """
    specs = {column_of(spec): spec for spec in declared}
    for field in found:
        if not field.name.startswith(FACTS):
            continue
        spec = specs.get(field.name)
        if spec is None:
            near = did_you_mean(field.name, specs)
            words = f"one of {', '.join(specs) or 'no facts'}" + (f"; {near}" if near else "")
            raise WrongSchema(table=table, column=field.name, given="not declared", expected=words)
        kind = field.type.value_type if types.is_dictionary(field.type) else field.type
        if not _is_fine(kind, spec):
            raise WrongSchema(
                table=table, column=field.name, given=str(kind), expected=spec.expected
            )


def _is_fine(kind: pa.DataType, spec: FactSpec) -> bool:
    """Whether a column of some type can hold values of a fact; texts and nulls always can."""
    if is_text(kind) or types.is_null(kind):
        return True
    return any(is_fine(kind) for is_fine in KINDS[spec.type])


def _is_list(kind: pa.DataType) -> bool:
    is_list = types.is_list(kind) or types.is_large_list(kind)
    return bool(is_list and (is_text(kind.value_type) or types.is_null(kind.value_type)))


KINDS: Mapping[FactType, tuple[Callable[[pa.DataType], bool], ...]] = {
    FactType.BOOLEAN: (types.is_boolean,),
    FactType.INTEGER: (types.is_integer,),
    FactType.MONEY: (types.is_integer, types.is_decimal),
    FactType.DATE: (types.is_date,),
    FactType.ENUM: (),
    FactType.SET: (_is_list,),
}
"""What columns of a fact of some type may be, beside texts."""


def fact_codes(column: pa.Array, spec: FactSpec) -> tuple[Codes, Mask, Mask]:
    """Return the codes of a column, which are known, and which hold what the fact cannot be.

    Null and an empty text are not known. Texts are read as values are written: `true`, whole
    numbers, decimals, `2026-01-31`; the words of a set stand in one text, with spaces between.
    """
    if types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if types.is_list(column.type) or types.is_large_list(column.type):
        return _list_codes(column, spec)
    if types.is_string_view(column.type) or types.is_binary_view(column.type):
        column = column.cast(pa.large_string())
    if types.is_null(column.type):
        column = column.cast(pa.string())
    if types.is_date64(column.type):
        column = column.cast(pa.date32())
    encoded = column.dictionary_encode()
    read = [_code(_plain(value), spec) for value in encoded.dictionary.to_pylist()]
    at = numbers_of(encoded.indices.cast(pa.int32()).fill_null(len(read)))
    codes = np.array([*(0 if code is None else code for code, _ in read), 0], np.int64)
    known = np.array([*(code is not None for code, _ in read), False], np.bool_)
    bad = np.array([*(is_bad for _, is_bad in read), False], np.bool_)
    return codes[at], known[at], bad[at]


def _plain(value: Any) -> Any:  # noqa: ANN401  any value of a column
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _code(value: object, spec: FactSpec) -> tuple[int | None, bool]:
    """Return the code of a value, `None` for none, and whether it is one the fact cannot have."""
    meant = _meant(value, spec) if isinstance(value, str) else value
    if meant is None:
        return None, False
    try:
        return spec.code(meant), False
    except InvalidFact:
        return None, True


def _meant(text: str, spec: FactSpec) -> object:
    """Return the value that a text says, `None` for an empty one, itself where it says none."""
    word = text.strip()
    if not word:
        return None
    match spec.type:
        case FactType.BOOLEAN:
            return TRUTHS.get(word, text)
        case FactType.INTEGER:
            digits = word.removeprefix("-")
            is_number = digits.isascii() and digits.isdigit() and len(digits) <= MOST_DIGITS
            return int(word) if is_number else text
        case FactType.SET:
            return word.split()
        case FactType.ENUM | FactType.MONEY | FactType.DATE:
            return word


def _list_codes(column: pa.Array, spec: FactSpec) -> tuple[Codes, Mask, Mask]:
    """Return lists of words as sets; a list without words is a set without any."""
    known = ~column.is_null().to_numpy(zero_copy_only=False)
    words = column.flatten()
    lengths = np.where(known, numbers_of(column.value_lengths().fill_null(0)), 0)
    row = np.repeat(np.arange(len(column)), lengths)
    bits, found, bad = fact_codes(words.cast(pa.large_string()), _one_word(spec))
    codes = np.zeros(len(column), np.int64)
    np.bitwise_or.at(codes, row, np.where(found, np.int64(1) << bits, 0))
    wrong = np.zeros(len(column), np.bool_)
    wrong[row[bad | ~found]] = True
    return codes, known & ~wrong, wrong


def _one_word(spec: FactSpec) -> FactSpec:
    """Return the fact that is one word of a set."""
    return FactSpec(name=spec.name, type=FactType.ENUM, meaning=spec.meaning, values=spec.values)


def shown(column: pa.Array, name: str) -> list[str | None]:
    """Return the values of a column as texts that say whose they are."""
    return [None if value is None else f"{name}: {_words(value)}" for value in column.to_pylist()]


def _words(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    return str(_plain(value)).lower() if isinstance(value, bool) else str(_plain(value))
