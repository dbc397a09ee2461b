"""Numbers and amounts of money as people write them."""

from decimal import Decimal

import pytest
from babel.numbers import format_currency
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from pantry.forms import AmountField
from pantry.money import CURRENCIES, parse_money, parse_number


@pytest.mark.parametrize(
    ("text", "currency", "value"),
    [
        ("15,38", "EUR", "15.38"),
        ("€ 15,38", "EUR", "15.38"),
        ("15,38 €", "EUR", "15.38"),
        ("15.38", "EUR", "15.38"),
        ("106,70", "EUR", "106.70"),
        ("106,7", "EUR", "106.7"),
        ("1500,50", "EUR", "1500.50"),
        ("1.500,50", "EUR", "1500.50"),
        ("1,500.50", "EUR", "1500.50"),
        ("1 500,50 €", "EUR", "1500.50"),
        ("1’500.50", "CHF", "1500.50"),
        ("1.234.567,89", "EUR", "1234567.89"),
        ("1,00,000", "INR", "100000"),
        ("1,250", "THB", "1250"),
        ("13,000", "THB", "13000"),
        ("฿ 13,000", "THB", "13000"),
        ("45 baht", "THB", "45"),
        ("THB 45", "THB", "45"),
        ("50.000", "IDR", "50000"),
        ("Rp 50.000", "IDR", "50000"),
        ("1.250.000 ₫", "VND", "1250000"),
        ("1.250", "KRW", "1250"),
        ("45,-", "EUR", "45"),
        ("$5", "SGD", "5"),
        ("0,99", "", "0.99"),
        (".99", "USD", "0.99"),
        ("0", "EUR", "0"),
    ],
)
def test_parse_money(text, currency, value):
    assert parse_money(text.replace(" 500", "\u202f500"), currency) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("1.250", "EUR"),  # 1.25 or 1250
        ("50.000", "THB"),
        ("0,075", "EUR"),
        ("1.2345", "EUR"),
        ("1,2,3", "EUR"),
        ("1.2.3", "EUR"),
        ("1.500,50,2", "EUR"),
        ("$5", "EUR"),
        ("5 baht", "EUR"),
        ("-5", "EUR"),
        ("NaN", "EUR"),
        ("1e9", "EUR"),
        ("lots", "EUR"),
        ("5 apples", "EUR"),
        ("", "EUR"),
    ],
)
def test_parse_money_refuses_what_is_unclear(text, currency):
    assert parse_money(text, currency) is None


@pytest.mark.parametrize(
    ("text", "currency", "value"),
    [
        ("three pounds twenty", "GBP", "3.20"),
        ("4 pounds 80", "GBP", "4.80"),
        ("a pound", "GBP", "1"),
        ("a tenner", "GBP", "10"),
        ("eighty nine p", "GBP", "0.89"),
        ("80p", "GBP", "0.80"),
        ("79 cents", "USD", "0.79"),
        ("99¢", "USD", "0.99"),
        ("6 dollars and 12 cents", "USD", "6.12"),
        ("a dollar eighty", "USD", "1.80"),
        ("forty-eight dollars", "USD", "48"),
        ("six fifty", "USD", "6.50"),
        ("pound fifty", "GBP", "1.50"),
        ("buck fifty", "USD", "1.50"),
        ("2พัน", "THB", "2000"),
        ("2พัน500", "THB", "2500"),
        ("3หมื่น5พัน", "THB", "35000"),
        ("4ร้อยห้าสิบบาท", "THB", "450"),
        ("S$8", "SGD", "8"),
        ("einen euro neunundneunzig", "EUR", "1.99"),
        ("drei euro zwanzig", "EUR", "3.20"),
        ("8 euros con 75", "EUR", "8.75"),
        ("veintidós pesos", "MXN", "22"),
        ("two hundred and forty", "INR", "240"),
        ("Rs. 150/-", "INR", "150"),
        ("ร้อยยี่สิบ", "THB", "120"),
        ("เก้าพันหกร้อยบาท", "THB", "9600"),
        ("89บ.", "THB", "89"),
    ],
)
def test_money_in_words(text, currency, value):
    assert parse_money(text, currency) == Decimal(value)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("six fifty", "THB"),  # 6.50 or 650
        ("สองพันแปด", "THB"),  # 2,800 or 2,008
        ("three pounds twenty", "EUR"),
        ("80p", "USD"),
        ("80 cents", "GBP"),
        ("a tenner", "USD"),
        ("two for five", "GBP"),
        ("17 and some change", "USD"),
        ("under £15", "GBP"),
        ("eighteen to twenty", "USD"),
        ("one eighty seven forty", "USD"),
        ("43 17", "USD"),  # or two amounts
        ("12 12", "GBP"),
        ("50ยี่สิบ", "THB"),
        ("2พัน5", "THB"),
        ("5 yen 20", "JPY"),
    ],
)
def test_money_in_words_refuses_what_is_unclear(text, currency):
    assert parse_money(text, currency) is None


cents = st.integers(0, 99_999_999).map(lambda value: Decimal(value) / 100)


@given(cents, st.sampled_from(["en", "de", "fr", "de_CH", "en_IN", "th", "pt_BR", "sv"]), st.sampled_from(CURRENCIES))
def test_money_as_every_country_writes_it_never_changes(value, locale, currency):
    """At most it is refused: in Vietnam “1.250” is 1250, and elsewhere unclear."""
    written = format_currency(value, currency, "#,##0.00", locale=locale, currency_digits=False)
    assert parse_money(written, currency) == value


@given(st.text(alphabet="0123456789.,' €$-", max_size=14))
def test_parse_number_reads_digits_and_drops_none(text):
    value = parse_number(text)
    if value is not None:
        digits = "".join(char for char in text if char.isdigit())
        assert f"{value:f}".replace(".", "").lstrip("0") == digits.lstrip("0")


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("en", "1,500", "1500"),
        ("en", "1.500", "1.5"),
        ("de", "1,500", "1.5"),
        ("de", "1.500", "1500"),
        ("de", "0.500", "0.5"),
    ],
)
def test_parse_number_in_the_active_language(language, text, value):
    with translation.override(language):
        assert parse_number(text) == Decimal(value)


def test_amount_field_reads_money_of_its_currency():
    assert AmountField(currency="IDR").clean("50.000") == 50000
    assert AmountField().clean("2,49") == Decimal("2.49")
