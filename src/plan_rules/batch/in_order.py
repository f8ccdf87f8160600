"""Work done on several threads, and its results in the order it was given in."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from plan_rules.errors import InvalidValue

Task = TypeVar("Task")
Result = TypeVar("Result")


def in_order(
    work: Callable[[Task], Result], tasks: Iterable[Task], *, threads: int
) -> Iterator[Result]:
    """Yield the result of each task; 1 thread does the work here, one after the other.

    No more than one task for each thread is begun before its result is asked for. Raises
    `InvalidValue` for less than one thread, and what a task raises in its turn.
    """
    if threads < 1:
        raise InvalidValue(name="threads", value=threads, expected="at least 1")
    if threads == 1:
        yield from map(work, tasks)
        return
    with ThreadPoolExecutor(max_workers=threads) as pool:
        waiting: deque[Future[Result]] = deque()
        for each in tasks:
            waiting.append(pool.submit(work, each))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
