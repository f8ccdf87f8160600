from __future__ import annotations

from plan_rules.batch.book import batch_book
from tests.unit.assessment.rule_catalogs import catalog


def test_a_catalog_is_laid_out_once() -> None:
    found, other = catalog(), catalog()
    assert batch_book(found) is batch_book(found)
    assert batch_book(other) is not batch_book(found)
    assert batch_book(found).plan_ids == tuple(found.plans)
