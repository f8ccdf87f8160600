"""Write the JSON Schemas of the catalog's files from one set of fragments.

Run `python tools/build_schemas.py`. The schemas are 2020-12 but use only keywords that
editors of older drafts know too; every property is described for hover and completion.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SCHEMAS = Path(__file__).parents[1] / "schemas"
VERSION = "1"

LINES = "fixed|mobile|either|premium|satellite|toll-free|special"
ID = r"^[a-z0-9]+(-[a-z0-9]+)*$"
DATE = r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
SELECTOR = rf"^(\+[1-9][0-9]{{0,14}}|([A-Z]{{2}}|001|[a-z0-9]+(-[a-z0-9]+)*)(/({LINES}))?)$"
INCREMENT = r"^[1-9][0-9]{0,4}(/[1-9][0-9]{0,4})?$"
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$|^24:00(:00)?$"

Schema = dict[str, Any]


def told(description: str, **keywords: Any) -> Schema:
    """Return a schema with its description first."""
    return {
        "description": description,
        **{key.replace("_", ""): each for key, each in keywords.items()},
    }


def ident(description: str, example: str) -> Schema:
    return told(
        description + " Lower-case words joined by hyphens; never changed once published.",
        type="string",
        pattern=ID,
        patternErrorMessage="write lower-case words joined by hyphens, such as americas-500",
        examples=[example],
    )


def text(description: str, example: str) -> Schema:
    return told(description, type="string", minLength=1, examples=[example])


def day(description: str) -> Schema:
    return told(
        description,
        type="string",
        pattern=DATE,
        patternErrorMessage="write a date as year-month-day, such as 2026-01-31",
        examples=["2026-01-31"],
    )


def amount(description: str, example: float = 0.05) -> Schema:
    return told(
        description + " In the catalog's currency; at most six decimals.",
        type="number",
        minimum=0,
        maximum=1_000_000,
        examples=[example],
    )


def dated(description: str, example: float = 0.05) -> Schema:
    return told(
        description
        + " A price, or prices by the date each comes into force. At most six decimals.",
        type=["number", "object"],
        minimum=0,
        maximum=1_000_000,
        minProperties=1,
        patternProperties={DATE: amount("The price from this date on.", example)},
        additionalProperties=False,
        examples=[example, {"2026-01-01": example, "2026-07-01": example}],
    )


def choice(description: str, default: str | None = None, **meanings: str) -> Schema:
    words = {key.replace("_", "-"): meaning for key, meaning in meanings.items()}
    schema = told(
        description, type="string", enum=list(words), enumDescriptions=list(words.values())
    )
    if default is not None:
        schema["default"] = default
    return schema


def selectors(description: str) -> Schema:
    return told(
        description,
        type="array",
        minItems=1,
        items=SELECTOR_SCHEMA,
        examples=[["MX", "europe/mobile"]],
    )


def thing(description: str, required: list[str], properties: Schema, **more: Any) -> Schema:
    return told(
        description,
        type="object",
        required=required,
        properties=properties,
        additionalProperties=False,
        **more,
    )


SELECTOR_SCHEMA = told(
    "Destinations: a prefix (+5255), a country (MX), a country and line (MX/mobile), a zone "
    "(europe), a zone and line (europe/mobile), a line (satellite), default (every ordinary "
    "number), or chosen (the customer's country). Without a line only fixed and mobile are meant.",
    type="string",
    pattern=SELECTOR,
    patternErrorMessage="write +5255, MX, MX/mobile, a zone, a zone/mobile, satellite or default",
    examples=["MX/mobile"],
)
INCREMENT_SCHEMA = told(
    "Billing increments in seconds, first/next: a call bills the first, then whole steps of next.",
    type=["string", "integer"],
    pattern=INCREMENT,
    minimum=1,
    maximum=86400,
    patternErrorMessage="write first/next in seconds, such as 60/6",
    examples=["60/60", "30/6", "1/1"],
)
COUNT = {"type": "integer", "minimum": 0, "maximum": 1_000_000}

TERMS: Schema = {
    "price": dated("Price per minute."),
    "first-price": amount("Price per minute within the first increment, where it differs."),
    "connection-fee": amount("Charged once per call of which at least a second is paid."),
    "increment": INCREMENT_SCHEMA,
    "minimum": amount("The least such a call costs."),
    "cap": amount("The most such a call costs."),
    "tiers": told(
        "Other prices after some time of a call.",
        type="array",
        minItems=1,
        items=thing(
            "A price from some elapsed second on.",
            ["after", "price"],
            {
                "after": told(
                    "Elapsed seconds at which the tier starts.",
                    type="integer",
                    minimum=1,
                    maximum=86400,
                    examples=[600],
                ),
                "price": amount("Price per minute from then on."),
                "increment": told(
                    "Step in seconds from then on; the rate's own if left out.",
                    type="integer",
                    minimum=1,
                    maximum=86400,
                    examples=[6],
                ),
            },
        ),
        examples=[[{"after": 600, "price": 0.03}]],
    ),
}


def rate_value(description: str, *, banded: bool) -> Schema:
    properties = dict(TERMS)
    if banded:
        properties["note"] = text("A word on the rate, shown in explanations.", "Mexico City")
        properties["bands"] = told(
            "What differs by time band: for each band a price or terms.",
            type="object",
            minProperties=1,
            propertyNames={"pattern": ID},
            additionalProperties=rate_value("The price in this band.", banded=False),
            examples=[{"peak": 0.05, "off-peak": 0.03}],
        )
    return told(
        description + " A price per minute, or terms, or either of them by date.",
        type=["number", "object"],
        minimum=0,
        maximum=1_000_000,
        minProperties=1,
        properties=properties,
        patternProperties={
            DATE: told(
                "What holds from this date on: a price per minute or terms.",
                type=["number", "object"],
                minimum=0,
                maximum=1_000_000,
                minProperties=1,
                properties={**TERMS, "price": amount("Price per minute.")},
                additionalProperties=False,
            )
        },
        additionalProperties=False,
        examples=[0.02, {"price": 0.05, "increment": "30/6"}],
    )


RATES = told(
    "Prices by destination; the most specific selector wins.",
    type="object",
    propertyNames=SELECTOR_SCHEMA,
    additionalProperties=rate_value("The rate of these destinations.", banded=True),
    examples=[{"MX": 0.02, "MX/mobile": 0.05, "default": 0.5}],
)


def limit_list(description: str) -> Schema:
    metrics = {
        f"{metric}-per-{per}": told(
            f"At most so many {metric.replace('-', ' ')} in a {per}.", **COUNT, examples=[50]
        )
        for metric in ("minutes", "calls", "distinct-numbers")
        for per in ("cycle", "day")
    }
    return told(
        description,
        type="array",
        minItems=1,
        items=told(
            "One limit.",
            type="object",
            properties=metrics,
            additionalProperties=False,
            minProperties=1,
            maxProperties=1,
        ),
        examples=[[{"minutes-per-day": 360}]],
    )


def quantity(description: str, example: int) -> Schema:
    return told(
        description + " A number, or unlimited.",
        type=["integer", "string"],
        minimum=0,
        maximum=1_000_000,
        pattern="^unlimited$",
        patternErrorMessage="write a number or unlimited",
        examples=[example, "unlimited"],
    )


ALLOWANCE = thing(
    "Usage that the fee includes. Name exactly one of minutes, calls and money.",
    ["id", "to"],
    {
        "id": ident("The allowance's name within the plan.", "americas"),
        "minutes": quantity("Included minutes per cycle.", 500),
        "calls": quantity("Included calls per cycle, each covered whole.", 50),
        "money": amount("Included charges per cycle; drawn from what calls cost.", 10),
        "to": selectors("Where the allowance holds."),
        "without": selectors("What is taken out of it."),
        "priority": told(
            "Allowances are drawn in ascending priority, then most specific, then id.",
            **COUNT,
            default=100,
            examples=[1],
        ),
        "increment": {**INCREMENT_SCHEMA, "default": "60/60"},
        "remnant": choice(
            "What becomes of an increment that is covered only in part.",
            "usable",
            usable="The allowance gives its last seconds; the rest of the increment is charged.",
            forfeit="The last seconds stay unused.",
        ),
        "when-used-up": choice(
            "What happens to calls the allowance no longer covers.",
            "charge",
            charge="They are charged by the rate.",
            block="They are blocked.",
        ),
        "share": choice(
            "Whether one amount serves all destinations.",
            "all",
            all="One amount for all destinations together.",
            each_country="Each country has the whole amount.",
        ),
        "prices": told(
            "What a minute costs inside the allowance for some destinations; 0 if not named.",
            type="object",
            minProperties=1,
            propertyNames=SELECTOR_SCHEMA,
            additionalProperties=amount("Price per minute inside the allowance."),
            examples=[{"americas/mobile": 0.02}],
        ),
        "limits": told(
            "Fair use. With any, one limit exceeded ends the allowance; with all, only every one.",
            type="object",
            minProperties=1,
            maxProperties=1,
            properties={
                "any": limit_list("Each of these limits ends the allowance by itself."),
                "all": limit_list("Only when all are exceeded the allowance ends."),
            },
            additionalProperties=False,
        ),
    },
)

RESTRICTION = thing(
    "Something the plan does not allow. Name exactly one of block, allow and advise.",
    ["id", "reason"],
    {
        "id": ident("The restriction's name within the plan.", "no-satellite"),
        "block": selectors("Destinations the plan refuses."),
        "allow": selectors("The only destinations the plan permits."),
        "advise": selectors("Destinations the reason is told about; nothing is refused."),
        "reason": text(
            "What the customer is told, in plain words.",
            "Satellite numbers are not part of this plan.",
        ),
    },
)

SURCHARGE = thing(
    "An additional charge.",
    ["id", "to", "reason"],
    {
        "id": ident("The surcharge's name within the plan.", "cuba"),
        "to": selectors("Where it is due."),
        "per-minute": amount("For every billed minute, included ones too.", 0.2),
        "per-call": amount("Once for each call.", 0.1),
        "reason": text("What the customer is told.", "Termination in Cuba costs extra."),
    },
)

VOLUME = thing(
    "A price by the volume of a cycle, in place of the rate's price.",
    ["id", "to", "model"],
    {
        "id": ident("The volume price's name within the plan.", "bulk"),
        "to": selectors("Calls that count."),
        "model": choice(
            "How the volume is priced.",
            graduated="Each unit at the price of the tier it falls in.",
            whole_volume="All units at the price of the tier the total reaches.",
            package="A started package is paid in full.",
        ),
        "unit": choice("What is counted.", "minutes", minutes="Billed minutes.", calls="Calls."),
        "free": told("Units that cost nothing, counted first.", **COUNT, default=0, examples=[10]),
        "tiers": told(
            "The tiers, ascending; the last has no end.",
            type="array",
            minItems=1,
            items=thing(
                "A tier.",
                ["price"],
                {
                    "up-to": told(
                        "The last unit of the tier.",
                        type="integer",
                        minimum=1,
                        maximum=1_000_000,
                        examples=[100],
                    ),
                    "price": amount("Price per unit.", 0.02),
                    "flat": amount("Due once when the tier is entered.", 1),
                },
            ),
            examples=[[{"up-to": 100, "price": 0.02}, {"price": 0.01}]],
        ),
        "size": told(
            "Units in a package.", type="integer", minimum=1, maximum=1_000_000, examples=[10]
        ),
        "price": amount("Price of a package.", 1),
    },
)

ROUNDING = thing(
    "How an amount is rounded, once.",
    ["to"],
    {
        "each": choice("What is rounded.", "call", call="Each call's charge, once."),
        "to": told(
            "The step, such as 0.01; at finest 0.000001.",
            type="number",
            minimum=0.000001,
            maximum=1_000_000,
            examples=[0.01],
        ),
        "mode": choice(
            "Where a value between two steps goes.",
            "half-up",
            half_up="To the nearer step; a tie goes away from zero.",
            half_even="To the nearer step; a tie goes to the even one.",
            up="Away from zero.",
            down="Towards zero.",
        ),
    },
)

PLAN = thing(
    "A calling plan.",
    ["plan", "name", "kind", "summary", "fee"],
    {
        "plan": ident("The plan's id.", "americas-500"),
        "name": text("The name customers see.", "Americas 500"),
        "kind": choice(
            "The plan type of the agents' guide.",
            unlimited="Calls to some destinations without counting minutes.",
            pay_per_minute="Every minute has its price.",
            region_specific="An allowance or rates for one region.",
        ),
        "summary": text(
            "One sentence a customer understands.", "500 minutes a month to the Americas."
        ),
        "sold": thing(
            "When the plan may be chosen; customers who have it keep it afterwards.",
            [],
            {
                "start": day("The first day it is sold."),
                "end": day("The first day it is no longer sold."),
            },
        ),
        "fee": dated("The fee of a cycle.", 15),
        "one-time": told(
            "Fees due once, by name; never prorated.",
            type="object",
            propertyNames={"pattern": ID},
            additionalProperties=amount("The fee.", 5),
            examples=[{"activation": 5}],
        ),
        "intro": thing(
            "A promotional fee for the first cycles.",
            ["cycles", "fee"],
            {
                "cycles": told(
                    "How many cycles it holds.",
                    type="integer",
                    minimum=1,
                    maximum=120,
                    examples=[3],
                ),
                "fee": amount("The fee of each of them.", 9.99),
            },
        ),
        "billing": thing(
            "When and how the plan bills.",
            [],
            {
                "cycle": told(
                    "How long a cycle is: month, week, day, or a number of months, weeks or days.",
                    type="string",
                    pattern="^(month|week|day|[1-9][0-9]{0,2} (months|weeks|days))$",
                    patternErrorMessage="write month, 3 months, 4 weeks or 28 days",
                    default="month",
                    examples=["month", "28 days"],
                ),
                "fee": choice(
                    "When the fee is billed.",
                    "in-advance",
                    in_advance="Before the cycle.",
                    in_arrears="After it.",
                ),
                "usage": choice(
                    "When usage is billed.",
                    "in-arrears",
                    in_advance="Before the cycle.",
                    in_arrears="After it.",
                ),
                "minimum-spend": dated("The least that usage comes to in a cycle, net.", 10),
                "calendar": told(
                    "Cycles start on the first of the month, whatever the anchor date.",
                    type="boolean",
                    default=False,
                ),
            },
        ),
        "switching": thing(
            "How a switch is prorated and when it takes effect: named presets.",
            [],
            {
                "proration": text("The proration convention.", "calendar-day"),
                "allowance": text("What becomes of the allowance.", "prorated"),
                "upgrade": text("When a switch to a dearer plan takes effect.", "immediately"),
                "downgrade": text("When a switch to a cheaper plan takes effect.", "cycle-end"),
            },
        ),
        "allowances": told("Usage that the fee includes.", type="array", items=ALLOWANCE),
        "choose": selectors("The customer chooses one country of these; `chosen` refers to it."),
        "rates": ident(
            "The id of the rate table; a plan without one has only what it includes.", "world"
        ),
        "overrides": {
            **RATES,
            "description": "This plan's own prices; they replace only the fields they name.",
        },
        "coverage": selectors("The only destinations the plan reaches, if not all with a rate."),
        "restrictions": told("What the plan does not allow.", type="array", items=RESTRICTION),
        "surcharges": told("Additional charges.", type="array", items=SURCHARGE),
        "volumes": told("Prices by the volume of a cycle.", type="array", items=VOLUME),
        "commitment": thing(
            "A minimum term.",
            ["cycles"],
            {
                "cycles": told(
                    "Cycles the customer commits to.",
                    type="integer",
                    minimum=1,
                    maximum=120,
                    examples=[12],
                ),
                "early-termination": choice(
                    "What leaving early costs.",
                    "none",
                    none="Nothing.",
                    fixed="A fixed fee.",
                    remaining_fees="The fees of the remaining cycles.",
                    linear_device="The device's value, falling by the month.",
                    eecc="The smaller of device value and remaining fees (EU 2018/1972, Art 105).",
                    canada="The Wireless Code's formula.",
                ),
            },
        ),
        "rounding": ROUNDING,
    },
)

ZONE = thing(
    "A named set of destinations that the operator defines.",
    ["zone", "name", "members"],
    {
        "zone": ident("The zone's id.", "europe"),
        "name": text("The name customers see.", "Europe"),
        "members": told(
            "What the zone holds: countries, lines, prefixes, other zones; or lists by date.",
            type=["array", "object"],
            minItems=1,
            minProperties=1,
            items=SELECTOR_SCHEMA,
            patternProperties={DATE: selectors("What the zone holds from this date on.")},
            additionalProperties=False,
            examples=[["DE", "FR", "+5255"]],
        ),
        "without": selectors("What is taken out of the zone."),
    },
)

BANDS = thing(
    "Time bands of one clock, in the catalog's time zone.",
    ["bands", "list"],
    {
        "bands": ident("The id of the set.", "office-hours"),
        "list": told(
            "The bands; where they overlap the highest precedence wins, then the first.",
            type="array",
            minItems=1,
            items=thing(
                "A window of the wall clock.",
                ["id"],
                {
                    "id": ident("The band's name within the set.", "peak"),
                    "weekdays": told(
                        "The weekdays it holds on; all if left out.",
                        type="array",
                        minItems=1,
                        items=choice(
                            "A weekday.",
                            **{
                                each: each
                                for each in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
                            },
                        ),
                    ),
                    "start": told(
                        "When it starts, local time.",
                        type="string",
                        pattern=CLOCK,
                        patternErrorMessage="write HH:MM in quotes",
                        default="00:00",
                        examples=["08:00"],
                    ),
                    "end": told(
                        "When it ends; before the start means on the next day.",
                        type="string",
                        pattern=CLOCK,
                        patternErrorMessage="write HH:MM in quotes",
                        default="24:00",
                        examples=["19:00"],
                    ),
                    "dates": told(
                        "The only dates it holds on: days, or periods with a start and an end.",
                        type="array",
                        minItems=1,
                        items=told(
                            "A day or a period.",
                            type=["string", "object"],
                            pattern=DATE,
                            patternErrorMessage="write a date such as 2026-12-25",
                            properties={
                                "start": day("The first day."),
                                "end": day("The first day after it."),
                            },
                            required=["start", "end"],
                            additionalProperties=False,
                        ),
                    ),
                    "precedence": told("Which band wins where they overlap.", **COUNT, default=0),
                },
            ),
        ),
    },
)

RATE_TABLE = thing(
    "A rate table, shared by plans.",
    ["rate-table", "rates"],
    {
        "rate-table": ident("The table's id.", "world"),
        "bands": ident("The id of the band set its prices differ by.", "office-hours"),
        "defaults": thing(
            "What rows leave out.",
            [],
            {name: TERMS[name] for name in ("connection-fee", "increment", "minimum", "cap")},
        ),
        "rates": RATES,
    },
)

CATALOG = thing(
    "What holds for the whole catalog.",
    ["catalog", "currency", "zone"],
    {
        "catalog": ident("The catalog's id.", "quickconnect"),
        "currency": told(
            "The one currency of all prices, ISO 4217.",
            type="string",
            pattern="^[A-Z]{3}$",
            patternErrorMessage="write three capital letters, such as USD",
            examples=["USD"],
        ),
        "zone": text("The IANA time zone of dates and bands.", "America/New_York"),
        "either": choice(
            "How a number is priced that may be a fixed line or a mobile.",
            "dearer",
            dearer="By the dearer of the two.",
            cheaper="By the cheaper of the two.",
            fixed="As a fixed line.",
            mobile="As a mobile.",
        ),
        "tax": thing(
            "The tax on bills.",
            ["prices"],
            {
                "usage": told(
                    "Percent on usage.",
                    type="number",
                    minimum=0,
                    maximum=100,
                    default=0,
                    examples=[20],
                ),
                "fee": told(
                    "Percent on fees.",
                    type="number",
                    minimum=0,
                    maximum=100,
                    default=0,
                    examples=[20],
                ),
                "prices": choice(
                    "Whether prices hold the tax.",
                    excluding="Tax comes on top.",
                    including="Prices hold the tax.",
                ),
                "name": text("What the tax is called on the bill.", "VAT"),
                "rounding": ROUNDING,
            },
        ),
        "numbering": told(
            "Prefixes that lead elsewhere than the public numbering plan says.",
            type="object",
            propertyNames={
                "pattern": r"^\+[1-9][0-9]{0,14}$",
                "patternErrorMessage": 'write a prefix in quotes, such as "+37744"',
            },
            additionalProperties=told(
                "Where the prefix leads: country/line.",
                type="string",
                pattern=rf"^([A-Z]{{2}}|001)/({LINES})$",
                patternErrorMessage="write country/line, such as XK/mobile",
            ),
            examples=[{"+37744": "XK/mobile"}],
        ),
    },
)


def main() -> None:
    """Write every schema."""
    for name, title, schema in (
        ("catalog", "Catalog", CATALOG),
        ("plan", "Plan", PLAN),
        ("rates", "Rate table", RATE_TABLE),
        ("zone", "Zone", ZONE),
        ("bands", "Time bands", BANDS),
    ):
        document = {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": f"https://plan-rules.invalid/schemas/{VERSION}/{name}.schema.json",
            "title": title,
            **schema,
        }
        body = json.dumps(document, indent=2, ensure_ascii=False)
        SCHEMAS.joinpath(f"{name}.schema.json").write_text(body + "\n", "utf-8")


if __name__ == "__main__":
    main()
