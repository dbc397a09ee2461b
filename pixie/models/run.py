"""Runs of agents, with their steps and messages, and the actions that wait for a member's confirmation."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from chat.models import Channel, Message, visible_channels_q
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.events.models import Origin
from homes.models import Agent, Home, Membership
from pantry.models import MutableRow, Row
from pixie.models.schedule import ScheduledMessage

LOCAL = "local"  # stored as the model if no language model was called


class RunStatus(models.TextChoices):
    CREATED = "created", _("Waiting")
    RUNNING = "running", _("At work")
    COMPLETED = "completed", _("Completed")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


class StopReason(models.TextChoices):
    END_TURN = "end_turn", _("Finished")
    ERROR = "error", _("Error")
    MAX_STEPS = "max_steps", _("Too many steps")
    MAX_TOKENS = "max_tokens_exceeded", _("Too long")
    CANCELLED = "cancelled", _("Cancelled")
    NO_TOOL_CALL = "no_tool_call", _("No tool was called")
    INVALID_TOOL_CALL = "invalid_tool_call", _("A tool was called wrongly")


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, member: Membership) -> "RunQuerySet":
        return self.filter(visible_channels_q(member, "channel__"), home=member.home_id)

    def unfinished(self) -> "RunQuerySet":
        return self.filter(status__in=[RunStatus.CREATED, RunStatus.RUNNING])

    def free(self, now: datetime) -> "RunQuerySet":
        """Return unfinished runs that no worker has leased."""
        return self.unfinished().filter(models.Q(lease_until=None) | models.Q(lease_until__lt=now))

    def undecided(self) -> "RunQuerySet":
        """Return runs that local understanding has not looked at yet."""
        return self.filter(route="")


class Run(MutableRow):
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="runs")
    status = models.CharField(_("status"), max_length=10, choices=RunStatus.choices, default=RunStatus.CREATED)
    stop_reason = models.CharField(_("stop reason"), max_length=20, choices=StopReason.choices, blank=True)
    trigger_message = models.ForeignKey(Message, on_delete=models.CASCADE, null=True, related_name="runs")
    scheduled_message = models.ForeignKey(ScheduledMessage, on_delete=models.CASCADE, null=True, related_name="runs")
    scheduled_for = models.DateTimeField(_("scheduled for"), null=True)
    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="+")
    route = models.CharField(_("route"), max_length=80, blank=True)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=10, decimal_places=6, default=Decimal(0))
    tool_ms = models.PositiveIntegerField(_("time in tools, in ms"), default=0)
    started_at = models.DateTimeField(_("started"), null=True)
    completed_at = models.DateTimeField(_("completed"), null=True)
    lease_until = models.DateTimeField(_("leased until"), null=True)
    lease_token = models.UUIDField(null=True, editable=False)
    stop_requested_at = models.DateTimeField(_("stop requested at"), null=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error = models.TextField(_("error"), blank=True)

    objects: ClassVar[Any] = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            models.UniqueConstraint(fields=["agent", "trigger_message"], name="run_once_a_message"),
            models.UniqueConstraint(fields=["scheduled_message", "scheduled_for"], name="run_once_a_schedule"),
            models.CheckConstraint(condition=models.Q(status__in=RunStatus.values), name="run_status_known"),
        ]
        indexes = [
            models.Index(fields=["agent", "status"], name="run_by_status"),
            models.Index(fields=["status", "created_at"], name="run_queue"),
            models.Index(fields=["agent", "created_at"], name="run_history"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} {self.status}"

    @property
    def actor(self) -> Actor:
        return Actor(home=self.home, agent=self.agent, origin=Origin.AGENT)

    def actor_for(self, member: Membership) -> Actor:
        """Return the agent that acts for the member, limited to what the token of the message or schedule may do."""
        source = self.scheduled_message or self.trigger_message
        return Actor.of(member, Origin.AGENT, scopes=source.scopes if source else None).as_agent(self.agent)

    @property
    def request_message(self) -> Message | None:
        """Return the message that started it, or for a schedule an unsaved message with its prompt."""
        if self.scheduled_message is None:
            return self.trigger_message
        return Message(
            home=self.home,
            channel=self.channel,
            author_user=self.scheduled_message.created_by,
            body=self.scheduled_message.prompt,
            seq=self.home.last_seq + 1,
            created_at=self.created_at,
        )

    @property
    def is_finished(self) -> bool:
        return self.status in (RunStatus.COMPLETED, RunStatus.FAILED, RunStatus.CANCELLED)

    @property
    def duration_ms(self) -> int | None:
        """Return the time from the first start to the end; None before that."""
        return milliseconds(self.started_at, self.completed_at)


def milliseconds(start: datetime | None, end: datetime | None) -> int | None:
    return None if start is None or end is None else round((end - start).total_seconds() * 1000)


class RunStep(Row):
    """One call of a model. Copies home, agent and time of its run, so that usage is summed without a join."""

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="steps")
    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+", editable=False)
    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="+", editable=False)
    requested_at = models.DateTimeField(_("requested"), editable=False)
    step_number = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=10, choices=RunStatus.choices, default=RunStatus.RUNNING)
    model = models.CharField(max_length=80)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cached_tokens = models.PositiveIntegerField(default=0)
    cache_written_tokens = models.PositiveIntegerField(default=0)
    reasoning_tokens = models.PositiveIntegerField(default=0)
    cost_usd = models.DecimalField(max_digits=10, decimal_places=6, default=Decimal(0))
    stop_reason = models.CharField(max_length=20, blank=True)
    """Why the model stopped, provider-independent: see `pixie.llm.FinishReason`."""
    raw_reply = models.JSONField(null=True, editable=False)
    """The model's message in its provider's format, to be sent back in the next call."""
    completed_at = models.DateTimeField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)
    tool_ms = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        ordering = ["step_number"]
        constraints = [models.UniqueConstraint(fields=["run", "step_number"], name="run_step_once")]
        indexes = [models.Index(fields=["home", "requested_at"], name="run_step_metered")]

    def __str__(self) -> str:
        return f"{self.step_number}: {self.model}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self._state.adding:
            self.home_id, self.agent_id, self.requested_at = self.run.home_id, self.run.agent_id, self.run.created_at
        super().save(*args, **kwargs)

    def record(self, message_type: str, content: str = "", **fields: Any) -> None:
        self.messages.create(run_id=self.run_id, message_type=message_type, content=content, **fields)

    def rows(self, message_type: str) -> list["RunMessage"]:
        """Return its messages of that type. No query if they are prefetched."""
        return [row for row in self.messages.all() if row.message_type == message_type]

    @property
    def text(self) -> str:
        """The model's text, before its calls."""
        return "".join(row.content for row in self.rows(RunMessage.Type.ASSISTANT))


class RunMessage(Row):
    class Type(models.TextChoices):
        SYSTEM = "system_message", _("System")
        USER = "user_message", _("User")
        ASSISTANT = "assistant_message", _("Assistant")
        TOOL_CALL = "tool_call_message", _("Tool call")
        TOOL_RETURN = "tool_return_message", _("Tool return")

    run = models.ForeignKey(Run, on_delete=models.CASCADE, related_name="messages")
    step = models.ForeignKey(RunStep, on_delete=models.CASCADE, null=True, related_name="messages")
    message_type = models.CharField(max_length=20, choices=Type.choices)
    content = models.TextField(blank=True)
    tool_name = models.CharField(max_length=60, blank=True)
    tool_input = models.JSONField(null=True)
    tool_call_id = models.CharField(max_length=80, blank=True)
    outcome = models.JSONField(null=True, editable=False)
    """What a tool did, for resuming the run: see `pixie.runs.outcomes`."""
    duration_ms = models.PositiveIntegerField(null=True)
    """Duration of the tool call; only on tool returns."""

    class Meta:
        verbose_name = _("run message")
        verbose_name_plural = _("run messages")
        ordering = ["created_at", "id"]
        indexes = [models.Index(fields=["run", "created_at"], name="run_messages")]
        constraints = [
            models.UniqueConstraint(
                fields=["step", "tool_call_id"],
                condition=models.Q(message_type="tool_return_message") & ~models.Q(tool_call_id=""),
                name="run_tool_returns_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.message_type}: {self.content[:60]}"


class PendingState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    CONFIRMED = "confirmed", _("Confirmed")
    DECLINED = "declined", _("Declined")
    EXPIRED = "expired", _("Expired")


class PendingActionQuerySet(models.QuerySet["PendingAction"]):
    def visible_to(self, member: Membership) -> "PendingActionQuerySet":
        return self.filter(visible_channels_q(member, "message__channel__"), home=member.home_id)


class PendingAction(MutableRow):
    """A tool call to confirm, decided at most once. A newer message by the same person, or expiry, closes it."""

    LIFETIME = timedelta(hours=24)

    home = models.ForeignKey(Home, on_delete=models.CASCADE, related_name="+")
    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="pending_actions")
    requested_by = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    tool = models.CharField(max_length=60)
    arguments = models.JSONField(default=dict)
    description = models.TextField()
    """What a yes would do, as the question shows it. If that has changed since, nothing is done."""
    confidence = models.FloatField()
    state = models.CharField(max_length=10, choices=PendingState.choices, default=PendingState.WAITING)
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects: ClassVar[Any] = PendingActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=PendingState.values), name="pending_state_known")
        ]
        indexes = [models.Index(fields=["state", "expires_at"], name="pending_open")]

    def __str__(self) -> str:
        return f"{self.tool} ({self.state})"
