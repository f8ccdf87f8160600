"""A compiled tariff laid out as arrays."""

from __future__ import annotations

from dataclasses import dataclass

from plan_rules.tariff.book import TariffBook


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchBook:
    """A `TariffBook` as the columnar kernels read it: immutable, picklable."""

    digest: str
    currency: str
    plan_ids: tuple[str, ...]

    @classmethod
    def of(cls, book: TariffBook) -> BatchBook:
        """Lay out a compiled catalog."""
        return cls(digest=book.digest, currency=book.currency, plan_ids=tuple(book.plans))
