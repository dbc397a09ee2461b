"""The words of one home, and finding its items behind typos and half names."""

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rapidfuzz import process
from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from groceries.parsing.categories import is_known_item, known_item_names
from groceries.parsing.names import normalize, singular


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What a home calls its things and people; `now` is the moment the message was sent."""

    items: tuple[str, ...] = ()
    on_list: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    rooms: tuple[str, ...] = ()
    agents: tuple[str, ...] = ("Pixie",)
    now: datetime | None = None
    timezone: str = "UTC"
    language: str = "en"
    topic: str = ""
    """The one thing on the list that the agent's last answer was about."""

    def local_now(self) -> datetime:
        """`now` on the home's clock."""
        try:
            zone = ZoneInfo(self.timezone)
        except (ZoneInfoNotFoundError, ValueError):
            zone = ZoneInfo("UTC")
        now = self.now or datetime.now(UTC)
        return now.astimezone(zone) if now.tzinfo else now.replace(tzinfo=zone)


EMPTY = Vocabulary()


@lru_cache(maxsize=256)
def _keyed(names: tuple[str, ...]) -> dict[str, str]:
    return {normalize(name): name for name in reversed(names)}


@lru_cache(maxsize=256)
def _keys(names: tuple[str, ...]) -> list[str]:
    return list(_keyed(names))


@lru_cache(maxsize=64)
def _worded(names: tuple[str, ...]) -> list[tuple[str, frozenset[str]]]:
    return [(name, frozenset(singular(word) for word in key.split())) for key, name in _keyed(names).items()]


def find_item(name: str, names: tuple[str, ...], *, partly: bool = False) -> str | None:
    """The one of `names` that `name` means, spelled as the home spells it.

    `partly` also takes "coffee" for the only "Ground coffee" there is.
    """
    key, keyed = normalize(name), _keyed(names)
    if not key or not keyed:
        return None
    if key in keyed:
        return keyed[key]
    if partly:
        words = {singular(word) for word in key.split()}
        holding = [full for full, others in _worded(names) if words <= others]
        if len(holding) == 1:
            return holding[0]
    if is_known_item(key) and key in known_item_names():
        return None  # "pears" is no misspelling of "peas"
    alike = process.extract(key, _keys(names), scorer=ratio, score_cutoff=75, limit=5)
    close = [keyed[other] for other, _score, _index in alike if misspells(key, other)]
    return close[0] if len(close) == 1 else None


def misspells(typed: str, meant: str) -> bool:
    """Whether `typed` is `meant` with slips of the finger: word for word, and short words forgive a swap only."""
    typed_words, meant_words = typed.split(), meant.split()
    if len(typed_words) != len(meant_words) or abs(len(typed) - len(meant)) > 3:
        return False
    return all(_slips(a, b) for a, b in zip(typed_words, meant_words, strict=True))


def _slips(typed: str, meant: str) -> bool:
    if typed == meant or singular(typed) == singular(meant):
        return True
    if len(typed) < 4 or len(meant) < 4 or typed[0] != meant[0]:
        return False
    if len(typed) == 4 or len(meant) == 4:
        return sorted(typed) == sorted(meant) and OSA.distance(typed, meant) == 1
    return ratio(typed, meant) >= 80 and OSA.distance(typed, meant) <= 2


@lru_cache(maxsize=1)
def _long_words() -> list[str]:
    return sorted(word for word in known_item_names() if len(word) >= 5)


@lru_cache(maxsize=4096)
def looks_like_a_thing(name: str) -> bool:
    """Whether `name` is, or is a typo of, something homes buy."""
    if is_known_item(name):
        return True
    key = normalize(name)
    if len(key) < 5 or len(key.split()) > 3:
        return False
    last = key.split()[-1]
    return any(_near(candidate) for candidate in {key, last} if len(candidate) >= 5)


def _near(word: str) -> bool:
    best = process.extractOne(word, _long_words(), scorer=ratio, score_cutoff=84)
    return best is not None and misspells(word, best[0])
