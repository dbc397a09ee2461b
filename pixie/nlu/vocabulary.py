"""The vocabulary of a home, and fuzzy matching of item names."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from itertools import zip_longest
from zoneinfo import ZoneInfo

from rapidfuzz import process
from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from groceries.parsing.categories import known_item_names
from groceries.parsing.names import normalize, singular
from pixie.nlu.outcome import Proposal


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Names that a home uses. `now` is when the message was sent."""

    items: tuple[str, ...] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    """The names of items by their normalized aliases."""
    on_list: tuple[str, ...] = ()
    recurring: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    agents: tuple[str, ...] = ("Pixie",)
    now: datetime | None = None
    timezone: str = "UTC"
    currency: str = ""
    topic: str = ""
    """The list item that the agent's last answer was about."""
    previous: str = ""
    """The intent of the person's message before, which the agent has answered lately."""
    last: tuple[Proposal, ...] = ()
    """What the agent's last answer has done."""
    lessons: Mapping[str, tuple[str, bool]] = field(default_factory=dict)
    """Intents that the home has said to be right or wrong for a message, by `pixie.nlu.lessons.lesson_key`."""

    def own_name(self, name: str) -> str:
        """Return the item's name for an alias, any other name as it is."""
        return self.aliases.get(normalize(name), name)

    def local_now(self) -> datetime:
        """Return `now` in the home's time zone."""
        return (self.now or datetime.now(UTC)).astimezone(ZoneInfo(self.timezone))


EMPTY = Vocabulary()


@lru_cache(maxsize=256)
def _names_by_key(names: tuple[str, ...]) -> dict[str, str]:
    return {normalize(name): name for name in reversed(names)}


@lru_cache(maxsize=64)
def _words_by_name(names: tuple[str, ...]) -> list[tuple[str, frozenset[str]]]:
    return [(name, frozenset(singular(word) for word in key.split())) for key, name in _names_by_key(names).items()]


def find_item(name: str, names: tuple[str, ...], *, partly: bool = False) -> str | None:
    """Return the one of `names` that `name` refers to, allowing for typos.

    `partly` also matches "coffee" to "Ground coffee" if that is the only candidate.
    """
    key, by_key = normalize(name), _names_by_key(names)
    if not key or not by_key:
        return None
    if key in by_key:
        return by_key[key]
    if partly:
        words = {singular(word) for word in key.split()}
        candidates = [full for full, others in _words_by_name(names) if words <= others]
        if len(candidates) == 1:
            return candidates[0]
    if key in known_item_names():
        return None  # "pears" is no misspelling of "peas"
    similar = process.extract(key, list(by_key), scorer=ratio, score_cutoff=75, limit=5)
    close = [by_key[other] for other, _score, _index in similar if is_misspelling(key, other)]
    return close[0] if len(close) == 1 else None


def is_name(text: str, names: tuple[str, ...]) -> bool:
    """Return whether the text is one of the names, whatever its case and number."""
    return normalize(text) in _names_by_key(names)


def is_misspelling(typed: str, expected: str) -> bool:
    """Return whether `typed` is a misspelling of `expected`, compared word by word. Short words allow a swap only."""
    pairs = zip_longest(typed.split(), expected.split(), fillvalue="")
    return abs(len(typed) - len(expected)) <= 3 and all(_is_typo(*pair) for pair in pairs)


def _is_typo(typed: str, expected: str) -> bool:
    if typed == expected or singular(typed) == singular(expected):
        return True
    if len(typed) < 4 or len(expected) < 4 or typed[0] != expected[0]:
        return False
    if len(typed) == 4 or len(expected) == 4:
        return sorted(typed) == sorted(expected) and OSA.distance(typed, expected) == 1
    return ratio(typed, expected) >= 80 and OSA.distance(typed, expected) <= 2
