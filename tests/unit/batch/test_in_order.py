from __future__ import annotations

import threading
import time

import pytest

from plan_rules.batch.in_order import in_order
from plan_rules.errors import InvalidValue


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_results_come_in_the_order_of_tasks(threads: int) -> None:
    def slower_first(task: int) -> int:
        time.sleep(0.002 * (task % 3))
        return task * task

    assert list(in_order(slower_first, range(20), threads=threads)) == [n * n for n in range(20)]


@pytest.mark.parametrize("threads", [1, 3])
def test_no_more_is_begun_than_there_are_threads_and_one(threads: int) -> None:
    begun: list[int] = []
    lock = threading.Lock()

    def work(task: int) -> int:
        with lock:
            begun.append(task)
        return task

    results = in_order(work, range(100), threads=threads)
    assert next(results) == 0
    assert len(begun) <= threads + 1
    results.close()  # type: ignore[attr-defined]
    assert len(begun) <= threads + 1


@pytest.mark.parametrize("threads", [1, 2])
def test_a_task_that_fails_raises_in_its_turn(threads: int) -> None:
    def work(task: int) -> int:
        if task == 3:
            raise ZeroDivisionError
        return task

    found = in_order(work, range(10), threads=threads)
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    with pytest.raises(ZeroDivisionError):
        next(found)


def test_no_thread_at_all_is_refused() -> None:
    with pytest.raises(InvalidValue):
        list(in_order(str, [1], threads=0))
