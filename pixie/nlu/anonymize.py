"""Names and numbers of a home are replaced before its messages leave it."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

PERSON, ROOM, AGENT, EMAIL = "Sam", "lounge", "Pixie", "name@example.com"
_EMAIL = re.compile(r"(?<![^\s@<>(),;:\"'])[^\s@<>(),;:\"']++@[^\s@<>(),;:\"']+")
_LONG_NUMBER = re.compile(r"\d(?:[\s()./-]{0,2}\d){4,}")
_DIGIT = re.compile(r"\d")
_LATIN = "[0-9A-Za-zÀ-ɏ]"
_SEPARATORS = re.compile(r"[\s_-]+")
_BRACKETS = str.maketrans("[]", "()")


class Anonymizer:
    """Replaces names of people, rooms and agents, e-mail addresses, and the digits of long numbers."""

    def __init__(self, *, people: Sequence[str], rooms: Iterable[str], agents: Iterable[str]) -> None:
        people = [*people, *map(_without_accents, people)]
        words = {word for name in people for word in (name, *name.split()) if len(word) > 1}
        # A name that two kinds have in common counts as that of the last one.
        kinds = ((words, PERSON), (rooms, ROOM), (agents, AGENT))
        self._names = {_fold(name): kind for names, kind in kinds for name in names if _fold(name)}
        patterns = [_name_pattern(name) for name in sorted(self._names, key=len, reverse=True)]
        self._pattern = re.compile("|".join(patterns), re.I) if patterns else None

    def clean(self, text: str) -> str:
        text = _EMAIL.sub(EMAIL, unicodedata.normalize("NFC", text))
        if self._pattern is not None:
            text = self._pattern.sub(lambda match: self._names.get(_fold(match[0]), PERSON), text)
        return _LONG_NUMBER.sub(lambda match: _DIGIT.sub("0", match[0]), text)


def _fold(name: str) -> str:
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFC", name).casefold()).strip()


def _without_accents(name: str) -> str:
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def _name_pattern(name: str) -> str:
    """Match the name with any spaces between its words. Only names in Latin letters must be words of their own: others
    have endings, or no spaces around them."""
    words = r"[\s_-]*".join(re.escape(word) for word in name.split())
    return rf"(?<!{_LATIN}){words}(?=(?:['’]?s)?(?!{_LATIN}))" if name.isascii() else words


def mark_items(text: str, names: Sequence[str]) -> str:
    """Mark the items in a message as pixie/nlu/data does: “add [eggs](item)”. The others have to be marked by hand."""
    text = text.translate(_BRACKETS)
    for name in sorted({name.translate(_BRACKETS) for name in names if name}, key=len, reverse=True):
        text = re.sub(rf"(?<![\w\[]){re.escape(name)}(?![\w\]])", r"[\g<0>](item)", text, count=1, flags=re.I)
    return text
