"""Read plain text, each row as if it were pasted. A ticked box means that it is bought."""

import re
from collections.abc import Collection

from django.utils.translation import gettext as _

from groceries.parsing.entries import parse_lines
from groceries.parsing.foreign.rows import (
    MAX_FREE_TEXT_CHARS,
    MAX_ROW_CHARS,
    FileLine,
    FileList,
    ForeignFile,
    build_line,
    check_count,
    check_line,
)
from pantry.errors import ActionError

_TICKED = re.compile(r"\s*+(?:[-–—*+•] ?)?(?:\[[xX]\]|[☑☒✓✔✅])")


def read_text(text: str, names: Collection[str] = ()) -> ForeignFile:
    if len(text) > MAX_FREE_TEXT_CHARS:
        message = _("A text can have %(max)s characters. Split it into several files.")
        raise ActionError(message % {"max": f"{MAX_FREE_TEXT_CHARS:,}"})
    rows = [(number, row) for number, row in enumerate(text.splitlines(), 1) if row.strip()]
    check_count(len(rows))
    lines: list[FileLine] = []
    for number, row in rows:
        lines += read_row(row, number, _("Line %(number)d") % {"number": number}, names)
        check_count(len(lines))
    return ForeignFile((FileList("", tuple(lines)),))


def read_row(row: str, number: int, place: str, names: Collection[str]) -> list[FileLine]:
    """Return the items of a row of text, one with a problem if it makes no sense."""
    if len(row) > MAX_ROW_CHARS:
        return [build_line({"name": row}, number, place, names, "")]
    is_bought = _TICKED.match(row) is not None
    try:
        return [
            check_line(FileLine(line.name, line.quantity, line.unit, line.note, is_bought=is_bought, number=number))
            for line in parse_lines(row, names, MAX_ROW_CHARS)
        ]
    except ActionError as error:
        return [FileLine(" ".join(row.split())[:100], None, None, number=number, problem=f"{place}: {error}")]
