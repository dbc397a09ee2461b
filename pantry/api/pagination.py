"""Pages of a list that go on from a row, not from a number: what is added or removed meanwhile moves nothing."""

from collections.abc import Callable, Sequence
from functools import cache
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


def paginate(request: Request, rows: Any, order: Sequence[str], draw: Callable[[list[Any]], list[Any]]) -> Response:
    """One page of `rows` in the given order, whose last column tells any two rows apart and none of which is null.

    `?limit=` says how many, `?cursor=` where to go on. `draw` makes the page's rows into what is answered.
    """
    limit, (backwards, start) = read_limit(request, MAX_LIMIT), _cursor(request, order)
    ways = [_turned(column) for column in order] if backwards else list(order)
    if start is not None:
        rows = rows.filter(_beyond(ways, start))
    found = list(rows.order_by(*ways)[: limit + 1])
    more, found = len(found) > limit, found[:limit]
    if backwards:
        found.reverse()
    has_next, has_previous = (True, more) if backwards else (more, start is not None)
    return Response(
        {
            "results": draw(found),
            "next": _link(request, order, found[-1], False) if found and has_next else None,
            "previous": _link(request, order, found[0], True) if found and has_previous else None,
        }
    )


def paginate_columns(request: Request, rows: Any, order: Sequence[str], shape: type[BaseSerializer[Any]]) -> Response:
    """As `paginate`, for rows whose columns bear the names that `shape` gives them: they are answered as they are read,
    at a third of what making a row of each would cost."""
    columns = rows.values_list(*columns_of(shape), named=True)  # type: ignore[arg-type]  # a class can be a key
    return paginate(request, columns, order, lambda page: [row._asdict() for row in page])


def paginate_ranked(request: Request, ranked: Sequence[Any], draw: Callable[[list[Any]], list[Any]]) -> Response:
    """As `paginate`, for what was put in order in memory: each has a `rank`, a list of numbers and texts that JSON
    keeps, and no two the same."""
    limit, (backwards, start) = read_limit(request, MAX_LIMIT), _cursor(request, RANK)
    if backwards:
        before = [each for each in ranked if start is None or each.rank < start[0]]
        page, has_next, has_previous = before[-limit:], True, len(before) > limit
    else:
        behind = [each for each in ranked if start is None or each.rank > start[0]]
        page, has_next, has_previous = behind[:limit], len(behind) > limit, start is not None
    return Response(
        {
            "results": draw(list(page)),
            "next": _link(request, RANK, page[-1], False) if page and has_next else None,
            "previous": _link(request, RANK, page[0], True) if page and has_previous else None,
        }
    )


@cache
def columns_of(shape: Any) -> tuple[str, ...]:
    return tuple(shape().fields)


def read_limit(request: Request, most: int) -> int:
    asked = request.query_params.get("limit", str(DEFAULT_LIMIT))
    if not asked.isascii() or not asked.isdecimal() or len(asked) > 6 or not 1 <= int(asked) <= most:
        raise ValidationError({"limit": [f"A number from 1 to {most}."]})
    return int(asked)


def _cursor(request: Request, order: Sequence[str]) -> tuple[bool, list[Any] | None]:
    asked = request.query_params.get("cursor")
    if not asked:
        return False, None
    try:
        backwards, *start = signing.loads(asked, salt=_salt(order))
    except (signing.BadSignature, ValueError) as error:
        raise ValidationError({"cursor": ["This is no cursor of this list. Begin without one."]}) from error
    return backwards, start


def _link(request: Request, order: Sequence[str], row: Any, backwards: bool) -> str:
    columns = (column.lstrip("-") for column in order)
    cursor = signing.dumps([backwards, *(as_json(getattr(row, column)) for column in columns)], salt=_salt(order))
    here = remove_query_param(request.build_absolute_uri(), "cursor")
    return replace_query_param(here, "cursor", cursor)


def _beyond(order: Sequence[str], start: Sequence[Any]) -> Q:
    """Behind `start`: past it in the first column, or level there and past it in the second, and so on."""
    beyond, level = Q(), Q()
    for column, value in zip(order, start, strict=True):
        name, way = column.lstrip("-"), "lt" if column.startswith("-") else "gt"
        beyond |= level & Q(**{f"{name}__{way}": value})
        level &= Q(**{name: value})
    first, way = order[0].lstrip("-"), "lte" if order[0].startswith("-") else "gte"
    return Q(**{f"{first}__{way}": start[0]}) & beyond  # the first part lets an index find the place


def _turned(column: str) -> str:
    return column[1:] if column.startswith("-") else f"-{column}"


def _salt(order: Sequence[str]) -> str:
    return f"cursor {' '.join(order)}"
