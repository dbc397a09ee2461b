"""Endpoints: methods of viewsets that declare what they accept and return."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer, Serializer

from pantry.api.pagination import paginate, paginate_columns

SerializerClass = type[BaseSerializer[Any]]
Handler = Callable[..., HttpResponseBase]

JSON_TYPE = "application/json"
DEFAULT_STATUS = {"create": 201, "destroy": 204}


@dataclass(frozen=True)
class Endpoint:
    summary: str
    request: SerializerClass | None = None
    query: SerializerClass | None = None
    response: SerializerClass | None = None
    """Defaults to the serializer of the viewset."""
    paginated: bool = False
    """The response is a page of such rows."""
    columns: bool = True
    """The fields of a page's rows are columns, so that no instances are needed."""
    status: int | None = None
    """Defaults to 201 for `create`, 204 for `destroy` and 200 for others."""
    media_type: str = JSON_TYPE
    """Of the response, if it is a file."""
    also: Mapping[int, SerializerClass] = field(default_factory=dict)
    """Further responses, by status."""
    without_read: bool = False
    """A personal token without the scope `read` gets the whole response, since it shows nothing else of the home."""
    errors: tuple[int, ...] = (404,)
    """Statuses of errors, besides those that follow from authentication, throttling and the request."""
    example: Any = None
    """A request body."""

    def status_of(self, action: str) -> int:
        return self.status or DEFAULT_STATUS.get(action, 200)


def endpoint(summary: str, **options: Any) -> Callable[[Callable[..., Any]], Handler]:
    """Turn a method of a viewset into an endpoint with these fields of `Endpoint`.

    `query` may also be a dict of serializer fields. The method gets the row that the URL names, if any, and the
    validated `data` and `query`, if they are declared: invalid input is rejected before the method checks anything. It
    returns what the serializer represents, a sorted queryset to paginate, or a response.
    """
    if isinstance(options.get("query"), dict):
        options["query"] = type("Query", (Serializer,), dict(options["query"]))
    spec = Endpoint(summary, **options)

    def decorate(method: Callable[..., Any]) -> Handler:
        @wraps(method)
        def handle(view: Any, request: Request, **kwargs: Any) -> HttpResponseBase:
            rows = [view.get_object()] if view.lookup_url_kwarg in kwargs else []
            inputs = {}
            if spec.request:
                inputs["data"] = view.validate(spec.request, request.data)
            if spec.query:
                inputs["query"] = view.validate(spec.query, request.query_params.dict())
            result = method(view, *rows, **inputs)
            if isinstance(result, HttpResponseBase):
                return result
            if isinstance(result, QuerySet):
                if spec.columns:
                    return paginate_columns(request, result, spec.response or view.serializer_class)
                return paginate(request, result, lambda page: [view.represent(row) for row in page])
            status = spec.status_of(view.action)
            if status == 204:
                return Response(status=status)
            return Response(spec.response(result).data if spec.response else view.represent(result), status)

        handle.endpoint = spec  # type: ignore[attr-defined]
        return handle

    return decorate


def action_endpoint(
    action: Callable[..., Any], summary: str, *, description: str | None = None, **options: Any
) -> Handler:
    """Return an endpoint that calls the action with the row, the fields of body and query, and the actor."""

    def call(view: Any, *rows: Any, **inputs: Mapping[str, Any]) -> Any:
        fields = {name: value for values in inputs.values() for name, value in values.items()}
        return action(*rows, by=view.actor(), **fields)

    call.__doc__ = description
    return endpoint(summary, **options)(call)


def list_endpoint(summary: str, **options: Any) -> Handler:
    """Return an endpoint that lists the viewset's queryset."""
    return endpoint(summary, paginated=True, **options)(lambda view: view.get_queryset())


def retrieve_endpoint(summary: str, **options: Any) -> Handler:
    """Return an endpoint that returns the row of the URL."""
    return endpoint(summary, **options)(lambda view, row: row)
