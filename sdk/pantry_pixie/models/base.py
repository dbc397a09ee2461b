"""What all answers have in common."""

from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict


class Row(BaseModel):
    """Fields that a newer server adds are no reason to fail."""

    model_config = ConfigDict(frozen=True, extra="ignore")


T = TypeVar("T")


class Page(Row, Generic[T]):
    """Some rows of a list; `client.every(page)` goes through all of it."""

    results: list[T]
    next: str | None
    previous: str | None = None
