"""Undo an event, as the app that wrote it registered."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from uuid import UUID, uuid5

from django.utils.translation import gettext as _

from homes.events.actor import Actor
from homes.events.log import action
from homes.events.models import Event
from pantry.errors import ActionError

Undo = Callable[[Event, Actor], object]

undo_handlers: dict[str, Undo] = {}


def register(handlers: Mapping[str, Undo], *, scope: str) -> None:
    """Add handlers by event type, for tokens with the scope. They run inside the transaction of `undo_event`."""
    undo_handlers.update({name: partial(_undo_with, scope, undo) for name, undo in handlers.items()})


def _undo_with(scope: str, undo: Undo, event: Event, by: Actor) -> None:
    by.require(scope)
    undo(event, by)


@action
def undo_operation(op_id: UUID, *, by: Actor) -> bool:
    """Undo what the person did in one operation, the last first. Returns whether anything changed."""
    own = Event.objects.filter(home=by.home, op_id=op_id, actor_user=by.user, type__in=undo_handlers)
    return sum(undo_event(event, by=by) for event in own.order_by("-seq")) > 0


@action
def undo_event(event: Event, *, by: Actor) -> bool:
    """Undo the event with the handler of its type. Idempotent.

    Returns whether anything changed. Raises ActionError if the event cannot be undone or its subject no longer exists,
    and MissingScope for a token that may not do such things.
    """
    undo = undo_handlers.get(event.type)
    if undo is None or event.home_id != by.home.pk:
        raise ActionError(_("This can't be undone."))
    by = replace(by, op_id=uuid5(event.pk, "undo"))
    recorded = Event.objects.filter(home=by.home, op_id=by.op_id)
    if recorded.exists():
        return False
    undo(event, by)
    return recorded.exists()
