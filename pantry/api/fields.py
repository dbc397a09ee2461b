"""Serializer fields for requests. Each accepts exactly what its OpenAPI schema describes, without coercion."""

import math
import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import validate_email
from drf_spectacular.drainage import set_override
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from pantry.models import as_json
from pantry.text import is_visible, visible_line

MAX_EXACT_INTEGER = 2**53  # above it JavaScript cannot represent every integer
MAX_EMAIL_CHARS = 254
MAX_ITEM_ERRORS = 20  # of a list, after which the others are not checked
NO_NUL = r"^[^\u0000]*$"
NUL_REFUSED = "The character NUL (U+0000) is not allowed."
VISIBLE = r"^[^\u0000]*[\p{L}\p{N}\p{P}\p{S}][^\u0000]*$"  # the same rule as `is_visible`
TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"
NUMBER_TEXT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")


def is_number(data: Any) -> bool:
    return isinstance(data, int | float) and not isinstance(data, bool) and math.isfinite(data)


class RequestField(serializers.Field):  # type: ignore[type-arg]
    """A request field with its OpenAPI schema."""

    schema: dict[str, Any] = {}
    message = "This is not valid."

    def __init__(self, schema: dict[str, Any] | None = None, **options: Any) -> None:
        super().__init__(**options)
        set_override(self, "field", schema or self.schema)

    def error(self, message: str = "") -> serializers.ValidationError:
        return serializers.ValidationError(message or self.message)


class Text(RequestField):
    """Text of up to `max_chars` characters without NUL; with at least one visible character unless `blank`."""

    def __init__(
        self, max_chars: int, *, blank: bool = False, pattern: str = "", format: str = "", **options: Any
    ) -> None:
        self.max_chars, self.blank, self.pattern = max_chars, blank, pattern
        pattern = pattern or (NO_NUL if blank else VISIBLE)
        limits = {"minLength": int(not blank), "maxLength": max_chars, "pattern": pattern}
        super().__init__({"type": "string", **({"format": format} if format else limits)}, **options)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            raise self.error("This must be text.")
        if "\0" in data:
            raise self.error(NUL_REFUSED)
        self.check_length(data)
        if not self.blank and not is_visible(data):
            raise self.error("This can't be blank.")
        if self.pattern and not re.fullmatch(self.pattern, data):
            raise self.error()
        return data

    def check_length(self, text: str) -> str:
        if len(text) > self.max_chars:
            raise self.error(f"At most {self.max_chars} characters are allowed.")
        return text


class Line(Text):
    """Text on one line; white space is collapsed."""

    def to_internal_value(self, data: Any) -> str:
        return self.check_length(visible_line(super().to_internal_value(data)))  # normalized, it may be longer


class Secret(RequestField):
    """A password or token, which is not normalized."""

    def __init__(self, max_chars: int, *, min_chars: int = 1, format: str = "", **options: Any) -> None:
        self.min_chars, self.max_chars = min_chars, max_chars
        schema = {"type": "string", "minLength": min_chars, "maxLength": max_chars, "pattern": NO_NUL}
        super().__init__(schema | ({"format": format} if format else {}), **options)

    def to_internal_value(self, data: Any) -> str:
        if isinstance(data, str) and "\0" in data:
            raise self.error(NUL_REFUSED)
        if not isinstance(data, str) or not self.min_chars <= len(data) <= self.max_chars:
            raise self.error(f"This must have {self.min_chars} to {self.max_chars} characters.")
        return data


class Email(RequestField):
    message = "Enter a valid email address."

    def __init__(self, *, blank: bool = False, **options: Any) -> None:
        self.blank = blank
        address = {"type": "string", "format": "email", "maxLength": MAX_EMAIL_CHARS}
        super().__init__({"anyOf": [address, {"const": ""}]} if blank else address, **options)

    def to_internal_value(self, data: Any) -> str:
        if self.blank and data == "":
            return ""
        try:
            if not isinstance(data, str):
                raise self.error()
            if len(data) > MAX_EMAIL_CHARS:
                raise self.error(f"At most {MAX_EMAIL_CHARS} characters are allowed.")
            validate_email(data)
        except ValidationError as error:
            raise self.error() from error
        return data


class ParsedField(RequestField):
    """Text that matches `pattern` and that `parse` accepts."""

    pattern: re.Pattern[str]
    parse: Callable[[str], Any]

    def to_internal_value(self, data: Any) -> Any:
        try:
            if not isinstance(data, str) or not self.pattern.fullmatch(data):
                raise self.error()
            return self.parse(data)
        except (ValueError, OverflowError) as error:  # OverflowError: year 1 or 9999 in UTC
            raise self.error() from error


class Id(ParsedField):
    schema = {
        "type": "string",
        "format": "uuid",
        "pattern": "^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$",
    }
    message = "This must be a UUID."
    pattern = re.compile(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}")
    parse = UUID


class Date(ParsedField):
    schema = {"type": "string", "format": "date", "pattern": r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
    message = "This must be a date, like 2026-10-01."
    pattern = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
    parse = date.fromisoformat


class DateTime(ParsedField):
    schema = {"type": "string", "format": "date-time"}
    message = "This must be a time with its zone, like 2026-10-01T08:00:00Z."
    pattern = re.compile(r"[0-9]{4}(-[0-9]{2}){2}[Tt][0-9]{2}(:[0-9]{2}){2}(\.[0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})")

    @staticmethod
    def parse(text: str) -> datetime:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)


class TimeOfDay(ParsedField):
    """A local time, with or without seconds."""

    schema = {"type": "string", "pattern": TIME_OF_DAY}
    message = "This must be a time, like 21:30."
    pattern = re.compile(TIME_OF_DAY)
    parse = time.fromisoformat

    def to_representation(self, value: time) -> str:
        return value.isoformat("seconds")


class Upload(RequestField):
    """A file of a form."""

    schema = {"type": "string", "format": "binary"}
    message = "This must be a file of a form."

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, UploadedFile):
            raise self.error()
        return data


class Boolean(RequestField):
    schema = {"type": "boolean"}
    message = "This must be true or false."

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            raise self.error()
        return data


class Integer(RequestField):
    def __init__(self, minimum: int, maximum: int = MAX_EXACT_INTEGER, **options: Any) -> None:
        self.minimum, self.maximum = minimum, maximum
        super().__init__({"type": "integer", "minimum": minimum, "maximum": maximum}, **options)

    def to_internal_value(self, data: Any) -> int:
        if not is_number(data) or data % 1 or not self.minimum <= data <= self.maximum:
            raise self.error(f"This must be a whole number from {self.minimum} to {self.maximum}.")
        return int(data)


class ExactDecimal(RequestField):
    """A decimal as a string, which no client rounds, or as a number, which is rounded to `places`."""

    def __init__(self, minimum: Decimal, maximum: Decimal, places: int, pattern: str, **options: Any) -> None:
        self.minimum, self.maximum, self.unit, self.pattern = minimum, maximum, Decimal(1).scaleb(-places), pattern
        number = {"type": "number", "minimum": float(minimum), "maximum": float(maximum)}
        super().__init__({"anyOf": [{"type": "string", "pattern": pattern}, number]}, **options)

    def to_internal_value(self, data: Any) -> Decimal:
        if not is_number(data) and not (isinstance(data, str) and re.fullmatch(self.pattern, data)):
            raise self.error("This must be a number.")
        value = Decimal(str(data))
        if not self.minimum <= value <= self.maximum:
            raise self.error(f"This must be a number from {self.minimum} to {self.maximum}.")
        return value.quantize(self.unit, ROUND_HALF_UP)


class ShortList(serializers.ListField):
    """A list of up to `max_length` items, which is checked before the items are; so are only some wrong items."""

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(max_length=max_length, **options)
        self.most = max_length

    def run_child_validation(self, data: Any) -> list[Any]:
        if len(data) > self.most:
            self.fail("max_length", max_length=self.most)
        items: list[Any] = []
        errors: dict[Any, Any] = {}
        for index, item in enumerate(data):
            try:
                items.append(self.child.run_validation(item))
            except serializers.ValidationError as error:
                errors[index] = error.detail
                if len(errors) == MAX_ITEM_ERRORS:
                    break
        if errors:
            raise serializers.ValidationError(errors)
        return items


class ShortDict(serializers.DictField):
    """An object of up to `max_length` keys, which is checked before the values are."""

    default_error_messages = {"max_length": "At most {max_length} keys are allowed."}

    def __init__(self, *, max_length: int, **options: Any) -> None:
        super().__init__(**options)
        self.max_length = max_length

    def run_child_validation(self, data: Any) -> Any:
        if len(data) > self.max_length:
            self.fail("max_length", max_length=self.max_length)
        return super().run_child_validation(data)


class QueryNumber(RequestField):
    """A number from `minimum` to `maximum` in a query parameter; `kind` is int or float."""

    def __init__(
        self, kind: Callable[[str], Any], minimum: int, maximum: int = MAX_EXACT_INTEGER, **options: Any
    ) -> None:
        self.kind, self.minimum, self.maximum = kind, minimum, maximum
        name = "integer" if kind is int else "number"
        super().__init__({"type": name, "minimum": minimum, "maximum": maximum}, **options)

    def to_internal_value(self, data: Any) -> Any:
        is_number = NUMBER_TEXT.fullmatch(data) and (self.kind is not int or data.isdecimal())
        number = self.kind(data) if is_number else math.nan
        if not self.minimum <= number <= self.maximum:
            raise self.error(f"This must be a number from {self.minimum} to {self.maximum}.")
        return number


@extend_schema_field({"type": "string", "examples": ["1.5"]})
class NumberField(serializers.Field):  # type: ignore[type-arg]
    """A quantity or price in a response: a string without trailing zeros, so that clients do not round it."""

    def to_representation(self, value: Decimal) -> Any:
        return as_json(value)


money = partial(ExactDecimal, Decimal(0), Decimal("99999999.99"), 2, r"^[0-9]{1,8}(\.[0-9]{1,2})?$")
zone = partial(Text, 64, format="time-zone", help_text="An IANA time zone, like Asia/Bangkok.")
currency = partial(Text, 3, pattern="^[A-Z]{3}$", help_text="An ISO 4217 code, like THB.")


class OneOf(serializers.Serializer):  # type: ignore[type-arg]
    """A body with exactly one of two fields."""

    one_of: tuple[str, str]

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if sum(name in attrs for name in self.one_of) != 1:
            raise serializers.ValidationError("Give either `{}` or `{}`.".format(*self.one_of))
        return attrs
