"""A pasted text or recipe: its lines, scaled to the portions, to choose from."""

from dataclasses import dataclass, replace
from decimal import Decimal
from hashlib import sha256
from typing import TypeVar

from groceries.actions.items import read_lines
from groceries.parsing.entries import Line
from homes.models import Home

AnyLine = TypeVar("AnyLine", bound=Line)

MAX_LINES, MAX_CHARS = 500, 50_000


def scale_line(line: AnyLine, factor: Decimal) -> AnyLine:
    return line if line.quantity is None else replace(line, quantity=round(line.quantity * factor, 3))


@dataclass(frozen=True)
class Pasted:
    lines: list[Line]

    @classmethod
    def read(cls, text: str, home: Home, portions: tuple[Decimal, Decimal] | None = None) -> "Pasted":
        """Read a text. `portions`: for how many it is, and for how many to cook. Raises ActionError for too much."""
        lines = read_lines(text, home, max_lines=MAX_LINES, max_chars=MAX_CHARS)
        if portions is not None:
            has, needs = portions
            lines = [scale_line(line, needs / has) for line in lines]
        return cls(lines)

    @property
    def digest(self) -> str:
        """Identify the lines, which the text has or not depending on the items that the home knows by now."""
        return sha256(repr(self.lines).encode()).hexdigest()

    def choose(self, numbers: list[str]) -> list[Line]:
        return [line for number, line in enumerate(self.lines) if str(number) in numbers]
