"""Messages and their reactions."""

from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models.channel import Channel, visible_channels_q
from homes.accounts.models import User
from homes.models import Agent, Home, Membership
from pantry.models import MutableRow, Row

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
