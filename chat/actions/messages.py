"""Messages and reactions."""

from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from emoji import is_emoji

from chat.models import Channel, ChannelMember, Message, MessageState, Reaction
from chat.schemas import ReactionEvent
from homes.events.actor import Actor
from homes.events.log import action, record
from homes.models import Home
from pantry.errors import ActionError, Forbidden, StaleVersion
from pantry.text import clean_text

LONGEST_EMOJI = 16


@action
def send_message(
    channel: Channel,
    body: str,
    *,
    by: Actor,
    parent: Message | None = None,
    pk: UUID | None = None,
    metadata: dict[str, Any] | None = None,
    state: str = MessageState.COMPLETE,
) -> Message:
    """Say something in a channel, or in the thread of `parent`. The same `pk` of the same author is one message, and
    the one of a draft is what the draft becomes.

    Spoken by the agent where the actor has one. Raises ActionError for an empty or endless text.
    """
    body = _checked(body, _("An empty message says nothing."))
    if parent is not None and parent.channel_id != channel.pk:
        raise ActionError(_("That thread is in another room."))
    if pk is not None and (sent := Message.objects.filter(pk=pk).first()) is not None:
        sent = _same(sent, channel, by)
        return _finished(sent, body, metadata, state, by) if sent.state == MessageState.STREAMING else sent
    message = Message(
        home_id=channel.home_id,
        channel=channel,
        parent_id=(parent.parent_id or parent.pk) if parent else None,
        author_user=None if by.agent else by.user,
        author_agent=by.agent,
        body=body,
        state=state,
        metadata=metadata or {},
    )
    if pk is not None:
        message.pk = pk
    # The number is taken first, for the message bears it: both statements are the transaction's last.
    message.seq = record("chat_message", message, by=by, audience=channel.audience).seq
    message.save(force_insert=True)
    if by.user is not None and by.agent is None:
        ChannelMember.objects.filter(channel=channel, user=by.user).update(last_read_seq=message.seq)
    return message


@action
def start_draft(
    channel: Channel,
    *,
    by: Actor,
    pk: UUID,
    parent: Message | None = None,
    metadata: dict[str, Any] | None = None,
) -> Message:
    """The draft of a message that an agent is writing. Nobody is told of it: it is no event until it is finished, by
    `send_message` with the same `pk`. Begun again it is empty again."""
    draft, _is_new = Message.objects.get_or_create(
        pk=pk,
        defaults={
            "home_id": channel.home_id,
            "channel": channel,
            "parent_id": (parent.parent_id or parent.pk) if parent else None,
            "author_agent": by.agent,
            "state": MessageState.STREAMING,
            "metadata": metadata or {},
            "seq": Home.objects.values_list("last_seq", flat=True).get(pk=channel.home_id),
        },
    )
    save_draft(draft, "")
    return draft


def save_draft(draft: Message, body: str, doing: str = "") -> None:
    """The words so far, and what its author is `doing`, for whoever opens the page now."""
    Message.objects.filter(pk=draft.pk, state=MessageState.STREAMING).update(
        body=clean_text(body)[: Message.MAX_LENGTH],
        metadata={**draft.metadata, "doing": doing},
        updated_at=timezone.now(),
    )


@action
def edit_message(message: Message, body: str, *, by: Actor, version: int | None = None) -> Message:
    """Raises Forbidden for another's message, StaleVersion when `version` is not the current one."""
    message = _own(message, by)
    if version is not None and version != message.version:
        raise StaleVersion(_("This message was changed meanwhile."), message)
    body = _checked(body, _("An empty message says nothing. Delete it instead."))
    if changes := message.assign(body=body):
        message.assign(edited_at=timezone.now(), version=message.version + 1)
        message.save()
        record("message_edited", message, by=by, changes=changes, audience=message.channel.audience)
    return message


@action
def update_message_metadata(message: Message, metadata: dict[str, Any], *, by: Actor) -> Message:
    """Let a message of an agent know more about itself (answered, undone). Its words stay."""
    message = Message.objects.select_related("channel").get(pk=message.pk)
    if changes := message.assign(metadata={**message.metadata, **metadata}):
        message.save()
        record("message_edited", message, by=by, changes=changes, audience=message.channel.audience)
    return message


@action
def delete_message(message: Message, *, by: Actor) -> Message:
    """The words are gone, the place in the talk stays."""
    return take_back(_own(message, by), by)


def take_back(message: Message, by: Actor) -> Message:
    """Delete the message, once. Call it inside the home's lock."""
    if message.deleted_at is None:
        message.assign(deleted_at=timezone.now(), version=message.version + 1, body="", metadata={})
        message.save()
        record("message_deleted", message, by=by, audience=message.channel.audience)
    return message


@action
def add_reaction(message: Message, emoji: str, *, by: Actor) -> None:
    emoji = clean_text(emoji)
    if not is_emoji(emoji):
        raise ActionError(_("Choose one sign to react with."))
    _reaction, is_new = Reaction.objects.get_or_create(message=message, emoji=emoji, **_author(by))
    if is_new:
        _tell("reaction_added", message, emoji, by)


@action
def remove_reaction(message: Message, emoji: str, *, by: Actor) -> None:
    if Reaction.objects.filter(message=message, emoji=emoji, **_author(by)).delete()[0]:
        _tell("reaction_removed", message, emoji, by)


def _checked(body: str, if_empty: str) -> str:
    """Return the text as it is kept. Raises ActionError for one that is empty or too long."""
    body = clean_text(body)
    if not body:
        raise ActionError(if_empty)
    if len(body) > Message.MAX_LENGTH:
        raise ActionError(
            _("That is too long for one message: %(most)d letters at most.") % {"most": Message.MAX_LENGTH}
        )
    return body


def _author(by: Actor) -> dict[str, Any]:
    return {"agent": by.agent} if by.agent else {"user": by.user}


def _tell(event_type: str, message: Message, emoji: str, by: Actor) -> None:
    data = ReactionEvent(
        channel_id=message.channel_id,
        message_id=message.pk,
        emoji=emoji,
        user_id=None if by.agent or not by.user else by.user.pk,
        agent_id=by.agent.pk if by.agent else None,
    )
    record(event_type, message, by=by, audience=message.channel.audience, data=data)


def _own(message: Message, by: Actor) -> Message:
    found: Message = Message.objects.select_related("channel").get(pk=message.pk)
    if by.user is None or found.author_user_id != by.user.pk:
        raise Forbidden(_("Only who wrote a message can change it."))
    if found.deleted_at or found.state != MessageState.COMPLETE:
        raise ActionError(_("This message can't be changed any more."))
    return found


def _finished(draft: Message, body: str, metadata: dict[str, Any] | None, state: str, by: Actor) -> Message:
    """A draft gets its number when it is finished: others spoke meanwhile."""
    draft.assign(body=body, state=state, metadata=metadata or {})
    draft.seq = record("chat_message", draft, by=by, audience=draft.channel.audience).seq
    draft.save()
    return draft


def _same(sent: Message, channel: Channel, by: Actor) -> Message:
    author = by.agent.pk if by.agent else by.user.pk if by.user else None
    if sent.channel_id != channel.pk or author not in (sent.author_user_id, sent.author_agent_id):
        raise ActionError(_("That message id is taken."))
    return sent
