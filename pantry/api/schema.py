"""The OpenAPI schema of endpoints."""

from functools import cache
from typing import Any

from drf_spectacular.extensions import OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import force_instance
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny

from pantry.api import idempotency, pagination
from pantry.api.endpoints import Endpoint, SerializerClass
from pantry.api.fields import OneOf

SUCCESS_DESCRIPTIONS = {
    200: "The current state.",
    201: "Created.",
    202: "Not finished yet; poll it.",
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
    415: "The body has another media type.",
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


def _header(name: str, kind: type, responses: Any, description: str) -> OpenApiParameter:
    return OpenApiParameter(
        name, kind, OpenApiParameter.HEADER, required=True, response=responses, description=description
    )


RESPONSE_HEADERS = [
    _header("X-Request-ID", str, True, "The id of the request in the server's log."),
    _header("Retry-After", int, [429], "Seconds to wait."),
    _header("WWW-Authenticate", str, [401], "`Bearer`."),
]


ONLY_ID = {
    "type": "object",
    "properties": {"id": {"type": "string", "format": "uuid"}},
    "additionalProperties": False,
    "description": "For a personal token without the scope `read`.",
}


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
    """Describes the operation from its `Endpoint`."""

    view: Any

    @property
    def endpoint(self) -> Endpoint:
        return getattr(self.view, self.view.action).endpoint

    @property
    def is_open(self) -> bool:
        return AllowAny in self.view.permission_classes

    def get_operation(self, *args: Any, **kwargs: Any) -> Any:
        operation: Any = super().get_operation(*args, **kwargs)
        if self.method != "GET" and not self.is_open and self.view.scopes[1] and not self.endpoint.without_read:
            for code, response in operation["responses"].items():
                for content in response.get("content", {}).values() if code.startswith("2") else ():
                    content["schema"] = {"anyOf": [content["schema"], ONLY_ID]}
        return operation

    def get_summary(self) -> str:
        return self.endpoint.summary

    def get_operation_id(self) -> str:
        """Name what lists a period like other lists, though it has no pages."""
        name: str = super().get_operation_id()
        return f"{name.removesuffix('retrieve')}list" if self.view.action == "occurrences" else name

    def get_tags(self) -> list[str]:
        return [self.view.tag]

    def get_auth(self) -> Any:
        return [] if self.is_open else [{"bearer": []}, {"session": []}]

    def get_override_parameters(self) -> list[Any]:
        return [
            *([self.endpoint.query] if self.endpoint.query else []),
            *(PAGE_PARAMETERS if self.endpoint.paginated else []),
            *([IDEMPOTENCY_KEY] if self.method == "POST" else []),
            *RESPONSE_HEADERS,
        ]

    def get_examples(self) -> list[OpenApiExample]:
        example = self.endpoint.example
        return (
            []
            if example is None
            else [
                OpenApiExample("Request", example, request_only=True, media_type=self.view.parser_classes[0].media_type)
            ]
        )

    def get_request_serializer(self) -> Any:
        return self.endpoint.request

    def get_response_serializers(self) -> Any:
        endpoint, status = self.endpoint, self.endpoint.status_of(self.view.action)
        response: Any = None if status == 204 else endpoint.response or self.view.serializer_class
        if endpoint.paginated:
            response = page_of(response)
        responses: dict[Any, OpenApiResponse] = {
            code: OpenApiResponse(serializer, description=SUCCESS_DESCRIPTIONS[code])
            for code, serializer in {status: response, **endpoint.also}.items()
        }
        if endpoint.media_types:
            responses = {
                (status, media_type): OpenApiResponse(OpenApiTypes.BINARY, description=SUCCESS_DESCRIPTIONS[status])
                for media_type in endpoint.media_types
            }
        errors = {429, *endpoint.errors}
        if not self.is_open:
            errors |= {401, 403}
        if endpoint.request:
            errors |= {400, 413, 415}
        if endpoint.query or endpoint.paginated:
            errors.add(400)
        if self.method == "POST":
            errors |= {400, 409}
        for code in sorted(errors):
            responses[code] = OpenApiResponse(ErrorResponse, description=ERROR_DESCRIPTIONS[code])
        return responses

    def _get_request_for_media_type(self, serializer: Any, direction: Any = "request") -> Any:
        """Require the body of `OneOf` serializers, although neither of their fields is required."""
        body, is_required = super()._get_request_for_media_type(serializer, direction)  # type: ignore[no-untyped-call]
        instance = force_instance(serializer)  # type: ignore[no-untyped-call]
        return body, is_required or isinstance(instance, OneOf)


class OneOfExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]
    target_class = "pantry.api.fields.OneOf"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        return {**schema, "oneOf": [{"required": [name]} for name in self.target.one_of]}
