"""What a request may say. Each field takes what its own description allows, and nothing that only looks like it:
the schema is then the whole truth about a body."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from pantry.models import as_json
from pantry.text import is_visible, visible_line

MAX_EXACT_INTEGER = 2**53  # above it JavaScript's numbers have gaps
ANYTHING = r"^[^\u0000]*$"
VISIBLE = r"^[^\u0000]*[\p{L}\p{N}\p{P}\p{S}][^\u0000]*$"  # as `is_visible` says it
CLOCK = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
UUID_TEXT = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
DAY_TEXT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MOMENT_TEXT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
NUMBER_TEXT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")


def is_number(data: Any) -> bool:
    return isinstance(data, int | float) and not isinstance(data, bool) and math.isfinite(data)


class RequestField(serializers.Field):  # type: ignore[type-arg]
    """A field of a request that knows how it is described."""

    wrong = "This is not valid."

    def __init__(self, described: dict[str, Any], **options: Any) -> None:
        self.described = described
        super().__init__(**options)

    def refuse(self, sentence: str = "") -> serializers.ValidationError:
        return serializers.ValidationError(sentence or self.wrong)


class Text(RequestField):
    """Up to `most` characters, with something to see among them unless `blank`; no NUL."""

    def __init__(self, most: int, *, blank: bool = False, pattern: str = "", format: str = "", **options: Any) -> None:
        self.most, self.blank, self.pattern = most, blank, pattern
        described: dict[str, Any] = {"type": "string", "format": format}
        if not format:
            described = {"type": "string", "minLength": 0 if blank else 1, "maxLength": most}
            described["pattern"] = pattern or (ANYTHING if blank else VISIBLE)
        super().__init__(described, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or "\0" in data:
            raise self.refuse("Text is needed here.")
        if len(data) > self.most:
            raise self.refuse(f"{self.most} characters at most.")
        if not self.blank and not is_visible(data):
            raise self.refuse("This must not be blank.")
        if self.pattern and not re.fullmatch(self.pattern, data):
            raise self.refuse()
        return data


class Line(Text):
    """Text on one line."""

    def to_internal_value(self, data: Any) -> str:
        return visible_line(super().to_internal_value(data))[: self.most]


class Secret(RequestField):
    """A password or token, kept as it is."""

    def __init__(self, most: int, *, least: int = 1, format: str = "", **options: Any) -> None:
        self.least, self.most = least, most
        described = {"type": "string", "minLength": least, "maxLength": most, "pattern": ANYTHING}
        super().__init__(described | ({"format": format} if format else {}), **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str) or "\0" in data or not self.least <= len(data) <= self.most:
            raise self.refuse(f"{self.least} to {self.most} characters.")
        return data


class Email(RequestField):
    wrong = "Enter a valid email address."

    def __init__(self, *, blank: bool = False, **options: Any) -> None:
        self.blank, self.most = blank, 254
        address = {"type": "string", "format": "email", "maxLength": self.most}
        super().__init__({"anyOf": [address, {"const": ""}]} if blank else address, **options)

    def to_internal_value(self, data: Any) -> str:
        if self.blank and data == "":
            return ""
        try:
            if not isinstance(data, str) or len(data) > self.most:
                raise self.refuse()
            validate_email(data)
        except ValidationError as error:
            raise self.refuse() from error
        return data


class Id(RequestField):
    wrong = "A UUID is needed here."

    def __init__(self, **options: Any) -> None:
        super().__init__({"type": "string", "format": "uuid"}, **options)

    def to_internal_value(self, data: Any) -> UUID:
        if not isinstance(data, str) or not UUID_TEXT.fullmatch(data):
            raise self.refuse()
        return UUID(data)


class Boolean(RequestField):
    wrong = "true or false is needed here."

    def __init__(self, **options: Any) -> None:
        super().__init__({"type": "boolean"}, **options)

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise self.refuse()
        return data


class Integer(RequestField):
    """A whole number from `least` to `most`."""

    def __init__(self, least: int, most: int = MAX_EXACT_INTEGER, **options: Any) -> None:
        self.least, self.most = least, most
        super().__init__({"type": "integer", "minimum": least, "maximum": most}, **options)

    def to_internal_value(self, data: Any) -> int:
        if not is_number(data) or data % 1 or not self.least <= data <= self.most:
            raise self.refuse(f"A whole number from {self.least} to {self.most}.")
        return int(data)


class ExactDecimal(RequestField):
    """A number, or the same in a string, which no client rounds. Of a number, `places` are kept."""

    def __init__(self, least: Decimal, most: Decimal, places: int, pattern: str, **options: Any) -> None:
        self.least, self.most, self.unit, self.pattern = least, most, Decimal(1).scaleb(-places), pattern
        number = {"type": "number", "minimum": float(least), "maximum": float(most)}
        super().__init__({"anyOf": [{"type": "string", "pattern": pattern}, number]}, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        if not is_number(data) and not (isinstance(data, str) and re.fullmatch(self.pattern, data)):
            raise self.refuse("A number is needed here.")
        value = Decimal(str(data))
        if not self.least <= value <= self.most:
            raise self.refuse(f"A number from {self.least} to {self.most}.")
        return value.quantize(self.unit, ROUND_HALF_UP)


class DateTime(RequestField):
    wrong = "A moment is needed here, like 2026-10-01T08:00:00Z."

    def __init__(self, **options: Any) -> None:
        super().__init__({"type": "string", "format": "date-time"}, **options)

    def to_internal_value(self, data: Any) -> datetime:
        try:
            if not isinstance(data, str) or not MOMENT_TEXT.fullmatch(data):
                raise self.refuse()
            return datetime.fromisoformat(data.upper()).astimezone(UTC)
        except (ValueError, OverflowError) as error:  # the second: a year that UTC does not reach
            raise self.refuse() from error


class TimeOfDay(RequestField):
    """What a clock on the wall shows, with or without seconds."""

    wrong = "A time is needed here, like 21:30."

    def __init__(self, **options: Any) -> None:
        super().__init__({"type": "string", "pattern": CLOCK}, **options)

    def to_internal_value(self, data: Any) -> time:
        if not isinstance(data, str) or not re.fullmatch(CLOCK, data):
            raise self.refuse()
        return time.fromisoformat(data)

    def to_representation(self, value: time) -> str:
        return value.isoformat("seconds")


class BooleanMap(RequestField):
    """Yes or no, by name."""

    wrong = "true or false is needed here, by name."

    def __init__(self, **options: Any) -> None:
        super().__init__({"type": "object", "additionalProperties": {"type": "boolean"}}, **options)

    def to_internal_value(self, data: Any) -> dict[str, bool]:
        if not isinstance(data, dict) or not all(isinstance(value, bool) for value in data.values()):
            raise self.refuse()
        return data


# Behind the question mark, where all is text


class Date(RequestField):
    wrong = "A day is needed here, like 2026-10-01."

    def __init__(self, **options: Any) -> None:
        super().__init__({"type": "string", "format": "date"}, **options)

    def to_internal_value(self, data: Any) -> date:
        try:
            if not DAY_TEXT.fullmatch(data):
                raise self.refuse()
            return date.fromisoformat(data)
        except ValueError as error:
            raise self.refuse() from error


class QueryNumber(RequestField):
    """A number from `least` to `most`, whole or not, as `kind` says."""

    def __init__(self, kind: Callable[[str], Any], least: int, most: int = MAX_EXACT_INTEGER, **options: Any) -> None:
        self.kind, self.least, self.most = kind, least, most
        name = "integer" if kind is int else "number"
        super().__init__({"type": name, "minimum": least, "maximum": most}, **options)

    def to_internal_value(self, data: Any) -> Any:
        is_number = NUMBER_TEXT.fullmatch(data) and (self.kind is not int or data.isdecimal())
        number = self.kind(data) if is_number else math.nan
        if not self.least <= number <= self.most:
            raise self.refuse(f"A number from {self.least} to {self.most}.")
        return number


@extend_schema_field({"type": "string", "examples": ["1.5"]})
class NumberField(serializers.Field):  # type: ignore[type-arg]
    """A quantity or price as a string without trailing zeros: exact, whatever the client's numbers are."""

    def to_representation(self, value: Decimal) -> Any:
        return as_json(value)


def money(**options: Any) -> ExactDecimal:
    return ExactDecimal(Decimal(0), Decimal("99999999.99"), 2, r"^[0-9]{1,8}(\.[0-9]{1,2})?$", **options)


def zone(**options: Any) -> Text:
    return Text(64, format="time-zone", help_text="Of the IANA, like Asia/Bangkok.", **options)


def currency(**options: Any) -> Text:
    return Text(3, pattern="^[A-Z]{3}$", help_text="Three letters, like THB.", **options)


class OneOf(serializers.Serializer):  # type: ignore[type-arg]
    """A body that has exactly one of two fields."""

    one_of: tuple[str, str]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in self.one_of) != 1:
            raise serializers.ValidationError("Either `{}` or `{}` is needed.".format(*self.one_of))
        return attrs
