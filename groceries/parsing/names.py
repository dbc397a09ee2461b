"""Normalize the names of items."""

import re
import unicodedata

from pantry.text import JOINERS

_ENDING_IN_S = frozenset(
    "hummus asparagus molasses swiss couscous citrus cactus octopus hibiscus eucalyptus lotus gas glass grass "
    "watercress cress brussels haggis schnapps bass mass plus bus ibis chess chorus anis cassis jus lens bitters "
    "tres dos les las los vitamins series species pancreas christmas texas kansas pampers always kleenex "
    "cheerios doritos pringles cheetos oreos fritos lays us this his its is was as has yes".split()
)
_IRREGULAR = {
    "loaves": "loaf", "leaves": "leaf", "knives": "knife", "halves": "half", "calves": "calf", "shelves": "shelf",
    "wolves": "wolf", "lives": "life", "children": "child", "feet": "foot", "geese": "goose", "mice": "mouse",
    "teeth": "tooth", "radishes": "radish", "cookies": "cookie", "brownies": "brownie", "smoothies": "smoothie",
    "pies": "pie", "veggies": "veggie", "zombies": "zombie", "ties": "tie", "wieners": "wiener", "shoes": "shoe",
    "avocadoes": "avocado", "chilies": "chili", "chillies": "chilli", "chilis": "chili", "selfies": "selfie",
    "caches": "cache", "fries": "fries", "quiches": "quiche", "brioches": "brioche", "axes": "axe", "toes": "toe", "oboes": "oboe",
}  # fmt: skip
_SPACES = re.compile(r"\s+")
_NO_JOINERS = dict.fromkeys(map(ord, JOINERS))
_TRAILING = " \t.,;:!?…·-–—*'\"`~)]}>/\\|"
_LEADING = " \t.,;:!?…·-–—*•'\"`~([{<>/\\|"


def tidy(text: str, limit: int = 1000) -> str:
    """Return the first `limit` characters of `text` on one line, without control and surrogate characters.

    Of the format characters it keeps the joiners, which belong to the spelling of letters and emoji.
    """
    if text.isprintable():  # the usual case
        return " ".join(text[:limit].split())
    chars = []
    for char in text[:limit]:
        kind = unicodedata.category(char)
        if kind in ("Cs", "Cn", "Co"):
            continue
        if kind in ("Cc", "Zl", "Zp", "Zs"):
            chars.append(" ")
        elif kind != "Cf" or char in JOINERS:
            chars.append(char)
    return _SPACES.sub(" ", "".join(chars)).strip()


def singular(word: str) -> str:
    """Return the singular of a lower-case English word, or the word itself if in doubt."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or word in _ENDING_IN_S or not word.isascii() or not word.endswith("s"):
        return word
    if word.endswith(("ss", "us", "is", "'s")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith(("oes", "shes", "ches", "xes", "sses", "zzes")):
        return word[:-2]
    return word[:-1]


_ACCENTS = "".join(map(chr, range(0x300, 0x370)))
_PLAIN_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ı": "i", "œ": "oe", "æ": "ae", "þ": "th"})
_THAI_VOWEL_BEFORE = re.compile("([เแโใไ])([ก-ฮ])")  # written before the consonant, sorted behind it


def fold(name: str) -> str:
    """Return the name as it is searched and sorted: without case and accents, “creme fraiche” for “Crème fraîche”, with
    Thai vowels behind their consonant as in a dictionary."""
    key = normalize(name)
    if key.isascii():
        return key
    letters = []
    for letter in key:
        parts = unicodedata.normalize("NFD", letter)
        letters.append(parts[0] if len(parts) > 1 and not parts[1:].strip(_ACCENTS) else letter)
    plain = "".join(letters).translate(dict.fromkeys(map(ord, _ACCENTS)))
    head, space, last = plain.translate(_PLAIN_LETTERS).rpartition(" ")
    return _THAI_VOWEL_BEFORE.sub(r"\2\1", head + space + singular(last))


def normalize(name: str) -> str:
    """Return the key by which item names are compared: the same for "Eggs ", "egg" and "ＥＧＧ". May be empty."""
    folded = unicodedata.normalize("NFKC", tidy(name).translate(_NO_JOINERS)).casefold().replace("’", "'")
    folded = _SPACES.sub(" ", folded).lstrip(_LEADING).rstrip(_TRAILING)
    head, space, last = folded.rpartition(" ")
    return head + space + singular(last)
