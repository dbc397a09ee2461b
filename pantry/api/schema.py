"""Describe the API's operations for OpenAPI."""

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeVar

from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance
from drf_spectacular.utils import (
    OpenApiExample,
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_serializer,
)
from rest_framework import serializers
from rest_framework.serializers import BaseSerializer

from pantry.api import idempotency, pagination
from pantry.api.fields import OneOf

View = TypeVar("View", bound=Callable[..., Any])
SerializerClass = type[BaseSerializer[Any]]

SUCCESS_DESCRIPTIONS = {
    200: "The current state.",
    201: "Created.",
    202: "Not finished yet; poll the run.",
    204: "Done, without content.",
}
ERROR_DESCRIPTIONS = {
    400: "The request is invalid; `message` says why.",
    402: "The budget is used up; `budget` has its limit and when it renews.",
    401: "Not authenticated.",
    403: "Not permitted.",
    404: "Not found, or not visible to you.",
    409: "Changed meanwhile (`current` is the current state), or the Idempotency-Key was used for another request.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    429: "Too many requests; `Retry-After` has the seconds to wait.",
}


class Error(serializers.Serializer):  # type: ignore[type-arg]
    code = serializers.CharField(help_text="A machine-readable code.")
    message = serializers.CharField(help_text="A sentence for people.")
    fields = serializers.DictField(required=False, help_text="Error messages by field.")  # type: ignore[assignment]
    current = serializers.DictField(required=False, help_text="With 409: the current state of the row.")
    budget = serializers.DictField(
        required=False, help_text="With 402: `limit_usd`, `spent_usd`, `renews_at`, and `agent_id` if it is an agent's."
    )


@extend_schema_serializer(
    examples=[OpenApiExample("ActionError", {"error": {"code": "not_found", "message": "There is no such list."}})]
)
class ErrorResponse(serializers.Serializer):  # type: ignore[type-arg]
    error = Error()


LIMIT_SCHEMA = {"type": "integer", "minimum": 1, "maximum": pagination.MAX_LIMIT, "default": pagination.DEFAULT_LIMIT}
PAGE_PARAMETERS = [
    OpenApiParameter("limit", LIMIT_SCHEMA, description="The page size."),
    OpenApiParameter("cursor", str, description="The position, from the `next` or `previous` link of a page. Opaque."),
]
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": idempotency.KEY_PATTERN.pattern},
    OpenApiParameter.HEADER,
    description="Makes the request safe to retry: the same key and request are executed once.",
)
RESPONSE_HEADERS = [
    OpenApiParameter(
        "X-Request-ID", str, OpenApiParameter.HEADER, required=True, response=True,
        description="The id of the request in the server's log.",
    ),
    OpenApiParameter(
        "Retry-After", int, OpenApiParameter.HEADER, required=True, response=[429], description="Seconds to wait."
    ),
    OpenApiParameter(
        "WWW-Authenticate", str, OpenApiParameter.HEADER, required=True, response=[401], description="`Bearer`."
    ),
]  # fmt: skip


def describe(
    summary: str,
    *,
    tag: str,
    takes: SerializerClass | None = None,
    gives: Any = None,
    status: int = 200,
    also: dict[int, Any] | None = None,
    pages: SerializerClass | None = None,
    query: Any = (),
    refuses: Sequence[int] = (403, 404),
    example: Any = None,
    answer: Any = None,
    is_open: bool = False,
    posts: bool = False,
) -> Callable[[View], View]:
    """Describe an operation for OpenAPI.

    `takes` and `gives` are the serializers of request and response, `pages` that of a list's rows, `refuses` the error
    codes, `also` further responses. `example` is a request body, `answer` a response body. `posts`: it accepts an
    Idempotency-Key. `is_open`: it needs no authentication.
    """
    codes = {
        429,
        *refuses,
        *(() if is_open else (401, 403)),
        *((400, 413, 415) if takes else ()),
        *((400,) if pages else ()),
    }
    codes |= {400, 409} if posts else set()
    response = page_of(pages) if pages else gives  # type: ignore[arg-type]  # a class can be a key
    responses: dict[int, Any] = {
        code: OpenApiResponse(serializer, description=SUCCESS_DESCRIPTIONS[code])
        for code, serializer in {status: response, **(also or {})}.items()
    }
    responses |= {code: OpenApiResponse(ErrorResponse, description=ERROR_DESCRIPTIONS[code]) for code in sorted(codes)}
    examples = [OpenApiExample("Request", example, request_only=True)] if example is not None else []
    if answer is not None:
        examples.append(OpenApiExample("Response", answer, response_only=True, status_codes=[str(status)]))
    parameters = [
        *([query] if isinstance(query, type) else query),
        *(PAGE_PARAMETERS if pages else []),
        *([IDEMPOTENCY_KEY] if posts else []),
    ]
    return extend_schema(
        summary=summary,
        tags=[tag],
        request=takes,
        responses=responses,
        parameters=[*parameters, *RESPONSE_HEADERS],
        examples=examples,
        auth=[] if is_open else None,
    )


@cache
def page_of(serializer: SerializerClass) -> SerializerClass:
    """Return the serializer of a page of such rows."""
    fields = {
        "results": serializer(many=True),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
    }
    return extend_schema_serializer(many=False)(type(f"{serializer.__name__}Page", (serializers.Serializer,), fields))


class Schema(AutoSchema):
    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> Any:
        """Require the body of `OneOf` serializers, although neither of their fields is required."""
        body, is_required = super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]
        instance = force_instance(serializer)  # type: ignore[no-untyped-call]
        return body, is_required or isinstance(instance, OneOf)


class RequestFieldExtension(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "pantry.api.fields.RequestField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return dict(self.target.schema)


class OneOfExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "pantry.api.fields.OneOf"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "oneOf": [{"required": [name]} for name in self.target.one_of]}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "homes.accounts.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        description = "The `token` from signing in (valid for 24 hours), or a personal token (`pp_…`) with scopes."
        return {"type": "http", "scheme": "bearer", "description": description}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "homes.accounts.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        description = "The browser's session. Requests that change something need `X-CSRFToken` as well."
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": description}
