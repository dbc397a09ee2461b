"""Looking for something in a home: what was typed, who looks for it in their rows, and what is shown first.

Each app names its own finder in `homes.hooks.finders`. A finder begins with what the member may see.
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

MOST_READ, MOST_WORDS = 500, 12  # letters of what was typed, and words of it
MAX_RESULTS_PER_KIND = 100  # of a kind: the newest of all that have the words
AROUND, MAX_EXCERPT_CHARS = 60, 180  # letters of an excerpt: before the first word that was looked for, and in all

STOP = frozenset(
    "a about all am an and any are as at be been but by can could did do does for from had has have he her him his how "
    "i if in into is it its me my of on or our she should so some than that the their them then there these they this "
    "to up us was we were what when where which who whom whose why will with would you your".split()
)
OPERATOR = re.compile(r'(?<!\S)(from|in|before|after|has):("[^"]*"|\S+)', re.IGNORECASE)
NO_WORDS = {code: " " for code in range(128) if not chr(code).isalnum()}  # of ASCII
QUOTED = re.compile(r'"([^"]+)"')
POSSESSIVE = re.compile(r"(?<=\w)['’]s\b")


@dataclass(frozen=True)
class SearchQuery:
    """What to look for: words in any order, phrases word for word, and what else must be so."""

    words: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    author: str = ""
    room: str = ""
    before: date | None = None
    after: date | None = None
    has_link: bool = False
    reply_channel: UUID | None = None
    """The channel in which others read what is found: of what they may not all see, nothing is."""

    @property
    def terms(self) -> tuple[str, ...]:
        return (*self.words, *self.phrases)

    @property
    def is_messages_only(self) -> bool:
        """Asks for what only a message can have."""
        return bool(self.author or self.room or self.before or self.after or self.has_link)

    @property
    def is_empty(self) -> bool:
        return not self.terms and not self.is_messages_only


@dataclass(eq=False)
class SearchResult:
    """A row that has it: a piece of its text, and where it stands."""

    kind: str
    id: UUID
    text: str
    query: SearchQuery
    where: str
    at: datetime
    author: str = ""
    place: dict[str, Any] = field(default_factory=dict)
    """Ids that lead there."""

    @property
    def excerpt(self) -> str:
        return excerpt(self.text, self.query)

    @cached_property
    def rank(self) -> list[Any]:
        """The best first, then the newest."""
        return [-score(self.text, self.query), -self.at.timestamp(), self.id.hex]


def search_home(member: Membership, text: str, kinds: Sequence[str] = ()) -> list[SearchResult]:
    """What the member may see of it, the best first: of each kind the newest 100 that have it. Never raises for what
    was typed. Costs four queries a kind at most."""
    return run_query(member, parse_query(text), kinds)


def run_query(member: Membership, query: SearchQuery, kinds: Sequence[str] = ()) -> list[SearchResult]:
    if query.is_empty:
        return []
    finders = [find for kind, find in hooks.finders.items() if not kinds or kind in kinds]
    return sorted((found for find in finders for found in find(member, query)), key=lambda found: found.rank)


def parse_query(text: str) -> SearchQuery:
    """`from:ben in:#kitchen before:2026-10-01 has:link "word for word" rent`, in any order."""
    line = clean_line(text[:MOST_READ])
    known: dict[str, Any] = {}

    def note(match: re.Match[str]) -> str:
        read = _operator(match[1].lower(), match[2].strip('"'))
        known.update(read)
        return " " if read else match[0].replace(":", " ")

    line = OPERATOR.sub(note, line)
    phrases = tuple(phrase for said in QUOTED.findall(line) if (phrase := " ".join(words_of(said))))
    words = words_of(POSSESSIVE.sub("", QUOTED.sub(" ", line)))
    telling = [word for word in words if word not in STOP and (len(word) > 1 or not word.isascii())]
    kept = telling or ([] if phrases or known else words)
    return SearchQuery(tuple(dict.fromkeys(kept))[:MOST_WORDS], phrases[:MOST_WORDS], **known)


def _operator(name: str, said: str) -> dict[str, Any]:
    if name in ("before", "after"):
        day = _day(said)
        return {name: day} if day else {}
    if name == "has":
        return {"has_link": True} if said.casefold() == "link" else {}
    said = said.lstrip("@#")
    return {"author" if name == "from" else "room": said} if said else {}


def _day(said: str) -> date | None:
    try:
        day = date.fromisoformat(said)
    except ValueError:
        return None
    return day if 1900 <= day.year <= 9998 else None  # beyond, some clocks have no such moment


def words_of(text: str) -> list[str]:
    """Letters and digits with their marks, in small letters."""
    if text.isascii():
        return text.lower().translate(NO_WORDS).split()
    folded = unicodedata.normalize("NFC", text).casefold()
    return "".join(char if unicodedata.category(char)[0] in "LMN" else " " for char in folded).split()


def score(text: str, query: SearchQuery) -> int:
    """0 to 110: whole words count more than beginnings, those more than parts, and all in a row the most."""
    folded = text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()
    words = f" {' '.join(words_of(text))} "
    points = [
        100 if " " in part or f" {part} " in words else 80 if f" {part}" in words else 50 if part in folded else 70
        for part in query.terms
    ]
    in_a_row = len(query.words) > 1 and " ".join(query.words) in words
    return round(sum(points) / len(points)) + 10 * in_a_row if points else 0


def excerpt(text: str, query: SearchQuery) -> str:
    """One line of it, around the first of the words."""
    line = clean_line(text)
    if len(line) <= MAX_EXCERPT_CHARS:
        return line
    folded = line.casefold()
    first = min((at for part in query.terms if (at := folded.find(part)) >= 0), default=0)
    begin = max(0, min(first - AROUND, len(line) - MAX_EXCERPT_CHARS))
    if begin:
        begin = line.find(" ", begin, first) + 1 or begin
    piece = line[begin : begin + MAX_EXCERPT_CHARS]
    end = "…" if begin + MAX_EXCERPT_CHARS < len(line) else ""
    if end and " " in piece[AROUND:]:
        piece = piece.rsplit(" ", 1)[0]
    return f"{'…' if begin else ''}{piece}{end}"
