"""Error responses: `{"error": {"code", "message", "fields"?, "current"?}}`."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.exceptions import ValidationError as ModelError
from django.db import Error
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string
from django.views import defaults
from django.views.decorators.csrf import csrf_exempt
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from pantry.api.json import JSONRenderer
from pantry.db import is_temporary
from pantry.errors import ActionError, BudgetExceeded, Busy, StaleVersion

RETRY_AFTER_SECONDS = 5  # while the database is unavailable


class Unavailable(exceptions.APIException):
    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = "The database can't be reached right now. Try again in a moment."
    wait = RETRY_AFTER_SECONDS


EXPECTED_ERRORS = (ActionError, exceptions.APIException, ModelError, Http404, PermissionDenied)


def error_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the response for an error of an action or of the framework. DRF's exception handler.

    `current` is left out without a view: clients of a stream get the row from its events. A token without the scope
    `read` gets no data of the home.
    """
    if isinstance(error, ActionError):
        view = context.get("view")
        can_read = view is None or view.can_read
        current = view.represent(error.current) if view and can_read and isinstance(error, StaleVersion) else None
        budget = error.budget if can_read and isinstance(error, BudgetExceeded) else None
        message = str(error) if can_read else error.unnamed
        headers = {"Retry-After": str(error.wait)} if isinstance(error, Busy) else None
        return Response(_body(error.code, message, current=current, budget=budget), error.status, headers=headers)
    if isinstance(error, ModelError):
        if not hasattr(error, "error_dict"):  # about no single field, such as a password that is too common
            return Response(_body(ActionError.code, " ".join(error.messages)), status.HTTP_400_BAD_REQUEST)
        error = exceptions.ValidationError(error.message_dict)
    if isinstance(error, Http404 | PermissionDenied):
        error = type(error)()  # without its message, which names a model
    response = exception_handler(error, context)
    if response is None:
        return None
    if not isinstance(error, exceptions.ValidationError):
        detail = response.data["detail"]
        response.data = _body(detail.code, str(detail))
    elif isinstance(error.detail, dict):
        response.data = _body("invalid", "Some fields are not valid.", fields=error.detail)
    else:
        response.data = _body("invalid", " ".join(map(str, error.detail)))
    return response


def _body(code: str, message: str, **details: Any) -> dict[str, Any]:
    return {"error": {"code": code, "message": message, **{key: value for key, value in details.items() if value}}}


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
    is_api = request.path.startswith("/api/")
    if is_temporary(sys.exception()):
        code = status.HTTP_503_SERVICE_UNAVAILABLE
        if is_api:
            response = _json_response(code, Unavailable.default_code, Unavailable.default_detail)
        else:
            response = HttpResponse(render_to_string("503.html"), status=code)
        response["Retry-After"] = str(RETRY_AFTER_SECONDS)
        return response
    if is_api:
        message = "Something went wrong on our side. The error has been logged."
        return _json_response(status.HTTP_500_INTERNAL_SERVER_ERROR, "error", message)
    return defaults.server_error(request)


def explain_method_not_allowed(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[..., HttpResponse]:
    """Middleware that gives a page to somebody who opens the URL of a form. Django's response has no content."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and request.method == "GET":
            response.content = render_to_string("405.html").encode()
        return response

    return middleware


def _json_response(status_code: int, code: str, message: str) -> HttpResponse:
    body = JSONRenderer().render(_body(code, message))
    return HttpResponse(body, status=status_code, content_type="application/json")


def error_payload(error: Exception) -> dict[str, Any]:
    """Return the error object for one of `EXPECTED_ERRORS`, with the `retry_after` that is a header over HTTP."""
    response = error_response(error, {})
    assert response is not None
    return response.data["error"] | ({"retry_after": seconds} if (seconds := retry_after(error)) else {})


@contextmanager
def temporary_errors_as_unavailable() -> Iterator[None]:
    """Raise Unavailable if the database is unavailable or busy. For what Django's handler of errors does not see."""
    try:
        yield
    except Error as error:
        if is_temporary(error):
            raise Unavailable from error
        raise


def retry_after(error: Exception) -> int:
    """Return the seconds that the client must wait, when throttled or during an outage; 0 for other errors."""
    return int(getattr(error, "wait", None) or 0)


async def send_error(error: exceptions.APIException, send: Any, *, as_text: bool = False) -> None:
    """Send the error as the response of a plain ASGI application: in JSON, or its sentence as text."""
    response = error_response(error, {})
    assert response is not None
    content_type, body = b"application/json", JSONRenderer().render(response.data)
    if as_text:
        content_type, body = b"text/plain; charset=utf-8", str(error.detail).encode()
    headers = [(b"content-type", content_type), (b"content-length", str(len(body)).encode())]
    if seconds := retry_after(error):
        headers.append((b"retry-after", str(seconds).encode()))
    if error.status_code == status.HTTP_401_UNAUTHORIZED:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": error.status_code, "headers": headers})
    await send({"type": "http.response.body", "body": body})
