"""Boxes: for each of some facts, what it may be; all other facts are free.

The analysis of rules asks one question only: does a box hold anything? A condition is a union
of boxes (see `regions`), so that "never fires", "both can fire" and "fires whenever the other
does" are all questions of whether some intersections are empty. Numbers, amounts, dates and
words of enums are ranges of codes; sets of words are masks of words that must be there or must
not be. Unlike a literal of the normal form, a cell may allow a fact to be unknown *or* so and
so, which keeps the negation of a rule small. Cells say exactly what comparisons say, so that
the answers are exact as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from plan_rules.errors import PlanRulesError
from plan_rules.rules.condition import Comparison, Operator
from plan_rules.rules.fact import AS_OF, FactSpec, FactType, Vocabulary
from plan_rules.rules.literal import Among, common
from plan_rules.rules.normal import alternatives_of

MOST_STEPS = 10_000
"""The most steps that one question about a set of words may take."""

TAGGED_ON = "as-of (eligibility)"
"""The day on which eligibility was asked, and tags were set, where a bill is asked about.

It is a fact of its own: bills of a forecast are asked about on a later day (`as-of`), never on
an earlier one.
"""

Range = tuple[int, int]


class TooIntricate(PlanRulesError):
    """A question with more cases than are worth going through; nothing is claimed then."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """Codes in `ranges`, which ascend and stand apart, both ends inclusive.

    `unknown` says whether the fact may be unknown instead.
    """

    unknown: bool
    ranges: tuple[Range, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left that the fact could be."""
        return not self.unknown and not self.ranges

    def __and__(self, other: Numbers) -> Numbers:
        """Return what lies in both."""
        ours, theirs = self.ranges, other.ranges
        if len(ours) == 1 and len(theirs) == 1:
            low, high = max(ours[0][0], theirs[0][0]), min(ours[0][1], theirs[0][1])
            both: tuple[Range, ...] = ((low, high),) if low <= high else ()
        else:
            both = common(ours, theirs)
        return Numbers(self.unknown and other.unknown, both)

    def holds(self, code: int | None) -> bool:
        """Whether a code, or `None` for unknown, lies in it."""
        if code is None:
            return self.unknown
        return any(low <= code <= high for low, high in self.ranges)


@dataclass(frozen=True, slots=True)
class Words:
    """Sets of words: all of `must`, none of `lack`, and what two kinds of clauses ask for.

    Each mask of `some` needs one of its words at least, each of `short` lacks one at least.
    `known` is false where no set is possible; `unknown` says whether the fact may be unknown
    instead.
    """

    unknown: bool
    known: bool = True
    must: int = 0
    lack: int = 0
    some: frozenset[int] = frozenset()
    short: frozenset[int] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is left that the fact could be."""
        return not self.unknown and not self.known

    def __and__(self, other: Words) -> Words:
        """Return what lies in both; raise `TooIntricate` where that cannot be told soon."""
        unknown = self.unknown and other.unknown
        if not (self.known and other.known):
            return Words(unknown, known=False)
        both = Words(
            unknown,
            must=self.must | other.must,
            lack=self.lack | other.lack,
            some=self.some | other.some,
            short=self.short | other.short,
        )
        return both if both.fewest() is not None else Words(unknown, known=False)

    def holds(self, code: int | None) -> bool:
        """Whether a set given by its code, or `None` for unknown, lies in it."""
        if code is None:
            return self.unknown
        return (
            self.known
            and code & self.must == self.must
            and not code & self.lack
            and all(code & mask for mask in self.some)
            and all(code & mask != mask for mask in self.short)
        )

    def fewest(self) -> int | None:
        """Return a set of few words that lies in it, or `None` if there is none.

        Raises `TooIntricate` where that cannot be told in `MOST_STEPS` steps.
        """
        if not self.known or self.must & self.lack:
            return None
        return _met(self, self.must, [MOST_STEPS])


def _met(words: Words, chosen: int, steps: list[int]) -> int | None:
    """Return `chosen` with words added until each clause of `some` is met, or `None`."""
    steps[0] -= 1
    if steps[0] < 0:
        raise TooIntricate
    if any(chosen & mask == mask for mask in words.short):
        return None
    choices = min((mask & ~words.lack for mask in words.some if not chosen & mask), default=-1)
    if choices < 0:
        return chosen
    while choices:
        word = choices & -choices
        found = _met(words, chosen | word, steps)
        if found is not None:
            return found
        choices ^= word
    return None


Cell = Numbers | Words
"""What one fact may be."""


def whole(spec: FactSpec) -> Cell:
    """Return all that a fact can be."""
    if spec.type is FactType.SET:
        return Words(spec.optional)
    return Numbers(spec.optional, ((spec.low, spec.high),))


def cell_of(comparison: Comparison, vocabulary: Vocabulary, *, wanted: bool) -> Cell:
    """Return what the fact of a comparison has to be for it to be true, or false (`wanted`)."""
    spec = vocabulary[comparison.fact]
    if comparison.operator is Operator.KNOWN:
        known = bool(comparison.operands[0]) == wanted
        unknown = spec.optional and not known
        if spec.type is FactType.SET:
            return Words(unknown, known=known)
        return Numbers(unknown, ((spec.low, spec.high),) if known else ())
    unknown = spec.optional and not wanted
    if spec.type is FactType.SET:
        return _words(comparison, wanted=wanted, unknown=unknown)
    ranges: tuple[Range, ...] = ()
    for alternative in alternatives_of(comparison, vocabulary, holds=wanted):
        if not alternative.literals:
            ranges = ((spec.low, spec.high),)
        for literal in alternative.literals:
            ranges = literal.ranges if isinstance(literal, Among) else ranges
    return Numbers(unknown, ranges)


def _words(comparison: Comparison, *, wanted: bool, unknown: bool) -> Words:
    mask = sum(1 << word for word in set(comparison.operands))
    is_one = mask.bit_count() == 1
    any_will_do = comparison.operator is Operator.HAS_ANY
    if wanted:
        if any_will_do and not is_one:
            return Words(unknown, some=frozenset({mask}))
        return Words(unknown, must=mask)
    if any_will_do or is_one:
        return Words(unknown, lack=mask)
    return Words(unknown, short=frozenset({mask}))


@dataclass(frozen=True, slots=True)
class Box:
    """For some facts what each may be, none of it empty; every other fact is free."""

    cells: Mapping[str, Cell]

    def __and__(self, other: Box) -> Box | None:
        """Return what lies in both boxes, or `None` if nothing does."""
        large, small = self.cells, other.cells
        if len(large) < len(small):
            large, small = small, large
        found: dict[str, Cell] = dict(large)
        for name, cell in small.items():
            other_cell = found.get(name)
            both = cell if other_cell is None else both_of(other_cell, cell)
            if both.is_empty:
                return None
            found[name] = both
        return Box(found) if _in_order(found.get(TAGGED_ON), found.get(AS_OF)) else None

    def meets(self, other: Box) -> bool:
        """Whether something lies in both boxes."""
        large, small = self.cells, other.cells
        if len(large) < len(small):
            large, small = small, large
        for name, cell in small.items():
            other_cell = large.get(name)
            if other_cell is not None and both_of(other_cell, cell).is_empty:
                return False
        return not (TAGGED_ON in large or TAGGED_ON in small) or self & other is not None

    def holds(self, codes: Mapping[str, int]) -> bool:
        """Whether facts with these codes, all others unknown, lie in the box."""
        return all(cell.holds(codes.get(name)) for name, cell in self.cells.items())

    def lies_in(self, other: Box) -> bool:
        """Whether it is seen at once that the box lies in another; it may do so all the same."""
        ours = self.cells
        if len(ours) < len(other.cells):
            return False
        for name, cell in other.cells.items():
            mine = ours.get(name)
            if mine is None or (mine is not cell and both_of(mine, cell) != mine):
                return False
        return True


def _in_order(earlier: Cell | None, later: Cell | None) -> bool:
    """Whether some day of the one comes no later than some day of the other."""
    if isinstance(earlier, Numbers) and isinstance(later, Numbers):
        return earlier.ranges[0][0] <= later.ranges[-1][1]
    return True


def box_of(codes: Mapping[str, int], *, vocabulary: Vocabulary) -> Box:
    """Return the box of exactly these codes; facts that nobody declares are passed over."""
    known = (name for name in codes if name in vocabulary)
    return Box({name: _exactly(vocabulary[name], codes[name]) for name in known})


def _exactly(spec: FactSpec, code: int) -> Cell:
    if spec.type is FactType.SET:
        return Words(unknown=False, must=code, lack=spec.high & ~code)
    return Numbers(unknown=False, ranges=((code, code),))


FREE = Box({})
"""The box of everything."""


def both_of(ours: Cell, theirs: Cell) -> Cell:
    """Return what lies in both of two cells of one fact."""
    if isinstance(ours, Numbers) and isinstance(theirs, Numbers):
        return ours & theirs
    if isinstance(ours, Words) and isinstance(theirs, Words):
        return ours & theirs
    raise TypeError(f"{ours} and {theirs} are of two facts")  # pragma: no cover


def outermost(boxes: Iterable[Box]) -> tuple[Box, ...]:
    """Return the boxes without those that are seen at once to lie in another of them."""
    found: list[Box] = []
    for box in boxes:
        if not any(box.lies_in(other) for other in found):
            found = [other for other in found if not other.lies_in(box)]
            found.append(box)
    return tuple(found)
