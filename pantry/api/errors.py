"""Error responses: `{"error": {"code", "message", "fields"?, "current"?}}`."""

import sys
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from pantry.api.json import JSONRenderer
from pantry.db import is_temporary
from pantry.errors import ActionError, BudgetExceeded, StaleVersion

RETRY_AFTER_SECONDS = 5  # while the database is unavailable

EXPECTED_ERRORS = (ActionError, exceptions.APIException, ModelError, Http404, PermissionDenied)


def error_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response for an error of an action or of the framework. DRF's exception handler."""
    if isinstance(error, ActionError):
        current = context["view"].represent(error.current) if isinstance(error, StaleVersion) else None
        budget = error.budget if isinstance(error, BudgetExceeded) else None
        return _response(error.status, error.code, str(error), current=current, budget=budget)
    if isinstance(error, ModelError):
        if not hasattr(error, "error_dict"):  # about no single field, such as a password that is too common
            return _response(status.HTTP_400_BAD_REQUEST, ActionError.code, " ".join(error.messages))
        error = exceptions.ValidationError(error.message_dict)
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied()
    default = exception_handler(error, context)
    if default is None or not isinstance(error, exceptions.APIException):
        return default
    fields = error.detail if isinstance(error, exceptions.ValidationError) and isinstance(error.detail, dict) else None
    message = "Some fields are not valid." if fields else _message(error.detail)
    response = _response(default.status_code, _code(error), message, fields=fields)
    for name in ("WWW-Authenticate", "Retry-After"):
        if name in default.headers:
            response[name] = default.headers[name]
    return response


@csrf_exempt
def not_found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """Answer an unknown path below /api/."""
    return _json_response(status.HTTP_404_NOT_FOUND, "not_found", "There is nothing at this URL.")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django cannot parse."""
    if request.path.startswith("/api/"):
        return _json_response(status.HTTP_400_BAD_REQUEST, "invalid", "This request can't be read.")
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a request that raised: 503 if the database is unavailable or busy, else 500."""
    if is_temporary(sys.exception()):
        return _unavailable(request)
    if request.path.startswith("/api/"):
        return _json_response(
            status.HTTP_500_INTERNAL_SERVER_ERROR,
            "error",
            "Something went wrong on our side. The error has been logged.",
        )
    return defaults.server_error(request)


def _unavailable(request: HttpRequest) -> HttpResponse:
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    if request.path.startswith("/api/"):
        response = _json_response(
            status_code, "unavailable", "The database can't be reached right now. Try again in a moment."
        )
    else:
        response = HttpResponse(render_to_string("503.html"), status=status_code)
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _json_response(status_code: int, code: str, message: str) -> HttpResponse:
    body = JSONRenderer().render({"error": {"code": code, "message": message}})
    return HttpResponse(body, status=status_code, content_type="application/json")


def _response(status_code: int, code: str, message: str, **details: Any) -> Response:
    error = {"code": code, "message": message, **{key: value for key, value in details.items() if value}}
    return Response({"error": error}, status=status_code)


def _code(error: exceptions.APIException) -> str:
    return "invalid" if isinstance(error, exceptions.ValidationError) else str(error.default_code)


def _message(detail: Any) -> str:
    return " ".join(str(part) for part in detail) if isinstance(detail, list) else str(detail)


class _StreamView:
    """Leaves `current` out of the error: clients of a stream get the row from its events."""

    @staticmethod
    def represent(row: Any) -> None:
        return None


def error_payload(error: Exception) -> dict[str, Any]:
    """Return the error object for one of `EXPECTED_ERRORS`."""
    response = error_response(error, {"view": _StreamView})
    assert response is not None
    payload: dict[str, Any] = response.data["error"]
    return payload


def retry_after(error: exceptions.APIException) -> int:
    """Return the seconds that a throttled client must wait; 0 for other errors."""
    return int(getattr(error, "wait", None) or 0)


async def send_error(error: exceptions.APIException, send: Any) -> None:
    """Send the error as the response of a plain ASGI application."""
    response = error_response(error, {})
    assert response is not None
    body = JSONRenderer().render(response.data)
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    if seconds := retry_after(error):
        headers.append((b"retry-after", str(seconds).encode()))
    if error.status_code == status.HTTP_401_UNAUTHORIZED:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": error.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})
