"""Write the generated pages of the reference, or check that they are current.

Run `python -m tools.build_reference` after a change of `schemas/`, of `tests/errors/`, of the
issue codes, of the command line or of the built-in facts, which stand in the schema of rules too.
With `--check` nothing is written: it names every page that is not current and exits with 1.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from tools.reference.commands import commands_page
from tools.reference.errors import errors_page
from tools.reference.facts import facts_page, rules_schema
from tools.reference.pages import Page, page_text
from tools.reference.schemas import Book

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "docs" / "reference"
CATALOG = ROOT / "catalog"

CATALOG_PAGES = (
    Page(
        name="root",
        kind="catalog",
        heading="`catalog.yaml`",
        lead="""\
The root of a catalog, beside `facts.yaml` and the folders `plans`, `rates`, `bands`, `zones` and
`rules`. It names the
currency of all prices, the clock they follow, how an uncertain number is priced, and the tax.""",
        whole=(CATALOG / "catalog.yaml").read_text("utf-8"),
        values="none",
    ),
    Page(
        name="plan",
        kind="plan",
        heading="Plans: `plans/*.yaml`",
        lead="""\
One file for each plan. What a plan does not say, its [rate table](rates.md) says; what neither
says, no call costs: a destination without a price cannot be called.
[Allowances](../../explanation/allowances.md), [rounding](../../explanation/rounding.md) and
[what a selector reaches](../../explanation/destinations.md) are explained apart.""",
        whole=(CATALOG / "plans" / "americas-500.yaml").read_text("utf-8"),
    ),
    Page(
        name="rates",
        kind="rates",
        heading="Rate tables: `rates/*.yaml`",
        lead="""\
One file for each table of prices. Plans share tables, and override single rates of them. What a
rate does not write is taken from what stands around it: by a band from its rate, by a rate from
the table's `defaults`, and by a plan's override from the rate that it overrides.
[Increments](../../explanation/increments.md) and [time bands](../../explanation/time-bands.md)
are explained apart.""",
    ),
    Page(
        name="bands",
        kind="bands",
        heading="Time bands: `bands/*.yaml`",
        lead="""\
One file for each set of hours with prices of their own. At any moment the band with the highest
precedence holds; where precedences are equal, the one listed first. More on
[time bands](../../explanation/time-bands.md).""",
        whole=(CATALOG / "bands" / "office-hours.yaml").read_text("utf-8"),
    ),
    Page(
        name="zone",
        kind="zone",
        heading="Zones: `zones/*.yaml`",
        lead="""\
One file for each named set of destinations. It is the operator's own: the EU is what this file
says it is. More on [destinations](../../explanation/destinations.md).""",
        whole=(CATALOG / "zones" / "americas.yaml").read_text("utf-8"),
    ),
    Page(
        name="facts",
        kind="facts",
        heading="Facts of your own: `facts.yaml`",
        lead="""\
What the operator knows of customers beside [what is built in](../facts.md): declared once, with
the values each fact can have, so that a misspelt word in a rule or in a customer's file is told
at once.""",
        whole=(CATALOG / "facts.yaml").read_text("utf-8"),
    ),
    Page(
        name="rules",
        kind="rules",
        heading="Rules: `rules/*.yaml`",
        lead="""\
Any number of files, each with the rules of one theme; they are asked in the order of file names
and lines. [Facts](../facts.md) lists what they can ask for, and [the language of
rules](../../explanation/rule-language.md) explains it.""",
        whole=(CATALOG / "rules" / "1-who-may-have-a-plan.yaml").read_text("utf-8"),
    ),
    Page(
        name="cases",
        kind="cases",
        heading="Cases: `tests/*.yaml`",
        lead="""\
Beside a catalog, and no part of it: facts, and the rules that are expected to fire for them. [Try
rules with cases](../../how-to/cover-rules.md) says how they are used.""",
        whole=(CATALOG / "tests" / "2-bills.yaml").read_text("utf-8"),
    ),
    Page(
        name="values",
        kind="catalog",
        heading="Values",
        lead="What prices, dates, increments and selectors look like, wherever they stand.",
        values="only",
    ),
)

DOCUMENT_PAGES = (
    Page(
        name="customer",
        kind="customer",
        heading="Customers",
        lead="""\
What `--customer` reads, as YAML or JSON, and `read_customer` in Python. More on
[customer files](../call-files.md#customer-files).""",
    ),
    Page(
        name="bills",
        kind="bills",
        heading="Bills",
        lead="""\
What `plan-rules rate --format json` and `plan-rules explain --plan ID --format json` print.""",
        json=True,
    ),
    Page(
        name="usage",
        kind="usage",
        heading="Usage",
        lead="""\
What `plan-rules usage --format json` prints, and `usage_document` returns. [Show a customer their
usage](../../how-to/show-usage.md) says what its figures mean.""",
        json=True,
    ),
    Page(
        name="subscription",
        kind="subscription",
        heading="Subscriptions",
        lead="""\
What `subscription_document` returns and `read_subscription` reads: the events of a subscription,
and its state as they make it. More on [switching](../../explanation/switching.md).""",
        json=True,
    ),
    Page(
        name="switch-quote",
        kind="switch-quote",
        heading="Switch quotes",
        lead="""\
What `quote_document` returns and `read_quote` reads, and `plan-rules switch --format json` prints.
More on [switching](../../explanation/switching.md).""",
        json=True,
    ),
    Page(
        name="journey",
        kind="journey",
        heading="Journeys",
        lead="""\
What `journey_document` returns and `read_journey` reads: an agent's way with a customer, and what
each step left behind. [Guide an agent](../../how-to/guide-an-agent.md) takes the steps.""",
        json=True,
    ),
    Page(
        name="switch-refusal",
        kind="switch-refusal",
        heading="Switch refusals",
        lead="""\
What `plan-rules switch --format json` prints where the customer may not switch; the exit code is
then 1.""",
        json=True,
    ),
    Page(
        name="subscription-history",
        kind="subscription-history",
        heading="Subscription histories",
        lead="""\
What `plan-rules subscription history --format json` prints.""",
        json=True,
    ),
    Page(
        name="recommendation",
        kind="recommendation",
        heading="Recommendations",
        lead="""\
What `plan-rules recommend --format json` prints. [How plans are
compared](../../explanation/recommending.md) says how its figures come about.""",
        json=True,
    ),
    Page(
        name="explanation",
        kind="explanation",
        heading="Explanations",
        lead="""\
What `plan-rules explain --format json` prints without `--plan`: every rule about every plan, and
how near those that did not fire came to it.""",
        json=True,
    ),
    Page(
        name="findings",
        kind="findings",
        heading="Findings",
        lead="""\
What `plan-rules rules check --format json` prints: [what is
wrong](../../how-to/check-rules.md) with rules in their meaning.""",
        json=True,
    ),
    Page(
        name="coverage",
        kind="coverage",
        heading="Coverage",
        lead="""\
What `plan-rules rules coverage --format json` prints: [which rules](../../how-to/cover-rules.md)
calls or cases have tried.""",
        json=True,
    ),
    Page(
        name="batch",
        kind="batch",
        heading="Batches",
        lead="""\
What `plan-rules batch --format json` prints, and what `summary.json` says beside the results.
[Price many customers](../../how-to/batch.md) shows how to get there.""",
        json=True,
    ),
    Page(
        name="impact",
        kind="impact",
        heading="Impacts",
        lead="""\
What `plan-rules impact --format json` prints. [See what a change does to
customers](../../how-to/impact.md) shows how to get there.""",
        json=True,
    ),
    Page(
        name="issues",
        kind="issues",
        heading="Issues",
        lead="""\
What `plan-rules check --format json` prints: every [issue](../errors.md) of a catalog.""",
        json=True,
    ),
    Page(
        name="numbers",
        kind="numbers",
        heading="Numbers",
        lead="""\
What `plan-rules numbering lookup --format json` prints: where numbers lead.""",
        json=True,
    ),
)


def pages() -> Mapping[Path, str]:
    """Return the text of every generated page by its place."""
    book = Book(ROOT / "schemas")
    codes = ROOT / "src" / "plan_rules" / "loading" / "codes.py"
    return {
        **{
            REFERENCE / "catalog" / f"{page.name}.md": page_text(page, book)
            for page in CATALOG_PAGES
        },
        **{
            REFERENCE / "documents" / f"{page.name}.md": page_text(page, book)
            for page in DOCUMENT_PAGES
        },
        ROOT / "schemas" / "rules.schema.json": rules_schema(
            ROOT / "schemas" / "rules.schema.json"
        ),
        REFERENCE / "facts.md": facts_page(),
        REFERENCE / "command-line.md": commands_page(),
        REFERENCE / "errors.md": errors_page(ROOT / "tests" / "errors", codes.read_text("utf-8")),
    }


def main(arguments: list[str]) -> int:
    """Write the pages, or with `--check` name those that are not current."""
    stale = {
        path: text
        for path, text in pages().items()
        if not path.is_file() or path.read_text("utf-8") != text
    }
    for path, text in stale.items():
        place = path.relative_to(ROOT)
        if "--check" in arguments:
            print(f"not current: {place}; run python -m tools.build_reference", file=sys.stderr)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, "utf-8")
            print(f"written: {place}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
