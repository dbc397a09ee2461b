"""Serialize columns of a query instead of model instances, which takes a third of the time."""

from collections.abc import Iterable
from decimal import Decimal
from functools import cache
from typing import Any

from rest_framework.serializers import BaseSerializer

from pantry.models import as_json


def column_names(serializer: Any) -> list[str]:
    """Return the columns that are the sources of the serializer's fields."""
    return _flatten(_columns(serializer))


def serialize_columns(serializer: Any, rows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Serialize rows of `queryset.values(*column_names(serializer))`."""
    columns = _columns(serializer)
    return [_serialize(columns, row) for row in rows]


@cache
def _columns(serializer: Any) -> dict[str, Any]:
    """Return the column of each field; for a nested serializer, those of its fields."""
    return _nested_columns(serializer(), "")


def _nested_columns(serializer: Any, prefix: str) -> dict[str, Any]:
    sources = {name: prefix + field.source.replace(".", "__") for name, field in serializer.fields.items()}
    nested = {name: field for name, field in serializer.fields.items() if isinstance(field, BaseSerializer)}
    return sources | {name: _nested_columns(field, f"{sources[name]}__") for name, field in nested.items()}


def _flatten(columns: dict[str, Any]) -> list[str]:
    flat = [_flatten(column) if isinstance(column, dict) else [column] for column in columns.values()]
    return [column for group in flat for column in group]


def _serialize(columns: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    result = {}
    for name, column in columns.items():
        value = _serialize(column, row) if isinstance(column, dict) else row[column]
        result[name] = as_json(value) if isinstance(value, Decimal) else value
    return result
