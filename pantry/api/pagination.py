"""Cursor pagination: a page continues after a row, so rows that are added or removed meanwhile shift nothing."""

from collections.abc import Callable, Iterable, Sequence
from decimal import Decimal
from functools import cache, partial
from typing import Any

from django.core import signing
from django.db.models import Q
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.utils.urls import remove_query_param, replace_query_param

from pantry.models import as_json

DEFAULT_LIMIT, MAX_LIMIT = 50, 200
RANK = ["rank"]
Serialize = Callable[[list[Any]], Any]


def paginate(request: Request, rows: Any, serialize: Serialize) -> Response:
    """Return the page of a sorted queryset that `?limit=` and `?cursor=` ask for.

    The columns that it is sorted by are not null, and the last one is unique. `serialize` turns rows into results.
    """
    order = rows.query.order_by
    assert order, "a cursor needs an order"
    limit, (backwards, start) = read_limit(request, MAX_LIMIT), _read_cursor(request, order)
    columns = [_reverse(column) for column in order] if backwards else order
    if start is not None:
        rows = rows.filter(_after(columns, start))
    page = list(rows.order_by(*columns)[: limit + 1])
    has_more, page = len(page) > limit, page[:limit]
    if backwards:
        page.reverse()
    has_next, has_previous = (True, has_more) if backwards else (has_more, start is not None)
    return _page(request, order, page, serialize, has_next, has_previous)


def paginate_columns(request: Request, rows: Any, serializer: Any) -> Response:
    """Paginate rows whose columns are the sources of the serializer's fields."""
    columns = column_names(serializer)
    order = [column.lstrip("-") for column in rows.query.order_by]
    return paginate(request, rows.values(*columns, *order), lambda page: serialize_columns(serializer, page))


def paginate_ranked(request: Request, ranked: Sequence[Any], serialize: Serialize) -> Response:
    """Paginate objects that are sorted in memory. Each has a unique `rank`: a list of numbers and strings."""
    limit, (backwards, start) = read_limit(request, MAX_LIMIT), _read_cursor(request, RANK)
    if backwards:
        before = [row for row in ranked if start is None or row.rank < start[0]]
        page, has_next, has_previous = before[-limit:], True, len(before) > limit
    else:
        after = [row for row in ranked if start is None or row.rank > start[0]]
        page, has_next, has_previous = after[:limit], len(after) > limit, start is not None
    return _page(request, RANK, page, serialize, has_next, has_previous)


def _page(
    request: Request, order: Sequence[str], rows: list[Any], serialize: Serialize, has_next: bool, has_previous: bool
) -> Response:
    return Response(
        {
            "results": serialize(rows),
            "next": _link(request, order, rows[-1], False) if rows and has_next else None,
            "previous": _link(request, order, rows[0], True) if rows and has_previous else None,
        }
    )


def read_limit(request: Request, maximum: int) -> int:
    """Return `?limit=`. Raises ValidationError."""
    text = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not text.isascii() or not text.isdecimal() or len(text) > 6 or not 1 <= int(text) <= maximum:
        raise ValidationError({"limit": [f"This must be a number from 1 to {maximum}."]})
    return int(text)


def _read_cursor(request: Request, order: Sequence[str]) -> tuple[bool, list[Any] | None]:
    text = request.query_params.get("cursor")
    if not text:
        return False, None
    try:
        backwards, *start = signing.loads(text, salt=_salt(order))
    except (signing.BadSignature, ValueError) as error:
        raise ValidationError(
            {"cursor": ["This cursor does not belong to this list. Leave it out to start over."]}
        ) from error
    return backwards, start


def _link(request: Request, order: Sequence[str], row: Any, backwards: bool) -> str:
    read = row.__getitem__ if isinstance(row, dict) else partial(getattr, row)
    start = (as_json(read(column.lstrip("-"))) for column in order)
    cursor = signing.dumps([backwards, *start], salt=_salt(order))
    url = remove_query_param(request.build_absolute_uri(), "cursor")
    return replace_query_param(url, "cursor", cursor)


def _after(order: Sequence[str], start: Sequence[Any]) -> Q:
    """Match rows after `start`: greater in the first column, or equal there and greater in the second, and so on."""
    after, equal = Q(), Q()
    for column, value in zip(order, start, strict=True):
        name, lookup = column.lstrip("-"), "lt" if column.startswith("-") else "gt"
        after |= equal & Q(**{f"{name}__{lookup}": value})
        equal &= Q(**{name: value})
    first, lookup = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{first}__{lookup}": start[0]}) & after  # the first condition lets the database use an index


def _reverse(column: str) -> str:
    return column[1:] if column.startswith("-") else f"-{column}"


def _salt(order: Sequence[str]) -> str:
    return f"cursor {' '.join(order)}"


# Rows of columns instead of model instances, which take three times as long


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
