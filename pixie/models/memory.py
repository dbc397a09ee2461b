"""What an agent knows: blocks that it has in mind at all times, and passages that it finds again."""

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
from pantry.models import MutableRow, Row
from pixie.nlu.keywords import of_oneself


class Source(models.TextChoices):
    NOTE = "note", _("Note")
    CONVERSATION = "conversation", _("Said")
    DECISION = "decision", _("Decided")
    PURCHASE = "purchase", _("Bought")
    TASK = "task", _("Task")
    EVENT = "event", _("Date")


class MemoryBlockQuerySet(models.QuerySet["MemoryBlock"]):
    def visible_to(self, member: Membership) -> "MemoryBlockQuerySet":
        """Those about the home; of those about people, only one's own."""
        return self.filter(Q(user=None) | Q(user=member.user_id), home=member.home_id)

    def of(self, agent: Agent) -> "MemoryBlockQuerySet":
        """The agent's own, and those that others share with it; a shared one stands in for its own of that label."""
        shared = MemoryBlock.objects.filter(links__agent=agent, label=OuterRef("label"), user=OuterRef("user"))
        shared_with_all = MemoryBlock.objects.filter(links__agent=agent, label=OuterRef("label"), user=None)
        own = Q(agent=agent) & ~Exists(shared) & ~(Q(user=None) & Exists(shared_with_all))
        return self.filter(own | Q(pk__in=SharedBlockLink.objects.filter(agent=agent).values("block")))


class MemoryBlock(MutableRow):
    """A few sentences under a label. The one of label `member` is about `user`, and theirs alone."""

    LABELS = ("personality", "household", "preferences")
    ABOUT_ONE = "member"
    LIMIT = 2000

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="blocks")
    label = models.SlugField(_("label"), max_length=40)
    user = models.ForeignKey(User, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("about"))
    content = models.TextField(_("content"), blank=True)
    is_shared = models.BooleanField(_("other agents read it, too"), default=False)
    char_limit = models.PositiveIntegerField(_("most letters"), default=LIMIT)
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
        """Ids of the other agents that read it."""
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
        """What the whole home may know, and what was said in rooms that the member is in now."""
        return self.standing().filter(Q(channel=None) | visible_channels_q(member, "channel__"), home=member.home_id)

    def tellable_in(self, channel: Channel) -> "PassageQuerySet":
        """What may be said aloud there: whoever reads the answer may know it. Alone with an agent one hears all that
        one may see."""
        if channel.kind == ChannelKind.ASSISTANT:
            return self
        open_to_all = Q(channel=None) | Q(channel__kind=ChannelKind.PUBLIC)
        return self.filter(open_to_all | Q(channel=channel))

    def known_to(self, agent: Agent | None) -> "PassageQuerySet":
        """What was told to no agent in particular, or to this one."""
        return self.filter(Q(agent=None) | Q(agent=agent)) if agent else self

    def standing(self) -> "PassageQuerySet":
        """Those whose event in the log was not redacted."""
        redacted = Event.objects.filter(home=OuterRef("home"), seq=OuterRef("seq"), redacted_at__isnull=False)
        return self.filter(~Exists(redacted))

    def waiting(self) -> "PassageQuerySet":
        """Those whose meaning was not computed yet."""
        return self.filter(embedding=None)


class Passage(MutableRow):
    """Something that was said, decided, bought or noted, in one or a few sentences."""

    MAX_LENGTH = 1000

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, null=True, related_name="passages")
    user = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("by"))
    author_name = models.CharField(_("author's name"), max_length=80, blank=True, editable=False)
    """Of somebody who is nobody here."""
    channel = models.ForeignKey(
        Channel, on_delete=models.CASCADE, null=True, related_name="+", verbose_name=_("said in")
    )
    """Whoever is in it may know; without one, the whole home."""
    source = models.CharField(_("from"), max_length=12, choices=Source.choices, default=Source.NOTE)
    source_id = models.UUIDField(null=True, editable=False)
    seq = models.PositiveBigIntegerField(_("number in the log"), null=True, editable=False)
    content = models.TextField(_("content"), max_length=MAX_LENGTH)
    tags = models.JSONField(_("tags"), default=list)
    said_at = models.DateTimeField(_("when"), default=timezone.now)
    version = models.PositiveIntegerField(default=1, editable=False)
    words = models.TextField(editable=False)
    """Of the content and the tags, as they are looked for: see `pixie.nlu.keywords`."""
    embedding = models.BinaryField(null=True, editable=False)
    """Its meaning, 384 numbers of 16 bits; None until it is computed."""
    revision = models.PositiveBigIntegerField(null=True, editable=False)
    """The home's count of embeddings when this one was written."""

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
        """Who may read its events: `None` for the whole home, else the channel's id."""
        return self.channel.audience if self.channel else None

    @property
    def told(self) -> str:
        """What is compared by its meaning: “I like it dark” is of use only with who said so."""
        return f"{self.who}: {self.content}" if self.who and of_oneself(self.content) else self.content

    @property
    def who(self) -> str:
        """By name; empty when nobody in particular said it."""
        return self.author_name or (str(self.user) if self.user else "")


class MemoryPosition(models.Model):
    """How far a home's log was read for what is to be remembered, how many embeddings were written, and the night in
    which its memory was tidied last."""

    home = models.OneToOneField(Home, on_delete=models.CASCADE, primary_key=True, related_name="memory_position")
    seq = models.PositiveBigIntegerField(default=0)
    revision = models.PositiveBigIntegerField(default=0)
    tidied_on = models.DateField(null=True)
    tidied_to = models.UUIDField(null=True)

    class Meta:
        verbose_name = _("position of memory")
        verbose_name_plural = _("positions of memory")

    def __str__(self) -> str:
        return f"{self.home_id}: {self.seq}"
