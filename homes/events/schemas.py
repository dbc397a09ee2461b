"""The base classes of events' data, and the registry of schemas."""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, ClassVar, Self, TypeVar

from django.db import models
from pydantic import BaseModel, ConfigDict, PlainSerializer, create_model

from pantry.models import as_json

Number = Annotated[Decimal, PlainSerializer(as_json, return_type=str)]


class Snapshot(BaseModel):
    """The state of a row as clients see it."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class EventData(Snapshot):
    """The state after an event. Subclasses are registered with `@event(...)`."""

    subject: ClassVar[str]

    @classmethod
    def of(cls, row: models.Model) -> Self:
        """Return the data of an event about `row`: its snapshot under the name of its kind."""
        return cls.model_validate({cls.subject: row})


SCHEMAS: dict[str, type[EventData]] = {}
Schema = TypeVar("Schema", bound=type[EventData])


def event(*types: str) -> Callable[[Schema], Schema]:

    def register(schema: Schema) -> Schema:
        SCHEMAS.update(dict.fromkeys(types, schema))
        return schema

    return register


def row_event(subject: str, *types: str) -> Callable[[type[Snapshot]], type[Snapshot]]:
    """Register event types whose data is just the decorated snapshot, under the name `subject`."""

    def register(snapshot: type[Snapshot]) -> type[Snapshot]:
        fields: Any = {subject: (snapshot, ...)}
        schema = create_model(f"{snapshot.__name__}Event", __base__=EventData, **fields)
        schema.subject = subject
        event(*types)(schema)
        return snapshot

    return register
