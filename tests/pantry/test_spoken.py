"""Numbers in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from num2words import num2words

from pantry.spoken import with_digits

numbers = st.integers(0, 999_999)


@pytest.mark.parametrize(
    ("words", "digits"),
    [
        ("six fifty", "6 50"),
        ("three pounds twenty", "3 pounds 20"),
        ("a hundred and twelve", "112"),
        ("sixty eggs", "60 eggs"),
        ("drei euro zwanzig", "3 euro 20"),
        ("cuarenta y tres con veinte", "43 con 20"),
        ("ร้อยยี่สิบ", "120"),
        ("ยี่สิบเอ็ดบาท", "21บาท"),
        ("เก้าพันหกร้อยบาท", "9600บาท"),
        ("สิบห้า", "15"),
        ("แผงนึง", "แผง1"),
        ("กล่อง", "กล่อง"),
        ("5ร้อย", "500"),
        ("2ร้อย50", "250"),
        ("10ร้อย", "1000"),
        ("", ""),
    ],
)
def test_words_become_digits(words, digits):
    assert with_digits(words) == digits


@pytest.mark.parametrize("words", ["สองพันแปด", "ร้อยห้า", "สิบร้อย", "สองสาม", "50ยี่สิบ", "2พัน5"])
def test_what_can_be_two_numbers_stays(words):
    assert with_digits(words) == words


@given(numbers, st.sampled_from(["en", "de", "es"]))
def test_words_become_the_number_that_they_are(number, language):
    words = num2words(number, lang=language).replace(",", "")
    # The library does not read “einhunderteinstausend”, which then stays in words.
    assert with_digits(words) in ({str(number), words} if language == "de" and number > 100_000 else {str(number)})


@given(numbers.filter(bool))
def test_thai_words_become_the_number_that_they_are_or_stay(number):
    words = num2words(number, lang="th")
    assert with_digits(words) in (str(number), words)


@given(st.text(max_size=60))
def test_text_without_letters_or_with_any_never_raises(text):
    assert isinstance(with_digits(text), str)
