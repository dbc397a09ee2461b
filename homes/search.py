"""Search a home: parse the query, call the apps' finders, rank the results and cut excerpts.

Each app registers its finders in `homes.hooks.finders`. A finder must only return rows that the member may see.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from homes import hooks
from homes.models import Membership
from pantry.text import clean_line

MAX_QUERY_CHARS, MAX_QUERY_TERMS = 500, 12
MAX_RESULTS_PER_KIND = 100  # the newest matches
MAX_LEAD_CHARS, MAX_EXCERPT_CHARS = 60, 180  # of an excerpt: before the first match, and in all

STOP_WORDS = frozenset(
    "a about all am an and any are as at be been but by can could did do does for from had has have he her him his how "
    "i if in into is it its me my of on or our she should so some than that the their them then there these they this "
    "to up us was we were what when where which who whom whose why will with would you your".split()
)
OPERATOR = re.compile(r'(?<!\S)(from|in|before|after|has):("[^"]*"|\S+)', re.IGNORECASE)
ASCII_SEPARATORS = {code: " " for code in range(128) if not chr(code).isalnum()}
PHRASE = re.compile(r'"([^"]+)"')
POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")


@dataclass(frozen=True)
class SearchQuery:
    """Words in any order, exact phrases, and filters. A result must match all of them."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    author: str = ""
    room: str = ""
    before: date | None = None
    after: date | None = None
    has_link: bool = False
    reply_channel: UUID | None = None  # to post the results in: only rows that all its members may see are returned

    @property
    def terms(self) -> tuple[str, ...]:
        return (*self.words, *self.phrases)

    @property
    def is_messages_only(self) -> bool:
        return bool(self.author or self.room or self.before or self.after or self.has_link)

    @property
    def is_empty(self) -> bool:
        return not self.terms and not self.is_messages_only


@dataclass(eq=False)
class SearchResult:
    kind: str
    id: UUID
    text: str
    query: SearchQuery
    where: str  # the name of the room or aisle that holds the row
    at: datetime
    author: str = ""
    link: dict[str, Any] = field(default_factory=dict)  # `channel_id` and `parent_id` of a message

    @property
    def excerpt(self) -> str:
        return excerpt(self.text, self.query)

    @cached_property
    def rank(self) -> list[Any]:
        """Sort key: the best match first, then the newest."""
        return [-score(self.text, self.query), -self.at.timestamp(), self.id.hex]


def search_home(member: Membership, text: str, kinds: Sequence[str] = ()) -> list[SearchResult]:
    """Return the rows that match the text, the best first. Any text is valid. At most four queries per kind."""
    return run_query(member, parse_query(text), kinds)


def run_query(member: Membership, query: SearchQuery, kinds: Sequence[str] = ()) -> list[SearchResult]:
    if query.is_empty:
        return []
    finders = [find for kind, find in hooks.finders.items() if not kinds or kind in kinds]
    return sorted((result for find in finders for result in find(member, query)), key=lambda result: result.rank)


def parse_query(text: str) -> SearchQuery:
    """Parse a query like `from:ben in:#kitchen before:2026-10-01 has:link "word for word" rent`, in any order."""
    line = clean_line(text[:MAX_QUERY_CHARS])
    filters: dict[str, Any] = {}

    def extract(match: re.Match[str]) -> str:
        parsed = _parse_operator(match[1].lower(), match[2].strip('"'))
        filters.update(parsed)
        return " " if parsed else match[0].replace(":", " ")

    line = OPERATOR.sub(extract, line)
    phrases = tuple(phrase for quoted in PHRASE.findall(line) if (phrase := " ".join(split_words(quoted))))
    words = split_words(POSSESSIVE.sub("", PHRASE.sub(" ", line)))
    keywords = [word for word in words if word not in STOP_WORDS and (len(word) > 1 or not word.isascii())]
    if not keywords and not phrases and not filters:
        keywords = words
    return SearchQuery(tuple(dict.fromkeys(keywords))[:MAX_QUERY_TERMS], phrases[:MAX_QUERY_TERMS], **filters)


def _parse_operator(name: str, value: str) -> dict[str, Any]:
    """Return the filter as a field of SearchQuery; nothing for an invalid value."""
    if name in ("before", "after"):
        day = _parse_date(value)
        return {name: day} if day else {}
    if name == "has":
        return {"has_link": True} if value.casefold() == "link" else {}
    value = value.lstrip("@#")
    return {"author" if name == "from" else "room": value} if value else {}


def _parse_date(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 9998 else None  # leaves room for conversion between time zones


def split_words(text: str) -> list[str]:
    """Return the words in lower case: runs of letters, digits and their marks."""
    if text.isascii():
        return text.lower().translate(ASCII_SEPARATORS).split()
    folded = unicodedata.normalize("NFC", text).casefold()
    return "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in folded).split()


def score(text: str, query: SearchQuery) -> int:
    """Return 0 to 110: whole words score above prefixes, those above substrings, all words in a row the most."""
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()
    words = f" {' '.join(split_words(text))} "
    points = [
        100 if " " in term or f" {term} " in words else 80 if f" {term}" in words else 50 if term in folded else 70
        for term in query.terms
    ]
    in_a_row = len(query.words) > 1 and " ".join(query.words) in words
    return round(sum(points) / len(points)) + 10 * in_a_row if points else 0


def excerpt(text: str, query: SearchQuery) -> str:
    """Return one line of the text, around the first match."""
    line = clean_line(text)
    if len(line) <= MAX_EXCERPT_CHARS:
        return line
    folded = line.casefold()
    first = min((index for term in query.terms if (index := folded.find(term)) >= 0), default=0)
    start = max(0, min(first - MAX_LEAD_CHARS, len(line) - MAX_EXCERPT_CHARS))
    if start:
        start = line.find(" ", start, first) + 1 or start
    middle = line[start : start + MAX_EXCERPT_CHARS]
    end = "…" if start + MAX_EXCERPT_CHARS < len(line) else ""
    if end and " " in middle[MAX_LEAD_CHARS:]:
        middle = middle.rsplit(" ", 1)[0]
    return f"{'…' if start else ''}{middle}{end}"
