"""The rules of a stage over many customers and plans at once, a column for each fact.

Every literal of the normal forms is one comparison of a whole column, and is made once however
many rules share it. Rows are taken in chunks that stay in the cache; what fired leaves as one bit
for each rule. A fact that is the same in every row is given as one number and costs nothing per
row. This module needs numpy, which the extra `batch` brings, and is imported by those that use it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from plan_rules.errors import InvalidValue
from plan_rules.rules.fact import TAGS, Facts, MissingFact, Stage, Vocabulary
from plan_rules.rules.literal import Literal, Unknown
from plan_rules.rules.masks import Ask, Codes, Mask, asking
from plan_rules.rules.normal import normal_forms
from plan_rules.rules.rule import RuleSet

CHUNK = 32_768
"""Rows taken at once: enough to outweigh Python, few enough for the masks to stay in the cache."""

WORD = 64
"""Rules in one word of firings."""

BYTE = 8
"""Rules in one byte of a word."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Column:
    """One fact in every row: its code, of any integer type, and whether it is known.

    A number instead of an array stands for every row. The code of a row in which the fact is not
    known may be anything.
    """

    codes: Codes | int
    known: Mask | bool = True


UNKNOWN = Column(codes=0, known=False)
"""A fact that no row knows."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Firings:
    """What fired: bit `i % 64` of `words[i // 64, row]` is set where the rule of index `i` did.

    `words` has one row of unsigned 64-bit words for every 64 rules of the set, and a column for
    each row of the table. `tags` holds for each row the tags set so far, as a code of `tags`.
    """

    words: NDArray[np.uint64]
    tags: NDArray[np.int64]

    def rule(self, index: int) -> Mask:
        """Return for each row whether the rule of this index fired."""
        found: Mask = (self.words[index // WORD] >> np.uint64(index % WORD)) & np.uint64(1) != 0
        return found

    def of(self, row: int) -> frozenset[int]:
        """Return the indexes of the rules that fired in a row."""
        return frozenset(
            at * WORD + bit
            for at, word in enumerate(self.words[:, row].tolist())
            for bit in range(WORD)
            if word >> bit & 1
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Plan:
    """One rule over literals by their places: alternatives of places; no place at all: always."""

    index: int
    alternatives: tuple[tuple[int, ...], ...]
    tags: int


class Columns:
    """Decides a stage for every row of a table; as an engine, for one sheet of facts.

    Raises `TooManyAlternatives` as the normal form does.
    """

    name = "columns"
    """The name that outcomes carry."""

    def __init__(self, rules: RuleSet) -> None:
        """Bring the rules into normal form."""
        self.rules = rules
        self._forms = normal_forms(rules)

    def fired(self, layer: tuple[int, ...], facts: Facts) -> frozenset[int]:
        """Return the indexes of the rules of a layer that are true, from a table of one row.

        Raises `MissingFact` where a fact that is always known was not given.
        """
        facts.require(self.rules.needs(layer))
        table = {
            spec.name: Column(
                codes=np.array([facts.codes.get(spec.name, 0)], dtype=np.int64),
                known=np.array([spec.name in facts.codes]),
            )
            for spec in self.rules.vocabulary
        }
        return self._decide((layer,), table, 1).of(0)

    def decide(self, *, stage: Stage, table: Mapping[str, Column], rows: int) -> Firings:
        """Return what fires in each of the rows, layer after layer as `decision.decide` does.

        A fact that the table leaves out is not known; without `tags` none is set yet. Codes are
        within the ranges of their facts. Raises `UnknownId` for a column nobody declared,
        `InvalidValue` for one of another length or type, `MissingFact` for a fact that is
        always known and that some row does not have.
        """
        layers = self.rules.strata(stage)
        given = dict(table)
        for name, column in given.items():
            _check(self.rules.vocabulary[name].name, column, rows)
        if self.rules.tags:
            given[TAGS] = Column(codes=_tags(given.get(TAGS, UNKNOWN), rows))
        for name in sorted(frozenset[str]().union(*map(self.rules.needs, layers))):
            if not np.all(given.get(name, UNKNOWN).known):
                raise MissingFact(name=name)
        return self._decide(layers, given, rows)

    def _decide(
        self, layers: tuple[tuple[int, ...], ...], table: Mapping[str, Column], rows: int
    ) -> Firings:
        tags = _tags(table.get(TAGS, UNKNOWN), rows)
        literals: dict[Literal, int] = {}
        plans = [[self._plan(index, table, literals) for index in layer] for layer in layers]
        asks = _asks(literals, self.rules.vocabulary)
        count = -(-len(self.rules) // WORD)
        packed = np.zeros((count, rows, WORD // BYTE), dtype=np.uint8)
        for start in range(0, rows, CHUNK):
            chunk = slice(start, min(start + CHUNK, rows))
            _Chunk(table=table, asks=asks, tags=tags, rows=chunk).decide(plans, packed[:, chunk])
        words = packed.view("<u8").reshape(count, rows).astype(np.uint64, copy=False)
        return Firings(words=words, tags=tags)

    def _plan(self, index: int, table: Mapping[str, Column], literals: dict[Literal, int]) -> _Plan:
        """Return a rule without the literals that are the same in every row."""
        found = []
        for alternative in self._forms[index]:
            places: list[int] = []
            for literal in alternative.literals:
                holds = _everywhere(literal, table.get(literal.fact, UNKNOWN))
                if holds is None:
                    places.append(literals.setdefault(literal, len(literals)))
                elif not holds:
                    break
            else:
                found.append(tuple(places))
        words = self.rules.tags
        tags = sum(1 << words.index(tag) for tag in set(self.rules.rules[index].sets))
        return _Plan(index=index, alternatives=tuple(found), tags=tags)


class _Chunk:
    """Some rows, and the masks of those literals that were asked for in them."""

    def __init__(
        self,
        *,
        table: Mapping[str, Column],
        asks: list[tuple[str, Ask | None]],
        tags: NDArray[np.int64],
        rows: slice,
    ) -> None:
        self._asks = asks
        self._masks: list[Mask | None] = [None] * len(asks)
        self._tags = tags[rows]
        self._all = np.ones(self._tags.shape, dtype=np.bool_)
        columns = {fact: table.get(fact, UNKNOWN) for fact, _ in asks}
        self._cells = {fact: _cells(column, rows, self._tags) for fact, column in columns.items()}
        if TAGS in columns:
            self._cells[TAGS] = replace(self._cells[TAGS], codes=self._tags)

    def decide(self, layers: list[list[_Plan]], packed: NDArray[np.uint8]) -> None:
        """Write into `packed`, words by rows by bytes, what fires, and the tags into the tags.

        A mask that was made stays right: no layer reads a tag that it or a later one sets.
        """
        for layer in layers:
            tagged: list[tuple[int, Mask]] = []
            for byte, plans in groupby(layer, key=lambda plan: plan.index // BYTE):
                bits = np.zeros(self._all.shape, dtype=np.uint8)
                for plan in plans:
                    fired = self._fired(plan.alternatives)
                    if fired is not None:
                        _add(bits, fired, plan.index % BYTE)
                        tagged += [(plan.tags, fired)] if plan.tags else []
                packed[byte // BYTE, :, byte % BYTE] |= bits
            for tags, fired in tagged:
                self._tags[fired] |= tags

    def _fired(self, alternatives: tuple[tuple[int, ...], ...]) -> Mask | None:
        """Return where one of the alternatives holds, or `None` if there is none."""
        found: Mask | None = None
        for places in alternatives:
            held = self._every(places)
            found = held if found is None else found | held
        return found

    def _every(self, places: tuple[int, ...]) -> Mask:
        if not places:
            return self._all
        held = self._mask(places[0])
        if len(places) > 1:
            held = held & self._mask(places[1])
            for place in places[2:]:
                held &= self._mask(place)
        return held

    def _mask(self, place: int) -> Mask:
        """Return where a literal holds, made once: of unknown facts only `Unknown` does."""
        mask = self._masks[place]
        if mask is None:
            fact, ask = self._asks[place]
            mask = self._masks[place] = self._cells[fact].where(ask)
        return mask


def _asks(literals: Mapping[Literal, int], vocabulary: Vocabulary) -> list[tuple[str, Ask | None]]:
    """Return for each literal, in order, its fact and what answers it; nothing does `Unknown`."""
    return [
        (
            each.fact,
            None if isinstance(each, Unknown) else asking(each, vocabulary[each.fact]),
        )
        for each in literals
    ]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Cells:
    """Some rows of a column; without `known` the fact is known in all of them."""

    codes: Codes
    known: Mask | None

    def where(self, ask: Ask | None) -> Mask:
        """Return where a literal holds, or, without what answers it, where nothing is known."""
        if self.known is None:
            return np.zeros(self.codes.shape, dtype=np.bool_) if ask is None else ask(self.codes)
        return ~self.known if ask is None else ask(self.codes) & self.known


def _cells(column: Column, rows: slice, like: NDArray[np.int64]) -> _Cells:
    codes, known = column.codes, column.known
    return _Cells(
        codes=np.full_like(like, codes) if isinstance(codes, int) else codes[rows],
        known=None if isinstance(known, bool) else known[rows],
    )


def _add(bits: NDArray[np.uint8], fired: Mask, bit: int) -> None:
    """Set a bit of each row that fired; eight rows at once, whose bytes do not meet."""
    if bits.size % BYTE:
        bits |= fired.view(np.uint8) << np.uint8(bit)
    else:
        eight = bits.view(np.uint64)
        eight |= fired.view(np.uint64) << np.uint64(bit)


def _tags(column: Column, rows: int) -> NDArray[np.int64]:
    """Return the tags set before the stage, to be added to; what is not known is none."""
    known = np.where(column.known, column.codes, 0).astype(np.int64)
    return np.array(np.broadcast_to(known, (rows,)))


def _everywhere(literal: Literal, column: Column) -> bool | None:
    """Return whether a literal holds in every row or in none, or `None` if rows may differ."""
    if not isinstance(column.known, bool):
        return None
    if isinstance(literal, Unknown):
        return not column.known
    if not column.known:
        return False
    return literal.holds(column.codes) if isinstance(column.codes, int) else None


def _check(name: str, column: Column, rows: int) -> None:
    """Refuse a column of another length than the table's, and codes that are not whole."""
    for values, kinds, expected in ((column.codes, "iu", "integers"), (column.known, "b", "bools")):
        if isinstance(values, int):
            continue
        if values.shape != (rows,) or values.dtype.kind not in kinds:
            raise InvalidValue(
                name=name,
                value=f"{values.dtype} of shape {values.shape}",
                expected=f"{expected} of shape ({rows},)",
            )
