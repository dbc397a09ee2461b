"""`Idempotency-Key`: the same key and the same request give the same answer, once."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import orjson
from cryptography.fernet import Fernet
from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from pantry.errors import Conflict
from pantry.models import Operation

if TYPE_CHECKING:
    from homes.accounts.models import User

KEY = re.compile(r"^[!-~]{1,200}$")


def answer_once(view: Any, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
    """Answer a POST, or repeat the answer that its key got. What was refused is not kept: it may be tried again.

    The operation and what it does are one transaction, so that of two at the same time the second waits for the
    first. A view that waits for somebody else (`waits_for_others`) is repeatable by itself and keeps no transaction open.
    """
    key, user = _key(request), view.idempotency_user(request)
    if user is None:
        return handler(request, *args, **kwargs)
    mark = fingerprint(request)
    if view.waits_for_others:
        return _known(user, key, mark) or _kept(user, key, mark, view, handler(request, *args, **kwargs))
    with transaction.atomic():
        # The row first: the unique key makes the second of two wait until the first has answered.
        operation, is_new = Operation.objects.select_for_update(no_key=True).get_or_create(
            user=user, key=key, defaults={"fingerprint": mark, "status": 0}
        )
        if not is_new:
            return _repeat(operation, mark)
        response = handler(request, *args, **kwargs)
        _keep(operation, view, response)
        return response


def store_sign_up_response(view: Any, user: "User", request: Request, response: Response) -> None:
    """Inside the transaction that made the account: there was nobody whose operation it could be before."""
    operation = Operation(user=user, key=_key(request), fingerprint=fingerprint(request))
    _keep(operation, view, response)


def fingerprint(request: Request) -> str:
    """Keyed, for there may be a password in the request."""
    try:
        body = orjson.dumps(request.data, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError as error:
        raise ParseError("This is nested too deeply.") from error
    said = b"\n".join([request.method.encode(), request.get_full_path().encode(), body])  # type: ignore[union-attr]
    return salted_hmac("operation", said, algorithm="sha256").hexdigest()


def _key(request: Request) -> str:
    key = request.headers["Idempotency-Key"]
    if not KEY.fullmatch(key):
        raise ValidationError({"Idempotency-Key": ["1 to 200 visible characters of ASCII, such as a UUID."]})
    return key


def _known(user: "User", key: str, mark: str) -> Response | None:
    found = Operation.objects.filter(user=user, key=key).first()
    return _repeat(found, mark) if found else None


def _kept(user: "User", key: str, mark: str, view: Any, response: Response) -> Response:
    try:
        with transaction.atomic():
            _keep(Operation(user=user, key=key, fingerprint=mark), view, response)
    except IntegrityError:  # the same was asked at the same time, and kept first
        return _known(user, key, mark) or response
    return response


def _repeat(operation: Operation, mark: str) -> Response:
    if operation.fingerprint != mark:
        raise Conflict("This Idempotency-Key was used for another request.")
    answer: Any = operation.answer
    if isinstance(answer, dict) and "sealed" in answer:
        answer = orjson.loads(_seal(operation).decrypt(answer["sealed"].encode()))
    return Response(answer, status=operation.status, headers={"Idempotent-Replay": "true"})


def _keep(operation: Operation, view: Any, response: Response) -> None:
    """As JSON; sealed where the answer holds a secret, which the database alone must not give away."""
    answer = orjson.dumps(response.data, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
    operation.status = response.status_code
    operation.answer = {"sealed": _seal(operation).encrypt(answer).decode()} if view.is_secret else orjson.loads(answer)
    operation.save()


def _seal(operation: Operation) -> Fernet:
    words = f"operation {settings.SECRET_KEY} {operation.user_id} {operation.key}"
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(words.encode()).digest()))
