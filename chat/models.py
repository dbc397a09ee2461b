"""Channels (rooms, direct messages, chats with an agent) and their members, messages and reactions."""

from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from homes.accounts.models import User
from homes.models import Agent, Home, Membership
from pantry.models import MutableRow, Row


class ChannelKind(models.TextChoices):
    PUBLIC = "public", _("Room")
    PRIVATE = "private", _("Private room")
    DM = "dm", _("Direct message")
    ASSISTANT = "assistant", _("Chat with an agent")


ROOM_KINDS = [ChannelKind.PUBLIC, ChannelKind.PRIVATE]


def visible_channels_q(member: Membership, prefix: str = "") -> models.Q:
    """Match the public rooms and the channels the member is in. `prefix` is a lookup path such as `channel__`."""
    joined = ChannelMember.objects.filter(channel=models.OuterRef(f"{prefix}pk"), user=member.user_id)
    return models.Q(**{f"{prefix}kind": ChannelKind.PUBLIC}) | models.Q(models.Exists(joined))


def quotable_channels_q(reply_channel: UUID | None, prefix: str = "") -> models.Q:
    """Match the channels that everyone who reads `reply_channel` may see. Outside of a channel, and in a chat with an
    agent, which has one reader, these are all."""
    if reply_channel is None or Channel.objects.filter(pk=reply_channel, kind=ChannelKind.ASSISTANT).exists():
        return models.Q()
    return models.Q(**{f"{prefix}kind": ChannelKind.PUBLIC}) | models.Q(**{f"{prefix}pk": reply_channel})


class ChannelQuerySet(models.QuerySet["Channel"]):
    def visible_to(self, member: Membership) -> "ChannelQuerySet":
        return self.filter(visible_channels_q(member), home=member.home_id)


class Channel(MutableRow):
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="channels")
    name = models.CharField(_("name"), max_length=40, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=ChannelKind.choices)
    topic = models.CharField(_("topic"), max_length=120, blank=True)
    title = models.CharField(_("title"), max_length=120, blank=True)
    pair = models.CharField(max_length=73, blank=True, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    archived_at = models.DateTimeField(_("archived"), null=True, editable=False)
    is_system = models.BooleanField(default=False, editable=False)

    objects: ClassVar[Any] = ChannelQuerySet.as_manager()

    class Meta:
        verbose_name = _("channel")
        verbose_name_plural = _("channels")
        constraints = [
            models.UniqueConstraint(
                fields=["home", "name"], condition=models.Q(kind__in=ROOM_KINDS), name="channel_name_once"
            ),
            models.UniqueConstraint(fields=["home", "pair"], condition=models.Q(kind="dm"), name="channel_dm_once"),
            models.CheckConstraint(condition=models.Q(kind__in=ChannelKind.values), name="channel_kind_known"),
            models.CheckConstraint(
                condition=(models.Q(kind__in=ROOM_KINDS) & ~models.Q(name="")) | ~models.Q(kind__in=ROOM_KINDS),
                name="channel_room_has_a_name",
            ),
            models.CheckConstraint(
                condition=(models.Q(kind="dm") & ~models.Q(pair="")) | (~models.Q(kind="dm") & models.Q(pair="")),
                name="channel_dm_has_a_pair",
            ),
        ]
        indexes = [models.Index(fields=["home", "kind"], name="channel_kind")]

    def __str__(self) -> str:
        return self.name or self.title or self.get_kind_display()

    @property
    def is_private(self) -> bool:
        return self.kind != ChannelKind.PUBLIC

    @property
    def audience(self) -> Any:
        """Return the `channel_id` of its events: `None` if the whole home may read them."""
        return self.pk if self.is_private else None

    @staticmethod
    def pair_of(user: User, other: User) -> str:
        """Return the key of the direct message between two users, in either order."""
        return ":".join(sorted([str(user.pk), str(other.pk)]))


class ChannelMember(Row):
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, related_name="+")
    last_read_seq = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("channel member")
        verbose_name_plural = _("channel members")
        constraints = [
            models.UniqueConstraint(fields=["channel", "user"], name="channel_user_once"),
            models.UniqueConstraint(fields=["channel", "agent"], name="channel_agent_once"),
            models.CheckConstraint(
                condition=models.Q(user=None, agent__isnull=False) | models.Q(user__isnull=False, agent=None),
                name="channel_member_is_one",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.agent} in {self.channel}"


ONE_AUTHOR = (
    models.Q(author_user=None, author_agent__isnull=False, author_name="")
    | models.Q(author_user__isnull=False, author_agent=None, author_name="")
    | (models.Q(author_user=None, author_agent=None) & ~models.Q(author_name=""))
)
ONE_ACTOR = (
    models.Q(user=None, agent__isnull=False, name="")
    | models.Q(user__isnull=False, agent=None, name="")
    | (models.Q(user=None, agent=None) & ~models.Q(name=""))
)


class MessageState(models.TextChoices):
    PENDING = "pending", _("Waiting")
    STREAMING = "streaming", _("Being written")
    COMPLETE = "complete", _("Complete")
    ERROR = "error", _("Failed")
    ABORTED = "aborted", _("Stopped")


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, member: Membership) -> "MessageQuerySet":
        return self.filter(visible_channels_q(member, "channel__"), home=member.home_id)

    def roots(self) -> "MessageQuerySet":
        return self.filter(parent=None)

    def finished(self) -> "MessageQuerySet":
        """Exclude messages that an agent is still writing."""
        return self.exclude(state=MessageState.STREAMING)

    def with_authors(self) -> "MessageQuerySet":
        return self.select_related("author_user", "author_agent")


class Message(MutableRow):
    MAX_LENGTH = 4000

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="messages")
    seq = models.PositiveBigIntegerField(_("number in the log"), editable=False)
    parent = models.ForeignKey("self", on_delete=models.CASCADE, null=True, related_name="replies")
    author_user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    author_agent = models.ForeignKey(Agent, on_delete=models.RESTRICT, null=True, related_name="+")
    author_name = models.CharField(_("author's name"), max_length=80, blank=True, editable=False)
    """Set only for a message imported from another home, whose author has no account here."""
    body = models.TextField(_("text"), max_length=MAX_LENGTH)
    state = models.CharField(_("state"), max_length=10, choices=MessageState.choices, default=MessageState.COMPLETE)
    version = models.PositiveIntegerField(default=1, editable=False)
    edited_at = models.DateTimeField(_("edited"), null=True, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)
    metadata = models.JSONField(default=dict, blank=True)
    scopes = models.JSONField(null=True, editable=False)
    """Of the personal token that it was sent with: agents do no more for it. None for all."""
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    latency_ms = models.PositiveIntegerField(null=True)

    objects: ClassVar[Any] = MessageQuerySet.as_manager()

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        constraints = [
            models.CheckConstraint(condition=ONE_AUTHOR, name="message_has_one_author"),
            models.CheckConstraint(condition=models.Q(state__in=MessageState.values), name="message_state_known"),
        ]
        indexes = [
            models.Index(fields=["channel", "created_at"], name="message_channel"),
            models.Index(fields=["channel", "seq"], name="message_channel_seq"),
            models.Index(fields=["parent", "created_at"], name="message_parent"),
            models.Index(fields=["home", "seq"], name="message_newest"),
            models.Index(fields=["author_name"], name="message_brought_along", condition=models.Q(author_name__gt="")),
        ]

    def __str__(self) -> str:
        return self.body[:60]


class Reaction(Row):
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="reactions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=80, blank=True, editable=False)
    emoji = models.CharField(max_length=16)

    class Meta:
        verbose_name = _("reaction")
        verbose_name_plural = _("reactions")
        constraints = [
            models.UniqueConstraint(fields=["message", "user", "emoji"], name="reaction_user_once"),
            models.UniqueConstraint(fields=["message", "agent", "emoji"], name="reaction_agent_once"),
            models.CheckConstraint(condition=ONE_ACTOR, name="reaction_has_one_actor"),
        ]

    def __str__(self) -> str:
        return self.emoji
