"""What people said without a signal, brought in later. docs/offline.md has the rules."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from chat.actions.channels import open_assistant
from chat.actions.messages import send_message
from chat.models import Channel, Message
from homes.events.actor import Actor
from homes.events.log import action
from homes.events.offline import MergeResult
from homes.models import Agent
from pantry.errors import ActionError


@action
def send_offline_message(
    text: str, *, by: Actor, channel: UUID | None = None, agent: UUID | None = None, parent: UUID | None = None
) -> MergeResult:
    """Into a channel, in a thread of it where `parent` is named; or to an agent, into one's own talk with it. The
    message's id is the operation's. Raises ActionError for a channel that one is no longer in."""
    assert by.member is not None
    rooms: Any = Channel.objects.visible_to(by.member)
    room = _talk(agent, by) if agent else rooms.filter(pk=channel).first()
    if room is None:
        raise ActionError(_("You are not in that room any more, so it was not said."))
    root = Message.objects.filter(pk=parent, channel=room).first() if parent else None
    if parent and root is None:
        raise ActionError(_("What you answered is not there, so it was not said."))
    send_message(room, text, by=by, parent=root, pk=by.op_id)
    if room.archived_at is not None:
        return MergeResult(message=_("“%(room)s” was put away. What you said is in it.") % {"room": room})
    return MergeResult()


def _talk(agent: UUID, by: Actor) -> Channel:
    found = Agent.objects.filter(home=by.home, pk=agent, is_active=True).first()
    if found is None:
        raise ActionError(_("Nobody of that name is awake here, so it was not said."))
    return open_assistant(found, by=by)
