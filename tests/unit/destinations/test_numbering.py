from __future__ import annotations

import pytest

from plan_rules.destinations import (
    GLOBAL,
    Destination,
    LineType,
    NumberingPlan,
    countries,
    country_name,
    find_country,
    is_e164,
    normalise_number,
    prefix_range,
    sort_key,
)
from plan_rules.errors import InvalidValue

KNOWN = [
    ("+12125550100", "US/either"),
    ("+16045550100", "CA/either"),
    ("+18765550100", "JM/mobile"),
    ("+16585550100", "JM/fixed"),
    ("+18095550100", "DO/either"),
    ("+17875550100", "PR/either"),
    ("+18005550100", "US/toll-free"),
    ("+19005550100", "US/premium"),
    ("+77012345678", "KZ/mobile"),
    ("+79123456789", "RU/mobile"),
    ("+441534123456", "JE/fixed"),
    ("+447911123456", "GG/mobile"),
    ("+447624123456", "IM/mobile"),
    ("+442079460000", "GB/fixed"),
    ("+447400123456", "GB/mobile"),
    ("+390669812345", "VA/fixed"),
    ("+379123456", "VA/fixed"),
    ("+393331234567", "IT/mobile"),
    ("+870773111111", "001/satellite"),
    ("+881612345678", "001/satellite"),
    ("+88216123456", "001/satellite"),
    ("+883123456789", "001/satellite"),
    ("+38344123456", "XK/mobile"),
    ("+4779123456", "SJ/fixed"),
    ("+35818123456", "AX/fixed"),
    ("+525512345678", "MX/either"),
    ("+919812345678", "IN/mobile"),
    ("+979123456789", "001/premium"),
]

CARIBBEAN = {
    "242": "BS",
    "246": "BB",
    "264": "AI",
    "268": "AG",
    "284": "VG",
    "340": "VI",
    "345": "KY",
    "441": "BM",
    "473": "GD",
    "649": "TC",
    "664": "MS",
    "721": "SX",
    "758": "LC",
    "767": "DM",
    "784": "VC",
    "787": "PR",
    "809": "DO",
    "829": "DO",
    "849": "DO",
    "868": "TT",
    "869": "KN",
    "876": "JM",
    "939": "PR",
}


@pytest.mark.parametrize(("number", "where"), KNOWN)
def test_a_number_leads_to_its_country_and_line(number: str, where: str) -> None:
    assert str(NumberingPlan.standard().lookup(number)) == where


@pytest.mark.parametrize(("area", "country"), sorted(CARIBBEAN.items()))
def test_the_caribbean_is_told_by_area_code(area: str, country: str) -> None:
    found = NumberingPlan.standard().lookup(f"+1{area}5550100")
    assert found is not None
    assert found.country == country


def test_a_calling_code_that_does_not_exist_leads_nowhere() -> None:
    plan = NumberingPlan.standard()
    assert plan.lookup("+9991234567") is None
    assert plan.matching_prefix("+9991234567") == ""


def test_legacy_kosovo_is_an_override() -> None:
    standard = NumberingPlan.standard()
    monaco = standard.lookup("+37744123456")
    assert monaco is not None
    assert monaco.country == "MC"
    over = standard.with_overrides({"37744": Destination("XK", LineType.MOBILE)})
    assert over.lookup("+37744123456") == Destination("XK", LineType.MOBILE)
    assert over.digest != standard.digest


def test_every_calling_code_of_every_country_is_in_the_plan() -> None:
    plan = NumberingPlan.standard()
    assert len(countries()) > 240
    for country in countries().values():
        for code in country.calling_codes:
            assert plan.matching_prefix(f"+{code}55555555"), country.code


def test_a_number_without_its_plus_is_not_looked_up() -> None:
    with pytest.raises(InvalidValue):
        NumberingPlan.standard().lookup("525512345678")


def test_prefixes_are_half_open_ranges_of_sort_keys() -> None:
    start, end = prefix_range("52")
    assert start <= sort_key("525512345678") < end
    assert prefix_range("53")[0] == end
    assert sort_key("5200") < sort_key("52000") < sort_key("5200000001")


def test_a_number_shorter_than_a_prefix_does_not_begin_with_it() -> None:
    plan = NumberingPlan.from_prefixes(
        {"52": Destination("MX", LineType.FIXED), "521200": Destination("MX", LineType.MOBILE)}
    )
    assert plan.lookup("+52120") == Destination("MX", LineType.FIXED)
    assert plan.lookup("+521200") == Destination("MX", LineType.MOBILE)
    assert plan.lookup("+5212009") == Destination("MX", LineType.MOBILE)
    with pytest.raises(InvalidValue):
        plan.lookup("+5212345678901234")


@pytest.mark.parametrize(
    ("dialed", "home", "number"),
    [
        ("011 52 55 1234 5678", "US", "+525512345678"),
        ("0044 20 7946 0000", "DE", "+442079460000"),
        ("020 7946 0000", "GB", "+442079460000"),
        ("(212) 555-0100", "US", "+12125550100"),
        ("1 212 555 0100", "US", "+12125550100"),
        ("06 698 12345", "IT", "+390669812345"),
        ("8 10 44 20 7946 0000", "RU", "+442079460000"),
        ("0011 44 20 7946 0000", "AU", "+442079460000"),
        ("010 44 20 7946 0000", "JP", "+442079460000"),
        ("tel:+52-55-1234-5678", None, "+525512345678"),
        ("00525512345678", None, "+525512345678"),
        ("00 44 20 7946 0000", "US", "+442079460000"),
        ("55 1234 5678", "MX", "+525512345678"),
        ("0711 123", "DE", "+49711123"),
    ],
)
def test_numbers_are_read_as_dialed_at_home(dialed: str, home: str | None, number: str) -> None:
    assert normalise_number(dialed, home=home) == number


@pytest.mark.parametrize(
    ("dialed", "home", "name"),
    [
        ("", "US", "number"),
        ("call mum", "US", "number"),
        ("+", "US", "number"),
        ("+12", None, "number"),
        ("+1234567890123456", None, "number"),
        ("+0123456789", None, "number"),
        ("5551234567", None, "number"),
        ("5551234567", "QQ", "home"),
        ("555 0100", "US", "number"),
        ("52 55 1234 5678", "MX", "number"),
        ("00 12", "US", "number"),
        ("٠١٢٣٤٥٦٧", "US", "number"),
    ],
)
def test_what_is_no_number_is_refused(dialed: str, home: str | None, name: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        normalise_number(dialed, home=home)
    assert refused.value.name == name


@pytest.mark.parametrize("text", ["12125550100", "+", "+12", "+1 212", "+0123456", ""])
def test_e164_is_a_plus_and_digits(text: str) -> None:
    assert not is_e164(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Turkey", "TR"),
        ("ivory-coast", "CI"),
        ("Burma", "MM"),
        ("uk", "GB"),
        ("mx", "MX"),
        ("Alemania", "DE"),
        ("États-Unis", "US"),
        ("Kosovo", "XK"),
    ],
)
def test_a_country_is_found_by_what_people_write(text: str, code: str) -> None:
    found = find_country(text)
    assert found is not None
    assert found.code == code


def test_a_country_nobody_knows_is_not_found() -> None:
    assert find_country("Atlantis") is None
    assert country_name("MX") == "Mexico"
    assert country_name("QQ") == "QQ"
    assert country_name(GLOBAL)
