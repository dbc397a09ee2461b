"""Register the kinds of rows that files can be attached to."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

PICTURES = frozenset({"image/jpeg", "image/webp"})  # as they are stored; see `checks`
PICTURES_AND_PDF = PICTURES | {"application/pdf"}


@dataclass(frozen=True, kw_only=True)
class Attachable:
    """A kind of row that can have files. Its QuerySet has `visible_to(member)`: who sees the row sees its files."""

    model: Any
    url: Callable[[Any], str]
    """Returns the page that shows the files of a row."""
    max_files: int = 1
    """A row that can have one gets the new one instead of its old one."""
    media_types: frozenset[str] = PICTURES
    check: Callable[[Any], None] = lambda row: None
    """Raises ActionError for a row that takes no files now. It is called inside the home's lock."""

    @property
    def takes_pdf(self) -> bool:
        return "application/pdf" in self.media_types


kinds: dict[str, Attachable] = {}


def register(**attachables: Attachable) -> None:
    """Add kinds by the names that clients know."""
    kinds.update(attachables)
