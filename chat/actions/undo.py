"""Taking back what was said, or felt, by a tool's hands: whoever had it said may."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from chat.actions.messages import remove_reaction, take_back
from chat.models import Message
from homes.events.actor import Actor
from homes.events.models import Event, Origin
from pantry.errors import ActionError, Forbidden


def _undo_message(event: Event, by: Actor) -> None:
    take_back(_message(event, by), by)


def _undo_reaction(event: Event, by: Actor) -> None:
    hands = replace(by, agent=event.actor_agent)
    remove_reaction(_message(event, by), event.data["emoji"], by=hands)


def _message(event: Event, by: Actor) -> Message:
    """Refuses what people typed: that is changed and deleted where it stands."""
    if event.actor_agent_id is None and event.origin != Origin.MCP:
        raise ActionError(_("This can't be undone."))
    if by.user is None or event.actor_user_id != by.user.pk:
        raise Forbidden(_("Only who had it said can take it back."))
    subject: Any = event.subject_id
    messages = Message.objects.select_related("channel")
    message: Message | None = messages.filter(pk=subject, home=by.home).first()
    if message is None:
        raise ActionError(_("That is gone by now."))
    return message


UNDO: dict[str, Callable[[Event, Actor], None]] = {
    "chat_message": _undo_message,
    "reaction_added": _undo_reaction,
}
