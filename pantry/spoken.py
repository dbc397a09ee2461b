"""Numbers in words: “two hundred and forty”, “neunundneunzig”, “veintidós”, “ร้อยยี่สิบ”."""

import re

from text_to_num import alpha2digit

LANGUAGES = ("en", "de", "es")  # of those that the library knows
_ALL = 0.0  # of the numbers that stand alone
_ARTICLE = re.compile(r"\b(?:an?|ein|eine|einen|un|una)\s+(?=\d)", re.IGNORECASE)
_THAI_DIGITS = {
    word: value
    for value, words in enumerate(("หนึ่ง นึง เอ็ด", "สอง ยี่", "สาม", "สี่", "ห้า", "หก", "เจ็ด", "แปด", "เก้า"), 1)
    for word in words.split()
}
_THAI_PLACES = {"แสน": 100_000, "หมื่น": 10_000, "พัน": 1_000, "ร้อย": 100, "สิบ": 10}
_DIGIT, _PLACE = "|".join(_THAI_DIGITS), "|".join(_THAI_PLACES)
_STEP = re.compile(f"(?P<digit>{_DIGIT})?(?P<place>{_PLACE})?")
_THAI_NUMBER = re.compile(f"(?:(?:{_DIGIT})(?:{_PLACE})?|{_PLACE})(?:{_DIGIT}|{_PLACE})*")


def with_digits(text: str) -> str:
    """Return a short text with the numbers that it has in words in digits: “three pounds twenty” as “3 pounds 20”.

    “One” alone stays, and so does what can mean two numbers: “สองพันแปด” is 2,800 to some, and 2,008 to others.
    """
    for language in LANGUAGES:
        text = alpha2digit(text, language, _ALL)
    return _THAI_NUMBER.sub(lambda match: str(_thai_value(match[0]) or match[0]), _ARTICLE.sub("", text))


def _thai_value(words: str) -> int | None:
    total, last = 0, 10**6
    for step in _STEP.finditer(words):
        if not step[0]:
            continue
        place = _THAI_PLACES.get(step["place"] or "", 1)
        is_short = place == 1 and last > 10 and total and step["digit"] != "เอ็ด"
        if place >= last or is_short:
            return None
        total, last = total + _THAI_DIGITS.get(step["digit"] or "", 1) * place, place
    return total
