"""Send messages that were written offline. docs/offline.md has the rules."""

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
    """Send the message to a channel (in the thread of `parent`), or to the member's own chat with an agent.

    The operation's id becomes the message's. Raises ActionError if the channel, agent or parent is out of reach.
    """
    assert by.member is not None
    channels: Any = Channel.objects.visible_to(by.member)
    target = _agent_chat(agent, by) if agent else channels.filter(pk=channel).first()
    if target is None:
        raise ActionError(_("You're no longer in that room, so the message wasn't sent."))
    root = Message.objects.filter(pk=parent, channel=target).first() if parent else None
    if parent and root is None:
        raise ActionError(_("The message you replied to is gone, so your reply wasn't sent."))
    send_message(target, text, by=by, parent=root, pk=by.op_id)
    if target.archived_at is not None:
        return MergeResult(message=_("“%(room)s” was archived. Your message is still in it.") % {"room": target})
    return MergeResult()


def _agent_chat(agent_id: UUID, by: Actor) -> Channel:
    agent = Agent.objects.filter(home=by.home, pk=agent_id, is_active=True).first()
    if agent is None:
        raise ActionError(_("That agent isn't available, so the message wasn't sent."))
    return open_assistant(agent, by=by)
