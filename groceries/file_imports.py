"""Lists from a file of another product, to choose from. The file isn't stored: the page carries its lines, signed."""

from collections.abc import Iterable
from dataclasses import astuple, dataclass, replace
from decimal import Decimal
from typing import Any

from django.core import signing
from django.utils.translation import gettext as _

from groceries.actions.items import item_keys
from groceries.models import Category
from groceries.parsing.foreign import FileLine, FileList, ForeignFile, read_file
from groceries.parsing.foreign.rows import MAX_NOTE_CHARS
from groceries.parsing.notes import join_notes
from groceries.paste import scale_line
from homes.models import Home
from pantry.errors import ActionError
from pantry.money import money

ONE = Decimal(1)
MAX_TOKEN_CHARS = 900_000  # of a form, which may have a million bytes
MAX_AGE_SECONDS = 24 * 60 * 60


def read_lists(content: bytes, home: Home, scale: Decimal = ONE) -> ForeignFile:
    """Read a file. Prices become part of the notes, as nobody knows whether one is for each or for all of them.

    `scale` multiplies the amounts.
    """
    file = read_file(content, item_keys(home))
    lists = (
        replace(each, lines=tuple(scale_line(_with_price(line, home.currency), scale) for line in each.lines))
        for each in file.lists
    )
    return replace(file, lists=tuple(lists))


def _with_price(line: FileLine, currency: str) -> FileLine:
    if line.price is None or line.problem:
        return line
    note = join_notes(line.note, money(line.price, currency))
    if len(note) > MAX_NOTE_CHARS:
        return line
    return replace(line, note=note)


def sign(file: ForeignFile, home: Home) -> str:
    """Return the lines as text that only this server can have written. Raises ActionError for too much text."""
    lists = [[each.name, each.is_catalog, [_plain(line) for line in each.lines]] for each in file.lists]
    token = signing.dumps([lists, file.ignored], salt=_salt(home), compress=True)
    if len(token) > MAX_TOKEN_CHARS:
        raise ActionError(_("There is too much text in this file. Split it into several files."))
    return token


def load(token: str, home: Home) -> ForeignFile:
    """Return what `sign` was given, up to a day ago. Raises ActionError."""
    try:
        lists, ignored = signing.loads(token, salt=_salt(home), max_age=MAX_AGE_SECONDS)
    except signing.BadSignature as error:
        raise ActionError(_("This page is too old. Choose the file again.")) from error
    return ForeignFile(
        tuple(FileList(name, tuple(map(_line, lines)), catalog) for name, catalog, lines in lists), tuple(ignored)
    )


def _salt(home: Home) -> str:
    return f"groceries.file_imports.{home.pk}"


def _plain(line: FileLine) -> list[Any]:
    return [str(value) if isinstance(value, Decimal) else value for value in astuple(line)]


def _line(values: list[Any]) -> FileLine:
    line = FileLine(*values)
    return replace(
        line,
        quantity=None if line.quantity is None else Decimal(line.quantity),
        price=None if line.price is None else Decimal(line.price),
    )


@dataclass(frozen=True)
class Choice:
    """A line with its index in the list. Bought things and those of a catalog aren't chosen from the start."""

    index: int
    line: FileLine
    is_checked: bool


@dataclass(frozen=True)
class Part:
    """The lines of one list that are on a page."""

    of: FileList
    start: int
    size: int

    @property
    def choices(self) -> list[Choice]:
        lines = self.of.lines[self.start : self.end]
        return [
            Choice(index, line, not (line.is_bought or line.problem or self.of.is_catalog))
            for index, line in enumerate(lines, self.start)
        ]

    @property
    def end(self) -> int:
        return min(self.start + self.size, len(self.of.lines))

    @property
    def has_next(self) -> bool:
        return self.end < len(self.of.lines)

    def choose(self, indexes: Iterable[str]) -> list[FileLine]:
        """Return the lines with these indexes, without those that have a problem."""
        chosen = set(indexes)
        return [each.line for each in self.choices if str(each.index) in chosen and not each.line.problem]


def with_known_aisles(lines: Iterable[FileLine], home: Home) -> list[FileLine]:
    """Return the lines with the names of the home's aisles. Another aisle is guessed from the item's name."""
    names: dict[str, str] = {}
    for category in Category.objects.filter(home=home):
        names |= {category.label.casefold(): category.name, category.name.casefold(): category.name}
    return [replace(line, category=names.get(line.category.casefold(), "")) for line in lines]


def find_list(file: ForeignFile, name: str) -> FileList:
    """Return the list of that name, without one the only list that is no catalog. Raises ActionError."""
    lists = [each for each in file.lists if (each.name == name if name else not each.is_catalog)]
    if len(lists) != 1:
        list_names = ", ".join(f"“{each.name}”" for each in file.lists)
        raise ActionError(_("Say which list of the file to take: %(lists)s.") % {"lists": list_names})
    return lists[0]


def lines_to_take(chosen: FileList, home: Home, most: int) -> list[FileLine]:
    """Return what isn't bought. Raises ActionError for a line with a problem, and for more than `most` lines."""
    if problem := next((line.problem for line in chosen.lines if line.problem), ""):
        raise ActionError(problem)
    lines = [line for line in chosen.lines if not line.is_bought]
    if len(lines) > most:
        message = _("Take at most %(max)d things at once: these are %(count)d.")
        raise ActionError(message % {"max": most, "count": len(lines)})
    return with_known_aisles(lines, home)


def numbered_lines(lists: Iterable[FileList]) -> list[dict[str, Any]]:
    """Return the lines as dicts, with the names of their lists."""
    return [{**vars(line), "from_list": each.name} for each in lists for line in each.lines]
