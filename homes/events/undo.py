"""Undo an event, as the app that wrote it registered."""

from collections.abc import Callable, Collection, Mapping
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
creations: set[str] = set()


def register(handlers: Mapping[str, Undo], *, scope: str, creating: Collection[str] = ()) -> None:
    """Add handlers by event type, for tokens with the scope. They run inside the transaction of `undo_event`.

    Undoing an event of a type in `creating` undoes what else its operation did.
    """
    undo_handlers.update({name: partial(_undo_with, scope, undo) for name, undo in handlers.items()})
    creations.update(creating)


def _undo_with(scope: str, undo: Undo, event: Event, by: Actor) -> None:
    by.require(scope)
    undo(event, by)


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


@action
def undo_operation(op_id: UUID, *, by: Actor) -> bool:
    """Undo what an operation of the member's changed, the last change first. Idempotent.

    Returns whether anything changed. Raises ActionError if there is no such operation, or if a part can't be undone:
    then nothing is.
    """
    events = Event.objects.filter(home=by.home, op_id=op_id, actor_user=by.user).order_by("-seq")
    undoable = [event for event in events if event.type in undo_handlers]
    if not undoable:
        raise ActionError(_("This can't be undone."))
    created = [event for event in undoable if event.type in creations]
    return sum(undo_event(event, by=by) for event in created or undoable) > 0
