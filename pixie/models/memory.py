"""Memory of agents: blocks that they always read, and passages that they search."""

from typing import Any, ClassVar
from uuid import UUID

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from chat.models import Channel, ChannelKind, visible_channels_q
from homes.accounts.models import User
from homes.events.models import Event
from homes.models import Agent, Home, Membership
from pantry.db import unindex_row
from pantry.models import MutableRow, Row
from pixie.memory.keywords import is_first_person


class Source(models.TextChoices):
    NOTE = "note", _("Note")
    CONVERSATION = "conversation", _("Said")
    DECISION = "decision", _("Decided")
    PURCHASE = "purchase", _("Bought")
    TASK = "task", _("Task")
    EVENT = "event", _("Date")


class MemoryBlockQuerySet(models.QuerySet["MemoryBlock"]):
    def visible_to(self, member: Membership) -> "MemoryBlockQuerySet":
        """Return the blocks about the home and the one about the member."""
        return self.filter(Q(user=None) | Q(user=member.user_id), home=member.home_id)

    def read_by(self, agent: Agent) -> "MemoryBlockQuerySet":
        """Return the agent's own blocks and those shared with it. A shared block replaces its own with that label."""
        shared = MemoryBlock.objects.filter(links__agent=agent, label=OuterRef("label"), user=OuterRef("user"))
        shared_with_all = MemoryBlock.objects.filter(links__agent=agent, label=OuterRef("label"), user=None)
        own = Q(agent=agent) & ~Exists(shared) & ~(Q(user=None) & Exists(shared_with_all))
        return self.filter(own | Q(pk__in=SharedBlockLink.objects.filter(agent=agent).values("block")))


class MemoryBlock(MutableRow):
    """A short text under a label. A block with the label `member` is about `user`, and only visible to them."""

    LABELS = ("personality", "household", "preferences")
    MEMBER_LABEL = "member"
    MAX_CHARS = 2000

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="blocks")
    label = models.SlugField(_("label"), max_length=40)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("about"))
    content = models.TextField(_("content"), blank=True)
    is_shared = models.BooleanField(_("shared with other agents"), default=False)
    char_limit = models.PositiveIntegerField(_("maximum characters"), default=MAX_CHARS)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects: ClassVar[Any] = MemoryBlockQuerySet.as_manager()

    class Meta:
        verbose_name = _("memory block")
        verbose_name_plural = _("memory blocks")
        constraints = [
            models.UniqueConstraint(fields=["agent", "label"], condition=Q(user=None), name="block_label_once"),
            models.UniqueConstraint(
                fields=["agent", "label", "user"], condition=Q(user__isnull=False), name="block_about_one_once"
            ),
            models.CheckConstraint(
                condition=Q(user=None) & ~Q(label="member") | Q(user__isnull=False, label="member"),
                name="block_of_a_member_is_about_one",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @property
    def shared_with(self) -> list[UUID]:
        """Return the ids of the other agents that read it."""
        if self._state.adding:
            return []
        return [link.agent_id for link in sorted(self.links.all(), key=lambda link: (link.created_at, link.pk))]


class SharedBlockLink(Row):
    block = models.ForeignKey(MemoryBlock, on_delete=models.CASCADE, related_name="links")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+")

    class Meta:
        verbose_name = _("shared block")
        verbose_name_plural = _("shared blocks")
        constraints = [models.UniqueConstraint(fields=["block", "agent"], name="block_shared_once")]

    def __str__(self) -> str:
        return f"{self.block} → {self.agent}"


class PassageQuerySet(models.QuerySet["Passage"]):
    def visible_to(self, member: Membership) -> "PassageQuerySet":
        """Return passages for the whole home and those of channels that the member can see now."""
        redacted = Event.objects.filter(home=OuterRef("home"), seq=OuterRef("seq"), redacted_at__isnull=False)
        visible = Q(channel=None) | visible_channels_q(member, "channel__")
        return self.filter(~Exists(redacted), visible, home=member.home_id)

    def quotable_in(self, channel: Channel) -> "PassageQuerySet":
        """Keep the passages that everyone who reads the channel may see. A chat with an agent has one reader."""
        if channel.kind == ChannelKind.ASSISTANT:
            return self
        open_to_all = Q(channel=None) | Q(channel__kind=ChannelKind.PUBLIC)
        return self.filter(open_to_all | Q(channel=channel))

    def for_agent(self, agent: Agent | None) -> "PassageQuerySet":
        """Keep the passages of this agent and of no particular agent."""
        return self.filter(Q(agent=None) | Q(agent=agent)) if agent else self

    def delete(self) -> tuple[int, dict[str, int]]:
        """Delete the passages, and what the search by words has of them."""
        for passage in self:
            unindex_row(passage)
        return super().delete()


class Passage(MutableRow):
    """One or a few sentences that were said, decided, bought or noted."""

    MAX_LENGTH = 1000

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, related_name="passages")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    author_name = models.CharField(_("author's name"), max_length=80, blank=True, editable=False)
    """For an author without an account, after an import."""
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("said in")
    )
    """Its members may see the passage; without a channel, the whole home."""
    source = models.CharField(_("source"), max_length=12, choices=Source.choices, default=Source.NOTE)
    source_id = models.UUIDField(null=True, editable=False)
    seq = models.PositiveBigIntegerField(_("event number"), null=True, editable=False)
    content = models.TextField(_("content"), max_length=MAX_LENGTH)
    tags = models.JSONField(_("tags"), default=list)
    said_at = models.DateTimeField(_("when"), default=timezone.now)
    version = models.PositiveIntegerField(default=1, editable=False)
    words = models.TextField(editable=False)
    """Indexed words of content, tags and author: see `pixie.memory.keywords`."""
    embedding = models.BinaryField(null=True, editable=False)
    """384 16-bit floats; None until computed."""
    revision = models.PositiveBigIntegerField(null=True, editable=False)
    """The home's embedding counter when this one was stored."""

    objects: ClassVar[Any] = PassageQuerySet.as_manager()

    class Meta:
        verbose_name = _("passage")
        verbose_name_plural = _("passages")
        constraints = [
            models.UniqueConstraint(
                fields=["home", "source_id"], condition=Q(source_id__isnull=False), name="passage_source_once"
            ),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="passage_source_known"),
            models.CheckConstraint(condition=~Q(content=""), name="passage_says_something"),
        ]
        indexes = [
            models.Index(fields=["home", "-said_at", "-id"], name="passage_newest"),
            models.Index(fields=["home", "revision"], name="passage_revision"),
            models.Index(fields=["home"], condition=Q(embedding=None), name="passage_waiting"),
        ]

    def __str__(self) -> str:
        return self.content[:60]

    @property
    def audience(self) -> Any:
        """Audience of its events: `None` for the whole home, else the channel's id."""
        return self.channel.audience if self.channel else None

    @property
    def embedding_text(self) -> str:
        """Return the text to embed. “I like it dark” is only useful with its author's name."""
        author = self.author_label
        return f"{author}: {self.content}" if author and is_first_person(self.content) else self.content

    @property
    def author_label(self) -> str:
        return self.author_name or (str(self.user) if self.user else "")


class MemoryPosition(models.Model):
    """A home's progress: the last event read (`seq`), the embedding counter, and the last nightly clean-up."""

    home = models.OneToOneField(Home, on_delete=models.CASCADE, primary_key=True, related_name="memory_position")
    seq = models.PositiveBigIntegerField(default=0)
    revision = models.PositiveBigIntegerField(default=0)
    tidied_on = models.DateField(null=True)
    tidied_to = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("memory position")
        verbose_name_plural = _("memory positions")

    def __str__(self) -> str:
        return f"{self.home_id}: {self.seq}"
