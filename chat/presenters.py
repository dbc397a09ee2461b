"""Presenters of a channel for one reader: message rows, side list, reactions, threads."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from chat.models import ROOM_KINDS, Channel, ChannelKind, ChannelMember, Message, Reaction
from chat.templatetags.chat_text import mention_pattern
from homes.models import Agent, Membership, mentioned_agents

COMPOSING_TIMEOUT = timedelta(minutes=2)  # how long the page shows that an agent is composing a reply


@dataclass(frozen=True)
class ReactionCount:
    emoji: str
    count: int
    is_mine: bool
    names: str


def quick_replies_for(message: Message, member: Membership) -> list[str]:
    """Return the messages that an answer offers to its asker. Others see none, because a tap would answer for them."""
    is_asker = message.metadata.get("asker") == str(member.user_id)
    return [reply["text"] for reply in message.metadata.get("replies", ())] if is_asker else []


@dataclass
class MessageRow:
    message: Message
    day: date | None
    """Set for the first message of a day, which has a divider above it."""
    is_today: bool
    is_new: bool
    """Set for the first unread message, which has the “New” divider above it."""
    is_mine: bool
    person: Membership | None
    agent: Agent | None
    reactions: list[ReactionCount]
    replies: int = 0
    last_reply: Message | None = None
    repliers: list[Any] = field(default_factory=list)
    quick_replies: list[str] = field(default_factory=list)
    """Messages that the reader can send with a tap; set for the newest answer to them only."""

    @property
    def version(self) -> int:
        """A value that changes whenever the row would be rendered differently, as the key of its cached HTML."""
        message, person, agent = self.message, self.person, self.agent
        return hash(
            (
                message.pk,
                message.updated_at,
                (self.day, self.is_today, self.is_new, self.is_mine),
                (person.name, person.colour) if person else None,
                (agent.display_name, agent.avatar_color) if agent else None,
                tuple(self.reactions),
                (self.replies, self.last_reply.created_at if self.last_reply else None),
                tuple(self.quick_replies),
                tuple((str(replier), getattr(replier, "avatar_color", "")) for replier in self.repliers),
            )
        )


@dataclass
class ChannelPresenter:
    member: Membership
    channel: Channel
    people: dict[UUID, Membership]
    agents: dict[UUID, Agent]
    participants: dict[UUID, set[UUID]]
    """By channel: both users of a direct message; the agent of the reader's chat with an agent."""

    @classmethod
    def load(cls, member: Membership, channel: Channel, agents: list[Agent]) -> "ChannelPresenter":
        people = {person.user_id: person for person in Membership.objects.visible_to(member)}
        participants: dict[UUID, set[UUID]] = defaultdict(set)
        is_dm = Q(channel__kind=ChannelKind.DM, user__isnull=False)
        is_own_agent_chat = Q(
            channel__kind=ChannelKind.ASSISTANT, channel__created_by=member.user_id, agent__isnull=False
        )
        members = ChannelMember.objects.filter(is_dm | is_own_agent_chat, channel__home=member.home_id)
        for channel_id, user_id, agent_id in members.values_list("channel", "user", "agent"):
            participants[channel_id].add(user_id or agent_id)
        return cls(member, channel, people, {agent.pk: agent for agent in agents}, participants)

    @property
    def mentions(self) -> "re.Pattern[str] | None":
        """Return the pattern that marks mentions of agents and members."""
        agent_names = [name for agent in self.agents.values() for name in (agent.display_name, agent.slug)]
        user_names = [f"@{person.name}" for person in self.people.values() if person.name]
        return mention_pattern([*sorted(agent_names, key=len, reverse=True), *user_names])

    def rows(
        self, messages: list[Message], *, mark_new: bool, in_thread: bool = False, has_newest: bool = True
    ) -> list[MessageRow]:
        replies_by_root = self._replies(messages) if not in_thread else {}
        reactions = self._reactions(messages)
        rows: list[MessageRow] = []
        last_day, has_new_divider = None, not mark_new
        for message in messages:
            day = timezone.localdate(message.created_at)
            is_mine = message.author_user_id == self.member.user_id
            is_new = not (has_new_divider or is_mine) and self._is_unread(message)
            has_new_divider = has_new_divider or is_new
            row = MessageRow(
                message,
                day if day != last_day and not in_thread else None,
                day == timezone.localdate(),
                is_new and bool(rows),
                is_mine,
                self.people.get(message.author_user_id) if message.author_user_id else None,
                self.agents.get(message.author_agent_id) if message.author_agent_id else None,
                reactions.get(message.pk, []),
            )
            if replies := replies_by_root.get(message.pk):
                row.replies, row.last_reply = len(replies), replies[-1]
                row.repliers = self._top_authors(replies)
            rows.append(row)
            last_day = day
        newest = next((row for row in reversed(rows) if row.is_mine or row.agent), None) if has_newest else None
        if newest is not None and bool(newest.message.parent_id) == in_thread:  # the thread's root belongs to the room
            newest.quick_replies = quick_replies_for(newest.message, self.member)
        return rows

    def composing_agent(self, newest_first: Iterable[Message]) -> Agent | None:
        """Return the agent currently composing a reply to the latest human message."""
        replied: set[UUID | None] = set()
        for message in newest_first:
            if message.author_user_id is not None:
                break
            replied.add(message.author_agent_id)
        else:
            return None
        if self.channel.kind == ChannelKind.DM or timezone.now() - message.created_at > COMPOSING_TIMEOUT:
            return None
        partner = self.agent_of(self.channel)
        addressed = [partner] if partner else mentioned_agents(message.body, self.agents.values())
        return next((agent for agent in addressed if agent.is_active and agent.pk not in replied), None)

    def title(self, channel: Channel) -> str:
        """Return the channel's name for the reader: the room's, the other person's, or the chat's title."""
        if channel.kind == ChannelKind.DM:
            other = self.other_person(channel)
            return other.name if other else channel.title or _("Former member")
        if channel.kind == ChannelKind.ASSISTANT:
            agent = self.agent_of(channel)
            return channel.title or (agent.display_name if agent else "")
        return channel.name

    def other_person(self, channel: Channel) -> Membership | None:
        """Return the other member of a direct message, unless they have left the home."""
        ids = self.participants.get(channel.pk, set()) - {self.member.user_id}
        return next((self.people[user_id] for user_id in ids if user_id in self.people), None)

    def agent_of(self, channel: Channel) -> Agent | None:
        """Return the agent of one of the reader's own chats with an agent."""
        return next((self.agents[pk] for pk in self.participants.get(channel.pk, ()) if pk in self.agents), None)

    def _is_with_former_member(self, channel: Channel) -> bool:
        return channel.kind == ChannelKind.DM and self.other_person(channel) is None

    def groups(self, channels: list[Channel]) -> dict[str, Any]:
        """Return the groups of the side list.

        `people` includes members without a direct message, `agents` those without an untitled chat.
        """
        dms = {self.other_person(channel): channel for channel in channels if channel.kind == ChannelKind.DM}
        chats = [channel for channel in channels if channel.kind == ChannelKind.ASSISTANT]
        agents_with_chat = {self.agent_of(channel) for channel in chats if not channel.title}
        others = [person for person in self.people.values() if person.user_id != self.member.user_id]
        return {
            "rooms": [
                (channel, self.title(channel))
                for channel in channels
                if channel.kind in ROOM_KINDS or self._is_with_former_member(channel)
            ],
            "people": [(person, dms.get(person)) for person in others],
            "assistants": [(channel, self.title(channel), self.agent_of(channel)) for channel in chats],
            "agents": [agent for agent in self.agents.values() if agent.is_active and agent not in agents_with_chat],
        }

    def _is_unread(self, message: Message) -> bool:
        read_seq = getattr(self.channel, "read_seq", 0)
        return bool(message.seq > read_seq and message.created_at >= self.member.joined_at)

    def _reactions(self, messages: list[Message]) -> dict[UUID, list[ReactionCount]]:
        actors: dict[UUID, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        reactions = Reaction.objects.filter(message__in=[message.pk for message in messages]).order_by("created_at")
        for message, emoji, *actor in reactions.values_list("message", "emoji", "user", "agent", "name"):
            actors[message][emoji].append(next(filter(None, actor)))
        return {
            message: [
                ReactionCount(emoji, len(ids), self.member.user_id in ids, ", ".join(map(self._name, ids)))
                for emoji, ids in emojis.items()
            ]
            for message, emojis in actors.items()
        }

    def _name(self, actor: UUID | str) -> str:
        """Return the name of a user or agent id. A name from an imported home is returned as it is."""
        if isinstance(actor, str):
            return actor
        if actor in self.people:
            return self.people[actor].name
        return self.agents[actor].display_name if actor in self.agents else _("Former member")

    def _replies(self, messages: list[Message]) -> dict[UUID, list[Message]]:
        replies: dict[UUID, list[Message]] = defaultdict(list)
        rows = Message.objects.filter(parent__in=[message.pk for message in messages], deleted_at=None)
        for reply in rows.order_by("seq").only("parent_id", "author_user_id", "author_agent_id", "created_at", "seq"):
            replies[reply.parent_id or reply.pk].append(reply)
        return replies

    def _top_authors(self, messages: list[Message]) -> list[Any]:
        counts = Counter(message.author_user_id or message.author_agent_id for message in messages)
        return [self.people.get(author) or self.agents.get(author) for author, _n in counts.most_common(3) if author]
