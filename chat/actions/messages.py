"""Actions on messages and reactions, and their undo."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from emoji import is_emoji

from chat.actions.channels import open_assistant
from chat.models import Channel, ChannelMember, Message, MessageState, Reaction
from chat.schemas import ReactionEvent
from homes.events.actor import Actor
from homes.events.log import action, record, save_changes
from homes.events.models import Event, Origin
from homes.events.offline import MergeResult
from homes.models import Agent, Home
from pantry.api.throttles import count_or_refuse, identify
from pantry.errors import ActionError, Forbidden, StaleVersion
from pantry.text import clean_text

MAX_EMOJI_LENGTH = 16


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
    """Send a message to a channel, or to the thread of `parent`, as the actor's agent if it has one.

    Idempotent per author and `pk`. The `pk` of a draft finishes that draft. Raises ActionError for a text that is
    empty or too long, and for a `pk` that belongs to another message; RateLimited for too many, with those edited.
    """
    body = _clean_body(body, _("Write a message first."))
    if parent is not None and parent.channel_id != channel.pk:
        raise ActionError(_("That thread is in another room."))
    if pk is not None and (sent := Message.objects.filter(pk=pk).first()) is not None:
        _check_same_message(sent, channel, by)
        return _finish_draft(sent, body, metadata, state, by) if sent.state == MessageState.STREAMING else sent
    if by.agent is None:
        count_or_refuse("chat", identify(by.address, by.user))
    message = Message(
        home_id=channel.home_id,
        channel=channel,
        parent_id=(parent.parent_id or parent.pk) if parent else None,
        author_user=None if by.agent else by.user,
        author_agent=by.agent,
        body=body,
        state=state,
        metadata=metadata or {},
        scopes=by.scopes,
    )
    if pk is not None:
        message.pk = pk
    # The event comes first, because the message stores its number.
    message.seq = record("chat_message", message, by=by, audience=channel.audience).seq
    message.save(force_insert=True)
    if by.user is not None and by.agent is None:
        ChannelMember.objects.filter(channel=channel, user=by.user).update(last_read_seq=message.seq)
    return message


@action
def start_draft(
    channel: Channel, *, by: Actor, pk: UUID, parent: Message | None = None, metadata: dict[str, Any] | None = None
) -> Message:
    """Create the draft of an agent's message, or empty it if it exists.

    Records no event: `send_message` with the same `pk` does, when the draft is finished.
    """
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
    """Store the text so far and what the agent is `doing`, for pages opened meanwhile. Records no event."""
    Message.objects.filter(pk=draft.pk, state=MessageState.STREAMING).update(
        body=clean_text(body)[: Message.MAX_LENGTH],
        metadata={**draft.metadata, "doing": doing},
        updated_at=timezone.now(),
    )


@action
def edit_message(message: Message, body: str, *, by: Actor, version: int | None = None) -> Message:
    """Edit one's own message, which counts like sending one.

    Raises Forbidden for someone else's, StaleVersion for an outdated `version`, and RateLimited.
    """
    message = _own(message, by)
    if version is not None and version != message.version:
        raise StaleVersion(_("This message has changed since you opened it."), message)
    body = _clean_body(body, _("A message can't be empty. Delete it instead."))
    if changes := message.assign(body=body):
        count_or_refuse("chat", identify(by.address, by.user))
        message.assign(edited_at=timezone.now(), version=message.version + 1)
        message.scopes = by.limit(message.scopes)
        message.save()
        record("message_edited", message, by=by, changes=changes, audience=message.channel.audience)
    return message


@action
def update_message_metadata(message: Message, metadata: dict[str, Any], *, by: Actor) -> Message:
    """Merge `metadata` into that of an agent's message, such as that it was answered or undone."""
    message = Message.objects.select_related("channel").get(pk=message.pk)
    metadata = {**message.metadata, **metadata}
    save_changes(message, "message_edited", by=by, audience=message.channel.audience, metadata=metadata)
    return message


@action
def delete_message(message: Message, *, by: Actor) -> Message:
    """Delete one's own message. The row stays, without its text, to keep the place of its thread."""
    return mark_deleted(_own(message, by), by)


def mark_deleted(message: Message, by: Actor) -> Message:
    """Empty the message and mark it as deleted. Idempotent. Requires the home's lock."""
    if message.deleted_at is None:
        message.assign(deleted_at=timezone.now(), version=message.version + 1, body="", metadata={})
        message.save()
        record("message_deleted", message, by=by, audience=message.channel.audience)
    return message


@action
def add_reaction(message: Message, emoji: str, *, by: Actor) -> None:
    emoji = clean_text(emoji)
    if not is_emoji(emoji):
        raise ActionError(_("Pick one emoji."))
    reaction, is_new = Reaction.objects.get_or_create(message=message, emoji=emoji, **_author(by))
    if is_new:
        record_reaction("reaction_added", reaction, by)


@action
def remove_reaction(message: Message, emoji: str, *, by: Actor) -> None:
    if Reaction.objects.filter(message=message, emoji=emoji, **_author(by)).delete()[0]:
        record_reaction("reaction_removed", Reaction(message=message, emoji=emoji, **_author(by)), by)


def record_reaction(event_type: str, reaction: Reaction, by: Actor) -> None:
    message = reaction.message
    record(event_type, message, by=by, audience=message.channel.audience, data=reaction_data(reaction))


def reaction_data(reaction: Reaction) -> ReactionEvent:
    columns = ("message_id", "emoji", "user_id", "agent_id", "name")
    fields = {name: getattr(reaction, name) for name in columns}
    return ReactionEvent(channel_id=reaction.message.channel_id, **fields)


@action
def send_offline_message(
    text: str, *, by: Actor, channel: UUID | None = None, agent: UUID | None = None, parent: UUID | None = None
) -> MergeResult:
    """Send a message that was written offline to a channel (in the thread of `parent`), or to a chat with an agent.

    docs/offline.md has the rules. The operation's id becomes the message's.

    Raises ActionError if the channel, agent or parent is out of reach.
    """
    assert by.member is not None
    target: Any = Channel.objects.visible_to(by.member).filter(pk=channel).first() if channel else None
    if agent:
        active = Agent.objects.filter(home=by.home, pk=agent, is_active=True).first()
        if active is None:
            raise ActionError(_("That agent isn't available, so the message wasn't sent."))
        target = open_assistant(active, by=by)
    if target is None:
        raise ActionError(_("You're no longer in that room, so the message wasn't sent."))
    root = Message.objects.filter(pk=parent, channel=target).first() if parent else None
    if parent and root is None:
        raise ActionError(_("The message you replied to is gone, so your reply wasn't sent."))
    send_message(target, text, by=by, parent=root, pk=by.op_id)
    if target.archived_at is not None:
        return MergeResult(message=_("“%(room)s” was archived. Your message is still in it.") % {"room": target})
    return MergeResult()


def _clean_body(body: str, empty_error: str) -> str:
    """Return the cleaned text. Raises ActionError if it is empty or too long."""
    body = clean_text(body)
    if not body:
        raise ActionError(empty_error)
    if len(body) > Message.MAX_LENGTH:
        raise ActionError(_("That message is too long: %(max)d characters at most.") % {"max": Message.MAX_LENGTH})
    return body


def _author(by: Actor) -> dict[str, Any]:
    return {"agent": by.agent} if by.agent else {"user": by.user}


def _own(message: Message, by: Actor) -> Message:
    """Return the current row. Raises Forbidden if someone else wrote it, ActionError if it is deleted or a draft."""
    current = Message.objects.select_related("channel").get(pk=message.pk)
    if by.user is None or current.author_user_id != by.user.pk:
        raise Forbidden(_("You can only change your own messages."))
    if current.deleted_at or current.state != MessageState.COMPLETE:
        raise ActionError(_("This message can no longer be changed."))
    return current


def _finish_draft(draft: Message, body: str, metadata: dict[str, Any] | None, state: str, by: Actor) -> Message:
    """Store the final text with a new `seq`, because others may have written meanwhile."""
    draft.assign(body=body, state=state, metadata=metadata or {})
    draft.seq = record("chat_message", draft, by=by, audience=draft.channel.audience).seq
    draft.save()
    return draft


def _check_same_message(sent: Message, channel: Channel, by: Actor) -> None:
    """Raise ActionError if the message is in another channel or by another author."""
    author = by.agent.pk if by.agent else by.user.pk if by.user else None
    if sent.channel_id != channel.pk or author not in (sent.author_user_id, sent.author_agent_id):
        raise ActionError(_("That message ID is already in use."))


def _undo_message(event: Event, by: Actor) -> None:
    mark_deleted(_get_message(event, by), by)


def _undo_reaction(event: Event, by: Actor) -> None:
    agent_actor = replace(by, agent=event.actor_agent)
    remove_reaction(_get_message(event, by), event.data["emoji"], by=agent_actor)


def _get_message(event: Event, by: Actor) -> Message:
    """Return the message of the event. Raises ActionError if a person typed it: they edit or delete it instead."""
    if event.actor_agent_id is None and event.origin != Origin.MCP:
        raise ActionError(_("This can't be undone."))
    if by.user is None or event.actor_user_id != by.user.pk:
        raise Forbidden(_("Only the person who asked for this can undo it."))
    messages: Any = Message.objects.select_related("channel")
    message = messages.filter(pk=event.subject_id, home=by.home).first()
    if message is None:
        raise ActionError(_("That's already gone."))
    return message


UNDO: dict[str, Callable[[Event, Actor], None]] = {"chat_message": _undo_message, "reaction_added": _undo_reaction}
