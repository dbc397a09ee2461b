"""The messages of households in `data/`, whose meaning people have marked."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"
LABELS = frozenset(
    ("item", "quantity", "unit", "price", "note", "store", "person", "date", "list", "task", "event", "place", "query")
    + ("category", "old", "kept")
)
INTENTS = frozenset(
    ("add_item", "mark_purchased", "remove_item", "change_item", "clear_list", "set_recurring", "list_items")
    + ("budget_query", "create_task", "list_tasks", "create_event", "list_events", "search_memory", "remember")
    + ("forget", "undo", "yes", "no", "chat", "unclear")
)
_MARK = re.compile(r"\[([^\[\]]*)\]\(([a-z]+)(?:=([^()]*))?\)")
_THAI = re.compile("[\u0e00-\u0e7f]")


@dataclass(frozen=True, slots=True)
class Span:
    """Marked words: `text[start:end]` is a `label`, with `value` as its normal form."""

    label: str
    start: int
    end: int
    value: str


@dataclass(frozen=True, slots=True)
class Example:
    text: str
    spans: tuple[Span, ...]
    intent: str
    accept: frozenset[str]
    """The intent, and others that are right as well."""
    writer: str
    """The number of the file and the person's letter: `07A`."""
    language: str
    talk: str
    """The talk that it belongs to, within its file; empty if none."""

    @property
    def file(self) -> str:
        return self.writer[:-1]


def read_corpus(folder: Path = DATA) -> Iterator[Example]:
    """Yield the messages of all files in order. Raises ValueError for a line that breaks the format."""
    for path in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            try:
                yield _read(json.loads(line), path.stem)
            except (KeyError, ValueError) as error:
                raise ValueError(f"{path.name}, line {number}: {error!r}") from error


def digest(folder: Path = DATA) -> str:
    """Return the hash of all files, which tells whether a trained artifact is of them."""
    return hashlib.sha256(b"".join(path.read_bytes() for path in sorted(folder.glob("*.jsonl")))).hexdigest()


def _read(row: dict[str, str], file: str) -> Example:
    text, spans = read_markup(row["m"])
    accept = frozenset({row["intent"], *row["accept"]})
    if unknown := (accept - INTENTS) | ({span.label for span in spans} - LABELS):
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    language = row.get("lang") or ("th" if _THAI.search(text) else "en")
    return Example(text, spans, row["intent"], accept, file + row["writer"], language, row.get("talk", ""))


def read_markup(marked: str) -> tuple[str, tuple[Span, ...]]:
    """Return the text without its markup, and what was marked."""
    text, spans, last = "", [], 0
    for mark in _MARK.finditer(marked):
        words, label, value = mark.groups()
        text += marked[last : mark.start()]
        spans.append(Span(label, len(text), len(text) + len(words), words if value is None else value))
        text += words
        last = mark.end()
    return text + marked[last:], tuple(spans)
