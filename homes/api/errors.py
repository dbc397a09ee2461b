"""Refusals in one shape: `{"error": {"code", "message", "fields"?}}`."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelError
from django.http import Http404
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from homes.errors import NotAllowed, Refused, Stale

STATUSES = {
    NotAllowed: status.HTTP_403_FORBIDDEN,
    Stale: status.HTTP_409_CONFLICT,
    Refused: status.HTTP_400_BAD_REQUEST,
}


def as_error(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: every refusal of an action and of the framework, in our shape."""
    if isinstance(error, Refused):
        return _answer(STATUSES[type(error)], error.code, str(error))
    if isinstance(error, ModelError):
        error = exceptions.ValidationError(error.message_dict if hasattr(error, "error_dict") else error.messages)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    answer = exception_handler(error, context)
    if answer is None or not isinstance(error, exceptions.APIException):
        return answer
    fields = error.detail if isinstance(error, exceptions.ValidationError) and isinstance(error.detail, dict) else None
    message = "Some of it is not valid." if fields else _sentence(error.detail)
    shaped = _answer(answer.status_code, _code(error), message, fields)
    for name in ("WWW-Authenticate", "Retry-After"):
        if name in answer.headers:
            shaped[name] = answer.headers[name]
    return shaped


def _answer(code: int, name: str, message: str, fields: Any = None) -> Response:
    error: dict[str, Any] = {"code": name, "message": message}
    if fields:
        error["fields"] = fields
    return Response({"error": error}, status=code)


def _code(error: exceptions.APIException) -> str:
    return "invalid" if isinstance(error, exceptions.ValidationError) else str(error.default_code)


def _sentence(detail: Any) -> str:
    return " ".join(str(part) for part in detail) if isinstance(detail, list) else str(detail)
