"""What the API's own description says of each door."""

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
Shape = type[BaseSerializer[Any]]

GIVES = {
    200: "As it is now.",
    201: "It was made.",
    202: "Not ready yet; ask for the run.",
    204: "Done; there is nothing to show.",
}
WHY = {
    400: "Not valid, or refused with a sentence that says why.",
    402: "The budget for it is spent; `budget` says how much there was, and when there is more.",
    401: "Nobody is signed in.",
    403: "Signed in, but not allowed.",
    404: "There is no such thing, or not for you.",
    409: "It was changed meanwhile (`current` is how it is now), or the Idempotency-Key means another request.",
    413: "More than is taken at once.",
    415: "Something else than JSON.",
    429: "Too many; `Retry-After` says how many seconds to wait.",
}


class Error(serializers.Serializer):  # type: ignore[type-arg]
    code = serializers.CharField(help_text="A word for programs.")
    message = serializers.CharField(help_text="A sentence for people.")
    fields = serializers.DictField(required=False, help_text="By field, what is wrong with it.")  # type: ignore[assignment]
    current = serializers.DictField(required=False, help_text="With 409: the row as it is now.")
    budget = serializers.DictField(
        required=False, help_text="With 402: `limit_usd`, `spent_usd`, `renews_at` and whose, `agent_id`."
    )


@extend_schema_serializer(
    examples=[OpenApiExample("ActionError", {"error": {"code": "not_found", "message": "No such list here."}})]
)
class ErrorResponse(serializers.Serializer):  # type: ignore[type-arg]
    error = Error()


LIMIT = {"type": "integer", "minimum": 1, "maximum": pagination.MAX_LIMIT, "default": pagination.DEFAULT_LIMIT}
CURSOR = [
    OpenApiParameter("limit", LIMIT, description="How many."),
    OpenApiParameter("cursor", str, description="Where to go on: as `next` and `previous` say; none can be made up."),
]
KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": idempotency.KEY.pattern},
    OpenApiParameter.HEADER,
    description="The same key and request: done once, one answer.",
)
HEADERS = [
    OpenApiParameter(
        "X-Request-ID", str, OpenApiParameter.HEADER, required=True, response=True,
        description="What the server's log calls this request.",
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
    takes: Shape | None = None,
    gives: Any = None,
    status: int = 200,
    also: dict[int, Any] | None = None,
    pages: Shape | None = None,
    query: Any = (),
    refuses: Sequence[int] = (403, 404),
    example: Any = None,
    answer: Any = None,
    is_open: bool = False,
    posts: bool = False,
) -> Callable[[View], View]:
    """Describe one verb: what it takes and gives, and how it refuses.

    `pages` is the shape of a list's rows. `example` is a body that it takes, `answer` one that it gives. `is_open`:
    nobody has to be signed in.
    """
    codes = {
        429,
        *refuses,
        *(() if is_open else (401, 403)),
        *((400, 413, 415) if takes else ()),
        *((400,) if pages else ()),
    }
    codes |= {400, 409} if posts else set()
    given = page_of(pages) if pages else gives  # type: ignore[arg-type]  # a class can be a key
    responses: dict[int, Any] = {
        code: OpenApiResponse(shape, description=GIVES[code]) for code, shape in {status: given, **(also or {})}.items()
    }
    responses |= {code: OpenApiResponse(ErrorResponse, description=WHY[code]) for code in sorted(codes)}
    examples = [OpenApiExample("Request", example, request_only=True)] if example is not None else []
    if answer is not None:
        examples.append(OpenApiExample("Answer", answer, response_only=True, status_codes=[str(status)]))
    asked = [*([query] if isinstance(query, type) else query), *(CURSOR if pages else []), *([KEY] if posts else [])]
    return extend_schema(
        summary=summary,
        tags=[tag],
        request=takes,
        responses=responses,
        parameters=[*asked, *HEADERS],
        examples=examples,
        auth=[] if is_open else None,
    )


@cache
def page_of(shape: Shape) -> Shape:
    """A page of such rows."""
    fields = {
        "results": shape(many=True),
        "next": serializers.URLField(allow_null=True),
        "previous": serializers.URLField(allow_null=True),
    }
    return extend_schema_serializer(many=False)(type(f"{shape.__name__}Page", (serializers.Serializer,), fields))


class Schema(AutoSchema):
    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> Any:
        """A body is needed where one of two fields is, though neither of them is required."""
        body, is_needed = super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]
        shape = force_instance(serializer)  # type: ignore[no-untyped-call]
        return body, is_needed or isinstance(shape, OneOf)


class ToldFields(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    target_class = "pantry.api.fields.RequestField"
    match_subclasses = True

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return dict(self.target.described)


class EitherShapes(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "pantry.api.fields.OneOf"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        shape = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**shape, "oneOf": [{"required": [name]} for name in self.target.one_of]}


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "homes.accounts.api.authentication.BearerAuthentication"
    name = "bearer"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        description = "The `token` of signing in (24 hours), or a personal token (`pp_…`) with scopes."
        return {"type": "http", "scheme": "bearer", "description": description}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "homes.accounts.api.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        description = "The browser's session. What changes something needs `X-CSRFToken`, too."
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": description}
