"""The commands that compare plans: `recommend` and `explain`."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

import click

from plan_rules.advice.explaining import PlanAnswer, explain
from plan_rules.advice.policy import Policy
from plan_rules.advice.recommendation import Recommendation, WhyNot, recommend
from plan_rules.assessment.billing import rate
from plan_rules.catalog.catalog import Catalog
from plan_rules.cli import documents, reasons, words
from plan_rules.cli.edge import (
    AS_OF,
    CALLS,
    CATALOG,
    CURRENT,
    FORMAT,
    UNSOUND_OR_UNREAD,
    exits,
    read_given,
    show_json,
    show_rejected,
    today,
    wide_console,
)
from plan_rules.cli.explanation_document import explanation_document
from plan_rules.loading.loader import load_catalog
from plan_rules.usage.customer import Customer
from plan_rules.usage.readers.calls import CallFile


@click.command("explain", epilog=exits(UNSOUND_OR_UNREAD))
@click.option("--plan", "plan_id", help="One plan, with every call; every plan if left out.")
@CALLS
@CATALOG
@FORMAT
@CURRENT
@AS_OF
def explain_command(
    plan_id: str | None, form: str, *, current: str | None, as_of: datetime | None, **given: Any
) -> None:
    """Show why: every call of a plan back to file and line, and every rule, fired or not."""
    catalog = load_catalog(given["catalog_path"])
    customer, calls = read_given(catalog, given, current=current)
    if plan_id is not None:
        show_bills(catalog, customer, calls, plan_id, form, show_calls=True)
        if form == "json":
            return
    advice = advise(catalog, customer, calls, as_of=as_of)
    answers = explain(catalog=catalog, advice=advice)
    shown = [each for each in answers if plan_id in {None, each.plan.id}]
    show_answers(catalog, advice, shown, form)
    show_rejected(calls)


@click.command("recommend", epilog=exits(UNSOUND_OR_UNREAD))
@CALLS
@CATALOG
@FORMAT
@CURRENT
@click.option(
    "--policy",
    type=click.Choice([each.value for each in Policy]),
    default=Policy.CHEAPEST_EXPECTED.value,
    show_default=True,
    help="How options are ranked.",
)
@AS_OF
@click.option(
    "--top", type=click.IntRange(1), default=6, show_default=True, help="How many plans to show."
)
def recommend_command(
    form: str, *, current: str | None, policy: str, as_of: datetime | None, top: int, **given: Any
) -> None:
    """Rank every plan for a customer by their own calls."""
    catalog = load_catalog(given["catalog_path"])
    customer, calls = read_given(catalog, given, current=current)
    advice = advise(catalog, customer, calls, as_of=as_of, policy=Policy(policy))
    if form == "json":
        show_json(documents.recommendation_document(advice, rejected=calls.rejected))
        return
    console = wide_console()
    console.print(words.recommendation_table(advice, top=top))
    if len(advice.options) > top:
        console.print(f"{len(advice.options)} plans were compared; --top shows more of them.")
    best = advice.advised
    if best is not None:
        console.print(words.coverage_table(best.assessment.coverage, plan=best.plan.name))
    for sentence in words.advice_sentences(advice):
        console.print(sentence)
    if best is not None:
        for sentence in reasons.eligibility_sentences(best.assessment.eligibility):
            console.print(sentence)
    for rejection in advice.excluded:
        told = reasons.excluded_sentences(rejection.plan.name, rejection.eligibility.excluded)
        for sentence in told:
            console.print(sentence, soft_wrap=True)
    unsold = [each for each in advice.rejected if each.why_not is WhyNot.NOT_FOR_SALE]
    if unsold:
        console.print(f"Not for sale on {advice.as_of}: {words.names(unsold)}.")
    show_rejected(calls)


def show_bills(
    catalog: Catalog,
    customer: Customer,
    calls: CallFile,
    plan_id: str,
    form: str,
    *,
    show_calls: bool,
) -> None:
    """Show the bills of calls on a plan."""
    bills = rate(catalog=catalog, plan=plan_id, calls=calls.calls, customer=customer)
    if form == "json":
        show_json(documents.bills_document(bills, calls=calls, with_calls=show_calls))
        return
    console = wide_console()
    for bill in bills:
        console.print(words.bill_table(bill))
        if show_calls:
            console.print(words.call_table(bill))


def show_answers(
    catalog: Catalog,
    advice: Recommendation,
    answers: Iterable[PlanAnswer],
    form: str,
    *,
    with_others: bool = False,
) -> None:
    """Show plans with what rules say of them."""
    vocabulary, currency = catalog.rules.vocabulary, catalog.currency
    if form == "json":
        show_json(explanation_document(advice, answers, vocabulary=vocabulary))
        return
    for line in reasons.explanation_lines(
        answers, vocabulary=vocabulary, currency=currency, with_others=with_others
    ):
        click.echo(line)


def advise(
    catalog: Catalog,
    customer: Customer,
    calls: CallFile,
    *,
    as_of: datetime | None,
    policy: Policy = Policy.CHEAPEST_EXPECTED,
) -> Recommendation:
    """Return the recommendation on a day, today if none is named."""
    return recommend(
        catalog=catalog,
        calls=calls.calls,
        customer=customer,
        as_of=as_of.date() if as_of is not None else today(customer),
        policy=policy,
    )
