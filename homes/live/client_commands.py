"""Run the commands that apps register for clients of the live stream. They call the same actions as the API."""

import logging
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from rest_framework.exceptions import PermissionDenied

from homes.accounts.models import ApiToken
from homes.events.actor import Actor
from homes.events.models import Event, Origin
from homes.live import hooks as live_hooks
from homes.models import Membership
from pantry.api.errors import EXPECTED_ERRORS, error_payload

log = logging.getLogger(__name__)

Authenticate = Callable[[], tuple[Membership, Any]]  # returns the current member and their token; may raise
Payload = dict[str, Any]


def run_command(authenticate: Authenticate, payload: Payload) -> Payload | None:
    """Run a command and return the response; None if the response is its event, which the stream delivers."""
    op_id = None
    try:
        op_id = _op_id(payload)
        return _run(authenticate, payload, op_id)
    except EXPECTED_ERRORS as error:
        return build_error(**error_payload(error), op_id=payload.get("op_id"))
    except Exception:
        log.exception("a client's %s failed", payload["type"])
        return build_error("error", "Something went wrong on our side. The error has been logged.", op_id)


def build_error(code: str, message: str, op_id: Any = None, **details: Any) -> Payload:
    """Return the payload of an error. `op_id` is that of the command."""
    command = {} if op_id is None else {"op_id": op_id}
    return {"type": "error", **command, "error": {"code": code, "message": message, **details}}


def can_focus(authenticate: Authenticate, focus: UUID) -> bool:
    """Tell whether the id is a list or channel that the member can see. Raises as `authenticate`."""
    member, _token = authenticate()
    return any(is_visible(member, focus) for is_visible in live_hooks.can_view)


def _run(authenticate: Authenticate, payload: Payload, op_id: UUID | None) -> Payload | None:
    command = live_hooks.commands[payload["type"]]
    member, token = authenticate()
    if isinstance(token, ApiToken) and command.scope not in token.scopes:
        raise PermissionDenied(f"This token lacks the scope “{command.scope}”.")
    serializer = command.serializer(data=payload)
    serializer.is_valid(raise_exception=True)
    by = Actor.of(member, Origin.SOCKET, op_id)
    command.run(by, **serializer.validated_data)
    return _done(by, op_id) if command.is_recorded and op_id else None


def _done(by: Actor, op_id: UUID) -> Payload | None:
    """Return the response if the command wrote no new event. `event_seq` is that of an earlier event, or None."""
    events = Event.objects.filter(home=by.home, op_id=op_id, actor_user=by.user).order_by("-seq")
    seq = events.values_list("seq", flat=True).first() or 0
    return {"type": "done", "op_id": op_id, "event_seq": seq or None} if seq <= by.home.last_seq else None


def _op_id(payload: Payload) -> UUID | None:
    if payload.get("op_id") is None:
        return None
    try:
        return UUID(payload["op_id"])
    except (ValueError, AttributeError, TypeError) as error:
        raise ValidationError({"op_id": ["This must be a UUID."]}) from error
