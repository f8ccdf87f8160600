"""The customers of a batch: read once, checked, and looked up by id."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from plan_rules.batch.columns import NO_DAY, CustomerColumns, FactColumns, Int32s, day_number
from plan_rules.batch.intake.buffers import is_text, numbers_of, texts_of
from plan_rules.batch.intake.facts import check_facts, column_of, fact_codes, shown
from plan_rules.batch.intake.ids import IdIndex
from plan_rules.batch.intake.parsing import UNREADABLE, read_dates
from plan_rules.batch.intake.rejecting import Faults, fault, rejected_rows
from plan_rules.batch.intake.schemas import CUSTOMERS, FACTS
from plan_rules.batch.intake.sources import Chunk, Given, Source, Table, source_of
from plan_rules.destinations.countries import GLOBAL, country
from plan_rules.errors import InvalidValue
from plan_rules.periods import time_zone
from plan_rules.rules.fact import FactSpec
from plan_rules.usage.customer import FIRST_DAY, LAST_DAY

TABLE = Table(name="customers", columns=CUSTOMERS, others=False)

NONE = -1
"""The index of no plan, and of no chosen country."""

FIRST, LAST = day_number(FIRST_DAY), day_number(LAST_DAY)
UNIT_DAYS = {"date32[day]": 1, "date64[ms]": 86_400_000}

Codes = npt.NDArray[np.int32]

Declared = Sequence[tuple[FactSpec, ...] | None]
"""The facts that each catalog declares; `None` for one without rules, which asks for none."""

_Note = Callable[[str, npt.NDArray[np.bool_], pa.Array], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerTable:
    """Customers in the order of their table, with an index of their ids.

    `columns` is what pricing needs of them; `homes` are their home countries, `facts` the
    operator's own facts as given, a column each, named without `facts.` in front. `coded` are
    the facts as each catalog that was read for declares them, `None` for one without rules;
    those of the only catalog are in `columns` too.
    """

    ids: pa.Array
    index: IdIndex
    columns: CustomerColumns
    homes: pa.Array
    facts: pa.Table
    plan_ids: tuple[str, ...]
    coded: tuple[FactColumns | None, ...] = ()

    def __len__(self) -> int:
        """Return the number of customers."""
        return len(self.ids)

    def since(self) -> pa.Array:
        """Return the days on which the present plans began, null where nobody says."""
        days = self.columns.since
        return pa.array(days, mask=days == NO_DAY).cast(pa.date32())

    @property
    def size(self) -> int:
        """Return about how many bytes the customers take in memory."""
        held = self.columns.nbytes + self.index.size
        if len(self.coded) > 1:
            held += sum(each.nbytes for each in self.coded if each is not None)
        return held + int(self.ids.nbytes + self.homes.nbytes + self.facts.nbytes)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersRead:
    """The sound customers of a table, and the rows that are none, if any."""

    customers: CustomerTable
    rejected: pa.Table | None
    rows: int


def read_customers(
    given: Given | Source, *, plan_ids: Sequence[str], declared: Declared = ()
) -> CustomersRead:
    """Return the customers of a table; rows that are no customer are reported.

    `plan_ids` are those of the book, in its order. Of rows with one id none is taken: which of
    them holds cannot be told. `declared` are the facts that the catalog declares, or each of
    several: a row with a fact that one of them does not allow, or lacks, is no customer. Facts
    are not looked at for a catalog without rules.

    Raises `WrongSchema`, also for the column of a fact that nobody declares, `UnreadableFile`,
    and `InvalidValue` for a path that is no such file.
    """
    source = given if isinstance(given, Source) else source_of(given, TABLE)
    words = _Vocabulary.of(plan_ids)
    pieces = [_read(chunk, words, declared) for unit in source.units for chunk in unit.chunks()]
    malformed = [each.malformed for each in pieces if each.malformed is not None]
    faults = np.concatenate([each.faults for each in pieces] or [np.zeros(0, np.uint8)])
    ids = _together([each.ids for each in pieces], pa.int64())
    _reject_repeated(ids, faults)
    rejected = list(malformed)
    at = 0
    for each in pieces:
        mine = faults[at : at + len(each.faults)]
        at += len(each.faults)
        if mine.any():
            rejected.append(
                rejected_rows(
                    table=TABLE.name,
                    place=each.chunk.place,
                    faults=mine,
                    customer_id=each.ids,
                    values=each.values,
                )
            )
    kept = faults == 0
    table = _kept(pieces, ids, kept, words, declared)
    return CustomersRead(
        customers=table,
        rejected=pa.concat_tables(rejected) if rejected else None,
        rows=len(faults) + sum(each.num_rows for each in malformed),
    )


class _Words:
    """Texts told by their index, and which of them mean anything."""

    def __init__(self, is_known: Callable[[str], bool], known: Sequence[str] = ()) -> None:
        self._indices = {word: at for at, word in enumerate(known)}
        self._is_known = is_known

    @property
    def known(self) -> tuple[str, ...]:
        return tuple(self._indices)

    def codes(self, column: pa.Array) -> tuple[Codes, npt.NDArray[np.bool_]]:
        """Return the index of each text, `NONE` for an empty one, and which mean nothing."""
        encoded = column if pa.types.is_dictionary(column.type) else _encoded(column)
        found, bad = [], []
        for word in _spelled(encoded.dictionary):
            found.append(self._index(word))
            bad.append(bool(word) and found[-1] == NONE)
        at = numbers_of(encoded.indices.cast(pa.int32()).fill_null(len(found)))
        return np.array([*found, NONE], dtype=np.int32)[at], np.array([*bad, False])[at]

    def _index(self, word: str) -> int:
        if word not in self._indices:
            if not word or not self._is_known(word):
                return NONE
            self._indices[word] = len(self._indices)
        return self._indices[word]


@dataclass(frozen=True, slots=True)
class _Vocabulary:
    zones: _Words
    countries: _Words
    plans: _Words

    @classmethod
    def of(cls, plan_ids: Sequence[str]) -> _Vocabulary:
        return cls(_Words(_is_zone), _Words(_is_country), _Words(lambda _: False, plan_ids))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Piece:
    """A chunk of the table as columns, and what is at fault in each row."""

    chunk: Chunk
    malformed: pa.Table | None
    faults: Faults
    ids: pa.Array
    values: dict[str, pa.Array]
    codes: dict[str, Codes]
    home: pa.Array
    facts: dict[str, pa.Array]
    coded: tuple[FactColumns | None, ...]


def _read(chunk: Chunk, words: _Vocabulary, declared: Declared) -> _Piece:
    batch = chunk.batch
    rows = batch.num_rows
    faults = np.zeros(rows, dtype=np.uint8)
    ids = _id_column(batch.column("customer_id"))
    codes: dict[str, Codes] = {}
    values: dict[str, pa.Array] = {}

    def note(code: str, bad: npt.NDArray[np.bool_], column: pa.Array) -> None:
        values[code] = column
        faults[bad & (faults == 0)] = fault(code)

    note("missing-customer-id", _is_empty(ids), ids)
    for name, code, vocabulary in (
        ("home", "unknown-country", words.countries),
        ("zone", "unknown-zone", words.zones),
        ("plan", "unknown-plan", words.plans),
        ("chosen_country", "unknown-chosen-country", words.countries),
    ):
        column = batch.column(name) if name in batch.schema.names else pa.nulls(rows, pa.string())
        codes[name], bad = vocabulary.codes(column)
        needed = CUSTOMERS[name].needed
        note(code, bad | (codes[name] == NONE) if needed else bad, column)
    for name, code in (("anchor", "bad-anchor"), ("since", "bad-since")):
        column = batch.column(name) if name in batch.schema.names else pa.nulls(rows, pa.date32())
        days, missing = _days(column)
        bad = ~missing & ((days < FIRST) | (days > LAST))
        note(code, bad | missing if CUSTOMERS[name].needed else bad, column)
        codes[name] = np.where(bad | missing, NO_DAY, days).astype(np.int32)
    asked = [spec for each in declared if each is not None for spec in each]
    if any(each is not None for each in declared):
        check_facts(batch.schema, asked, table=TABLE.name)
    coded = tuple(None if each is None else _coded(batch, each, note) for each in declared)
    return _Piece(
        chunk=chunk,
        malformed=chunk.malformed,
        faults=faults,
        ids=ids,
        values=values,
        codes=codes,
        home=batch.column("home"),
        facts={
            name.removeprefix(FACTS): batch.column(name)
            for name in batch.schema.names
            if name.startswith(FACTS)
        },
        coded=coded,
    )


def _coded(batch: pa.RecordBatch, specs: tuple[FactSpec, ...], note: _Note) -> FactColumns:
    """Return the codes of a catalog's facts, noting rows with one that cannot be or is missing."""
    codes = np.zeros((len(specs), batch.num_rows), np.int64)
    known = np.zeros((len(specs), batch.num_rows), np.bool_)
    wrong = np.zeros(batch.num_rows, np.bool_)
    lacking = np.zeros(batch.num_rows, np.bool_)
    values = np.full(batch.num_rows, None, object)
    missing = np.full(batch.num_rows, None, object)
    for row, spec in enumerate(specs):
        name = column_of(spec)
        if name in batch.schema.names:
            column = batch.column(name)
            codes[row], known[row], bad = fact_codes(column, spec)
            new = bad & ~wrong
            values[new] = shown(column.filter(pa.array(new)), name)
            wrong |= bad
        if not spec.optional:
            new = ~known[row] & ~lacking
            missing[new] = name
            lacking |= new
    note("bad-fact", wrong, pa.array(values, pa.string()))
    note("missing-fact", lacking, pa.array(missing, pa.string()))
    return FactColumns(names=tuple(spec.name for spec in specs), codes=codes, known=known)


def _kept(
    pieces: Sequence[_Piece],
    ids: pa.Array,
    kept: npt.NDArray[np.bool_],
    words: _Vocabulary,
    declared: Declared,
) -> CustomerTable:
    def column(name: str) -> Int32s:
        found = np.concatenate([each.codes[name] for each in pieces] or [np.zeros(0, np.int32)])
        return found[kept]

    coded = tuple(
        None if specs is None else _joined([each.coded[at] for each in pieces], specs, kept)
        for at, specs in enumerate(declared)
    )
    home = column("home")
    mask = pa.array(kept)
    sound = ids.filter(mask)
    facts = {
        name: _together([each.facts[name] for each in pieces], pa.string()).filter(mask)
        for name in (pieces[0].facts if pieces else ())
    }
    return CustomerTable(
        ids=sound,
        index=IdIndex(sound),
        columns=CustomerColumns(
            zones=words.zones.known,
            zone=column("zone"),
            anchor=column("anchor"),
            plan=column("plan"),
            since=column("since"),
            countries=words.countries.known,
            chosen=column("chosen_country"),
            homes=words.countries.known,
            home=home,
            facts=coded[0] if len(coded) == 1 else None,
        ),
        homes=pa.DictionaryArray.from_arrays(
            pa.array(home), pa.array(words.countries.known, pa.string())
        ),
        facts=pa.table(facts),
        plan_ids=words.plans.known,
        coded=coded,
    )


def _joined(
    pieces: Sequence[FactColumns | None], specs: tuple[FactSpec, ...], kept: npt.NDArray[np.bool_]
) -> FactColumns:
    """Return the facts of all chunks as one, those of sound customers only."""
    found = [each for each in pieces if each is not None]
    none = np.zeros((len(specs), 0), np.int64)
    codes = np.concatenate([none, *(each.codes for each in found)], axis=1)
    known = np.concatenate([none.astype(np.bool_), *(each.known for each in found)], axis=1)
    names = tuple(spec.name for spec in specs)
    return FactColumns(names=names, codes=codes[:, kept], known=known[:, kept])


def _reject_repeated(ids: pa.Array, faults: Faults) -> None:
    """Mark every row whose id stands in another row too, the first of them as well."""
    index = IdIndex(ids)
    again = index.repeated
    if len(again):
        firsts = index.codes(ids.take(pa.array(again)))
        rows = np.union1d(again, firsts)
        faults[rows[faults[rows] == 0]] = fault("repeated-customer")


def _id_column(column: pa.Array) -> pa.Array:
    """Return ids as whole numbers of 64 bits, or as texts; bytes that are no text are null."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    if not is_text(column.type):
        return column.cast(pa.int64())
    try:
        return column.cast(pa.large_string())
    except pa.ArrowInvalid:
        sound = [each if each is None or _is_utf8(each) else None for each in column.to_pylist()]
        return pa.array(sound, pa.large_binary()).cast(pa.large_string())


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _is_empty(ids: pa.Array) -> npt.NDArray[np.bool_]:
    missing = ids.is_null().to_numpy(zero_copy_only=False)
    if is_text(ids.type):
        missing = missing | (np.diff(texts_of(ids).offsets) == 0)
    return missing  # type: ignore[no-any-return]


def _days(column: pa.Array) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.bool_]]:
    """Return dates as days since 1970-01-01, and which are missing."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    missing = column.is_null().to_numpy(zero_copy_only=False)
    if is_text(column.type):
        texts = texts_of(column)
        missing = missing | (np.diff(texts.offsets) == 0)
        found = read_dates(texts.offsets, texts.data)
        return np.where(found == UNREADABLE, LAST + 1, found), missing
    return numbers_of(column).astype(np.int64) // UNIT_DAYS[str(column.type)], missing


def _together(columns: Sequence[pa.Array], kind: pa.DataType) -> pa.Array:
    """Return the columns of all chunks as one, as texts where their types differ."""
    plain = [
        each.dictionary_decode() if pa.types.is_dictionary(each.type) else each for each in columns
    ]
    if len({each.type for each in plain}) > 1:
        plain = [each.cast(pa.large_string()) for each in plain]
    return pa.concat_arrays(plain) if plain else pa.array([], kind)


def _encoded(column: pa.Array) -> pa.Array:
    if pa.types.is_string_view(column.type):
        column = column.cast(pa.large_string())
    return column.dictionary_encode()


def _spelled(dictionary: pa.Array) -> Iterator[str]:
    for word in dictionary.to_pylist():
        text = word.decode("utf-8", "replace") if isinstance(word, bytes) else word
        yield (text or "").strip()


def _is_zone(word: str) -> bool:
    try:
        time_zone(word)
    except InvalidValue:
        return False
    return True


def _is_country(word: str) -> bool:
    return word != GLOBAL and country(word) is not None
