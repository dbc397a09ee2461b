"""Channels (rooms, direct messages, chats with an agent) and their members."""

from typing import Any, ClassVar

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
