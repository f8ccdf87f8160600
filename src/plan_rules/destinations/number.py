"""Phone numbers: E.164 form, and prefixes as ranges of integers."""

from __future__ import annotations

from plan_rules.destinations.countries import Country, country
from plan_rules.errors import InvalidValue

MAX_DIGITS = 15
"""Digits of an E.164 number at most, country code included (ITU-T E.164)."""

MIN_DIGITS = 5
"""Digits of a number at least, country code included: shorter ones are network codes."""

SEPARATORS = str.maketrans("", "", " -.()/\u00a0\u2011\t")


LENGTH_BITS = 4
"""Bits that hold how many digits a number has."""

BEYOND = 10**MAX_DIGITS << LENGTH_BITS
"""An integer above every number's."""


def sort_key(digits: str) -> int:
    """Return the digits of a number as an integer below 2**54 that sorts as the digits do.

    The number is padded with zeros to 15 digits; four bits behind them hold its length, so
    that `5200` comes after `520` and before `52000`.
    """
    return int(digits.ljust(MAX_DIGITS, "0")) << LENGTH_BITS | len(digits)


def prefix_range(prefix: str) -> tuple[int, int]:
    """Return the half-open range of the sort keys of all numbers that begin with `prefix`.

    A number shorter than the prefix lies outside, also where zeros alone are missing.
    """
    padded = int(prefix.ljust(MAX_DIGITS, "0"))
    least = len(prefix) if prefix.endswith("0") else 0
    end = padded + 10 ** (MAX_DIGITS - len(prefix))
    return padded << LENGTH_BITS | least, end << LENGTH_BITS


def is_e164(number: str) -> bool:
    """Whether a text is a plus sign and 5 to 15 digits, the first of them not zero."""
    digits = number[1:]
    return (
        number[:1] == "+"
        and MIN_DIGITS <= len(digits) <= MAX_DIGITS
        and digits.isascii()
        and digits.isdigit()
        and digits[0] != "0"
    )


def normalise_number(dialed: str, *, home: str | None = None) -> str:
    """Return a dialed number as E.164: a plus sign and at most 15 digits.

    `home` is the ISO code of the country it was dialed in: its international prefix (011, 00,
    0011, 8~10 ...) is understood, and a national number is completed with its calling code,
    its trunk prefix taken off. A national number has to be as long as numbers of that country
    are. `00` is understood everywhere: exchanges write it whatever was dialed. Spaces, dots,
    hyphens, brackets, slashes and `tel:` are passed over.

    Raises `InvalidValue` for anything that is no number, and for a national number without
    `home`. Source of the dialing rules and lengths: the metadata of libphonenumber.
    """
    compact = dialed.strip().removeprefix("tel:").translate(SEPARATORS)
    plus = compact.startswith("+")
    digits = compact.removeprefix("+")
    if not digits or not digits.isascii() or not digits.isdigit():
        raise InvalidValue(
            name="number", value=dialed, expected="digits, such as +525512345678 or 01152..."
        )
    if not plus:
        digits = _international(digits, dialed, home)
    number = "+" + digits
    if not is_e164(number):
        raise InvalidValue(
            name="number",
            value=dialed,
            expected=f"{MIN_DIGITS} to {MAX_DIGITS} digits after the international prefix",
        )
    return number


def _international(digits: str, dialed: str, home: str | None) -> str:
    """Return digits with the country code first, from digits as dialed in `home`."""
    known = country(home) if home else None
    if home and known is None:
        raise InvalidValue(name="home", value=home, expected="the ISO code of a country, as in MX")
    for prefix in known.international_prefixes if known else ("00",):
        if digits.startswith(prefix) and len(digits) > len(prefix) + MIN_DIGITS - 1:
            return digits.removeprefix(prefix)
    if known is None:
        raise InvalidValue(
            name="number",
            value=dialed,
            expected="a number with + or 00 in front, or the home country it was dialed in",
        )
    return known.calling_codes[0] + _national(digits, dialed, known)


def _national(digits: str, dialed: str, home: Country) -> str:
    """Return the national number within digits dialed at home, its trunk prefix taken off."""
    least, most = home.national_digits
    for candidate in dict.fromkeys((digits.removeprefix(home.trunk_prefix), digits)):
        if least <= len(candidate) <= most:
            return candidate
    digits_expected = f"{least}" if least == most else f"{least} to {most}"
    raise InvalidValue(
        name="number",
        value=dialed,
        expected=f"{digits_expected} digits as dialed within {home.name}, "
        "or + or an international prefix in front",
    )
