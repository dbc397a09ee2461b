"""`Idempotency-Key`: repeat the stored response for the same key and request."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import orjson
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from pantry.encryption import decrypt, encrypt
from pantry.errors import Conflict
from pantry.models import Operation

if TYPE_CHECKING:
    from homes.accounts.models import User

KEY_PATTERN = re.compile(r"^[!-~]{1,200}$")


def answer_once(view: Any, handler: Callable[..., Response], request: Request, *args: Any, **kwargs: Any) -> Response:
    """Answer a POST, or repeat the response that is stored for its key. Errors are not stored, so they can be retried.

    The operation and its effects are one transaction, so of two concurrent requests the second waits for the first.
    A view that takes long (`waits_for_others`) is idempotent by itself and holds no transaction open.
    After `view.replay_seconds` the request is executed once more.
    """
    key, user = _key(request), view.idempotency_user(request)
    if user is None:
        return handler(request, *args, **kwargs)
    digest = _request_fingerprint(request)
    if view.waits_for_others:
        return _stored_response(user, key, digest) or _store_later(
            user, key, digest, view, handler(request, *args, **kwargs)
        )
    with transaction.atomic():
        # The unique key makes a concurrent request wait here until the first has been answered.
        operation, is_new = Operation.objects.select_for_update(no_key=True).get_or_create(
            user=user, key=key, defaults={"fingerprint": digest, "status": 0}
        )
        age = timezone.now() - operation.created_at
        if not is_new and (view.replay_seconds is None or age < timedelta(seconds=view.replay_seconds)):
            return _repeat(operation, digest)
        response = handler(request, *args, **kwargs)
        _store(operation, view, response)
        return response


def store_sign_up_response(view: Any, user: "User", request: Request, response: Response) -> None:
    """Store the sign-up response for its key. Must run in the transaction that created the user."""
    operation = Operation(user=user, key=_key(request), fingerprint=_request_fingerprint(request))
    _store(operation, view, response)


def fingerprint(kind: str, data: Any, prefix: bytes = b"") -> str:
    """Return an HMAC of a request. Keyed, since the data may contain a password. Raises ParseError."""
    try:
        content = prefix + orjson.dumps(data, _digest, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    except orjson.JSONEncodeError as error:
        raise ParseError("This is nested too deeply.") from error
    return salted_hmac(kind, content, algorithm="sha256").hexdigest()


def _digest(value: Any) -> str:
    """Return the digest of a file in a form."""
    if not isinstance(value, UploadedFile):
        raise TypeError
    digest = hashlib.sha256()
    for part in value.chunks():
        digest.update(part)
    value.seek(0)
    return f"{value.name} {digest.hexdigest()}"


def _request_fingerprint(request: Request) -> str:
    """Return a fingerprint that depends on the token's scopes, too, since they decide what the response shows."""
    scopes = getattr(request.auth, "scopes", "")
    return fingerprint("operation", request.data, f"{request.method}\n{request.get_full_path()}\n{scopes}\n".encode())


def _key(request: Request) -> str:
    key = request.headers["Idempotency-Key"]
    if not KEY_PATTERN.fullmatch(key):
        raise ValidationError({"Idempotency-Key": ["Use 1 to 200 visible ASCII characters, such as a UUID."]})
    return key


def _stored_response(user: "User", key: str, digest: str) -> Response | None:
    operation = Operation.objects.filter(user=user, key=key).first()
    return _repeat(operation, digest) if operation else None


def _store_later(user: "User", key: str, digest: str, view: Any, response: Response) -> Response:
    try:
        with transaction.atomic():
            _store(Operation(user=user, key=key, fingerprint=digest), view, response)
    except IntegrityError:  # a concurrent request with the same key was stored first
        return _stored_response(user, key, digest) or response
    return response


def _repeat(operation: Operation, digest: str) -> Response:
    if operation.fingerprint != digest:
        raise Conflict("This Idempotency-Key was already used for a different request.")
    answer: Any = operation.answer
    if isinstance(answer, dict) and "sealed" in answer:
        answer = orjson.loads(decrypt(answer["sealed"], _purpose(operation)))
    return Response(answer, status=operation.status, headers={"Idempotent-Replay": "true"})


def _store(operation: Operation, view: Any, response: Response) -> None:
    """Store the response as JSON, encrypted if it contains a secret."""
    answer = orjson.dumps(response.data, default=str, option=orjson.OPT_UTC_Z | orjson.OPT_NON_STR_KEYS)
    operation.status = response.status_code
    operation.answer = (
        {"sealed": encrypt(answer.decode(), _purpose(operation))} if view.is_secret else orjson.loads(answer)
    )
    operation.save()


def _purpose(operation: Operation) -> str:
    return f"operation {operation.user_id} {operation.key}"
