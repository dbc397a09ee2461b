"""What a client may ask for over its socket: each is the same action as at the API, with the same rights."""

import logging
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied as DjangoDenied
from django.core.exceptions import ValidationError as ModelError
from django.http import Http404
from rest_framework.exceptions import APIException, PermissionDenied

from homes import frames, registry
from homes.actors import Actor
from homes.api.errors import as_error
from homes.entrance import Guest
from homes.errors import Refused
from homes.frames import Frame
from homes.models import ApiToken, Door, Event

log = logging.getLogger(__name__)

REFUSALS = (Refused, APIException, ModelError, Http404, DjangoDenied)


def obey(guest: Guest, said: dict[str, Any]) -> Frame | None:
    """Do what the frame asks for. Nothing is returned where the event is the answer, which the stream brings."""
    op_id = None
    try:
        op_id = _op_id(said)
        return _run(guest, said, op_id)
    except REFUSALS as error:
        answer = as_error(error, {"view": _Unseen})
        assert answer is not None
        refusal: dict[str, Any] = answer.data["error"]
        return frames.error(**refusal, op_id=said.get("op_id"))
    except Exception:
        log.exception("a client's %s failed", said["type"])
        return frames.error("error", "That went wrong here. It was noted.", op_id)


def may_look_at(guest: Guest, place: UUID) -> bool:
    """Whether there is such a list or channel, and they see it."""
    member, _token = guest.admit()
    return any(sees(member, place) for sees in registry.places)


def _run(guest: Guest, said: dict[str, Any], op_id: UUID | None) -> Frame | None:
    command = registry.commands[said["type"]]
    member, token = guest.admit()
    if isinstance(token, ApiToken) and command.scope not in token.scopes:
        raise PermissionDenied(f"This token lacks the scope “{command.scope}”.")
    asked = command.shape(data=said)
    asked.is_valid(raise_exception=True)
    by = Actor.of(member, Door.SOCKET, op_id)
    command.run(by, **asked.validated_data)
    return _done(by, op_id) if command.is_recorded and op_id else None


def _done(by: Actor, op_id: UUID) -> Frame | None:
    """Where it was done before, or there was nothing to do, no event comes. `event_seq` is then that of what did it."""
    written = Event.objects.filter(home=by.home, op_id=op_id, actor_user=by.user).order_by("-seq")
    seq = written.values_list("seq", flat=True).first() or 0
    return Frame({"type": "done", "op_id": op_id, "event_seq": seq or None}) if seq <= by.home.last_seq else None


def _op_id(said: dict[str, Any]) -> UUID | None:
    if said.get("op_id") is None:
        return None
    try:
        return UUID(said["op_id"])
    except (ValueError, AttributeError, TypeError) as error:
        raise ModelError({"op_id": ["Not a UUID."]}) from error


class _Unseen:
    """The row that a refusal is about is not sent along: its events were."""

    @staticmethod
    def show(row: Any) -> None:
        return None
