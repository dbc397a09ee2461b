"""How a talk is laid out for one reader: days, what is new, who speaks, threads, reactions."""

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
from chat.templatetags.talk import mentions
from homes.models import Agent, Membership, mentioned_agents

PATIENCE = timedelta(minutes=2)  # how long the page shows that an answer is being made


@dataclass
class ReactionCount:
    emoji: str
    count: int
    mine: bool
    who: str


@dataclass
class Row:
    """A message as it stands in a talk."""

    message: Message
    day: date | None
    is_today: bool
    is_new: bool
    is_mine: bool
    person: Membership | None
    agent: Agent | None
    reactions: list[ReactionCount]
    replies: int = 0
    last_reply: Message | None = None
    repliers: list[Any] = field(default_factory=list)


@dataclass
class Talk:
    member: Membership
    channel: Channel
    people: dict[UUID, Membership]
    agents: dict[UUID, Agent]
    inside: dict[UUID, set[UUID]]
    """Who is in it, by talk: both of a talk between two; of a talk with an agent, the agent."""

    @classmethod
    def of(cls, member: Membership, channel: Channel, agents: list[Agent]) -> "Talk":
        people = {person.user_id: person for person in Membership.objects.visible_to(member)}
        inside: dict[UUID, set[UUID]] = defaultdict(set)
        between_two = Q(channel__kind=ChannelKind.DM, user__isnull=False)
        with_agent = Q(channel__kind=ChannelKind.ASSISTANT, channel__created_by=member.user_id, agent__isnull=False)
        found = ChannelMember.objects.filter(between_two | with_agent, channel__home=member.home_id)
        for channel_id, user_id, agent_id in found.values_list("channel", "user", "agent"):
            inside[channel_id].add(user_id or agent_id)
        return cls(member, channel, people, {agent.pk: agent for agent in agents}, inside)

    @property
    def names(self) -> "re.Pattern[str] | None":
        spoken = [name for agent in self.agents.values() for name in (agent.display_name, agent.slug)]
        return mentions(
            [
                *sorted(spoken, key=len, reverse=True),
                *(f"@{person.name}" for person in self.people.values() if person.name),
            ]
        )

    def rows(self, messages: list[Message], *, mark_new: bool, in_thread: bool = False) -> list[Row]:
        replies = self._replies(messages) if not in_thread else {}
        reactions = self._reactions(messages)
        rows: list[Row] = []
        day, new_shown = None, not mark_new
        for message in messages:
            said_on = timezone.localdate(message.created_at)
            is_mine = message.author_user_id == self.member.user_id
            is_new = not (new_shown or is_mine) and self._is_unread(message)
            new_shown = new_shown or is_new
            row = Row(
                message,
                said_on if said_on != day and not in_thread else None,
                said_on == timezone.localdate(),
                is_new and bool(rows),
                is_mine,
                self.people.get(message.author_user_id) if message.author_user_id else None,
                self.agents.get(message.author_agent_id) if message.author_agent_id else None,
                reactions.get(message.pk, []),
            )
            if answers := replies.get(message.pk):
                row.replies, row.last_reply = len(answers), answers[-1]
                row.repliers = self._authors(answers)
            rows.append(row)
            day = said_on
        return rows

    def awaited(self, newest_first: Iterable[Message]) -> Agent | None:
        """Of the agents that the newest word of a person is for, the one whose answer is being made."""
        spoken: set[UUID | None] = set()
        for message in newest_first:
            if message.author_user_id is not None:
                break
            spoken.add(message.author_agent_id)
        else:
            return None
        if self.channel.kind == ChannelKind.DM or timezone.now() - message.created_at > PATIENCE:
            return None
        partner = self.partner(self.channel)
        asked = [partner] if partner else mentioned_agents(message.body, self.agents.values())
        return next((agent for agent in asked if agent.is_active and agent.pk not in spoken), None)

    def title(self, channel: Channel) -> str:
        """What the reader calls the channel: a room's name, the other person, the talk's title."""
        if channel.kind == ChannelKind.DM:
            other = self.other(channel)
            return other.name if other else channel.title or _("Somebody who left")
        if channel.kind == ChannelKind.ASSISTANT:
            partner = self.partner(channel)
            return channel.title or (partner.display_name if partner else "")
        return channel.name

    def other(self, channel: Channel) -> Membership | None:
        ids = self.inside.get(channel.pk, set()) - {self.member.user_id}
        return next((self.people[user_id] for user_id in ids if user_id in self.people), None)

    def partner(self, channel: Channel) -> Agent | None:
        """The agent that a talk of the reader's is with."""
        return next((self.agents[pk] for pk in self.inside.get(channel.pk, ()) if pk in self.agents), None)

    def _is_alone(self, channel: Channel) -> bool:
        """A talk with somebody who left, or never was here."""
        return channel.kind == ChannelKind.DM and self.other(channel) is None

    def groups(self, channels: list[Channel]) -> dict[str, Any]:
        """The list at the side: rooms, people (also those without a talk yet), talks with agents, and the agents that
        the reader has no standing talk with."""
        named = [(channel, self.title(channel)) for channel in channels]
        dms = {self.other(channel): channel for channel in channels if channel.kind == ChannelKind.DM}
        others = [person for person in self.people.values() if person.user_id != self.member.user_id]
        talks = [
            (channel, title, self.partner(channel)) for channel, title in named if channel.kind == ChannelKind.ASSISTANT
        ]
        known = {agent for channel, _title, agent in talks if not channel.title}
        return {
            "rooms": [
                (channel, title) for channel, title in named if channel.kind in ROOM_KINDS or self._is_alone(channel)
            ],
            "people": [(person, dms.get(person)) for person in others],
            "assistants": talks,
            "agents": [agent for agent in self.agents.values() if agent.is_active and agent not in known],
        }

    def _is_unread(self, message: Message) -> bool:
        read_seq = getattr(self.channel, "read_seq", 0)
        return bool(message.seq > read_seq and message.created_at >= self.member.joined_at)

    def _reactions(self, messages: list[Message]) -> dict[UUID, list[ReactionCount]]:
        given: dict[UUID, dict[str, list[Any]]] = defaultdict(lambda: defaultdict(list))
        found = Reaction.objects.filter(message__in=[message.pk for message in messages]).order_by("created_at")
        for message, emoji, *who in found.values_list("message", "emoji", "user", "agent", "name"):
            given[message][emoji].append(next(filter(None, who)))
        return {
            message: [
                ReactionCount(emoji, len(ids), self.member.user_id in ids, ", ".join(map(self._name, ids)))
                for emoji, ids in emojis.items()
            ]
            for message, emojis in given.items()
        }

    def _name(self, who: UUID | str) -> str:
        if isinstance(who, str):
            return who
        if who in self.people:
            return self.people[who].name
        return self.agents[who].display_name if who in self.agents else _("Somebody who left")

    def _replies(self, messages: list[Message]) -> dict[UUID, list[Message]]:
        replies: dict[UUID, list[Message]] = defaultdict(list)
        found = Message.objects.filter(parent__in=[message.pk for message in messages], deleted_at=None)
        for reply in found.order_by("seq").only("parent_id", "author_user_id", "author_agent_id", "created_at", "seq"):
            replies[reply.parent_id or reply.pk].append(reply)
        return replies

    def _authors(self, messages: list[Message]) -> list[Any]:
        counted = Counter(message.author_user_id or message.author_agent_id for message in messages)
        return [self.people.get(who) or self.agents.get(who) for who, _n in counted.most_common(3) if who]


def replies_of(root: Message) -> list[Message]:
    return list(Message.objects.filter(parent=root).order_by("seq", "created_at"))
