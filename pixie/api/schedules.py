"""API of schedules and of the daily summary."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from chat.models import Channel
from groceries.api.serializers import rule
from homes.api.viewsets import HomeViewSet
from homes.models import Agent
from pantry.api.fields import DateTime, Id, Integer, Text
from pantry.api.pagination import paginate_columns
from pantry.api.schema import describe
from pixie.actions import cancel_scheduled, choose_summary, resume_scheduled, schedule_message
from pixie.models import ScheduledMessage, ScheduleStatus, SummaryChoice

TAG = "Schedules"
EXAMPLE = {
    "prompt": "Remind us: take the bins out",
    "trigger_at": "2027-01-04T01:00:00Z",
    "rrule": "FREQ=WEEKLY;BYDAY=MO",
}


class ScheduledSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    agent_id = serializers.UUIDField()
    channel_id = serializers.UUIDField(help_text="The channel it will be posted in. Visible to its members.")
    created_by_id = serializers.UUIDField(help_text="The member whose rights it runs with.")
    prompt = serializers.CharField()
    trigger_at = serializers.DateTimeField(help_text="The next time, or the last one if it is over.")
    rrule = serializers.CharField(help_text="Empty for a one-time schedule.")
    status = serializers.ChoiceField(choices=ScheduleStatus.choices)
    created_at = serializers.DateTimeField()


class ScheduledQuery(serializers.Serializer):  # type: ignore[type-arg]
    status = serializers.ChoiceField(ScheduleStatus.choices, required=False, help_text="Defaults to pending.")


class NewScheduled(serializers.Serializer):  # type: ignore[type-arg]
    prompt = Text(
        ScheduledMessage.MAX_LENGTH,
        help_text="“Remind us: …” is posted as a reminder; anything else is a message to the agent.",
    )
    trigger_at = DateTime(help_text="The first time; with a rule, its start.")
    rrule = rule(required=False)
    channel_id = Id(required=False, help_text="A room or the caller's own chat with the agent, which is the default.")
    agent_id = Id(required=False, help_text="Defaults to the first agent that is awake.")


class SummarySerializer(serializers.Serializer):  # type: ignore[type-arg]
    hour = serializers.IntegerField(allow_null=True, help_text="In the home's time zone; null for never.")


class SummaryChange(serializers.Serializer):  # type: ignore[type-arg]
    hour = Integer(0, 23, allow_null=True)


class ScheduledViewSet(HomeViewSet):
    scopes = ("read", "chat")

    @describe("List schedules, soonest first", tag=TAG, pages=ScheduledSerializer, query=ScheduledQuery)
    def list(self, request: Request, **kwargs: Any) -> Response:
        status_filter = self.validated_query(ScheduledQuery).get("status", ScheduleStatus.PENDING)
        rows = ScheduledMessage.objects.visible_to(self.member).filter(status=status_filter)
        return paginate_columns(request, rows, ["trigger_at", "id"], ScheduledSerializer)

    @describe(
        "Schedule a message, once or repeatedly", tag=TAG, takes=NewScheduled,
        gives=ScheduledSerializer, status=201, posts=True, example=EXAMPLE,
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        """It runs with the rights that the caller has at that time."""
        data = self.validated_body(NewScheduled)
        visible: Any = Channel.objects.visible_to(self.member)
        channel = get_object_or_404(visible, pk=data["channel_id"]) if "channel_id" in data else None
        agent = get_object_or_404(Agent, pk=data["agent_id"], home=self.home) if "agent_id" in data else None
        scheduled = schedule_message(
            data["prompt"],
            data["trigger_at"],
            by=self.actor(),
            rrule=data.get("rrule", ""),
            channel=channel,
            agent=agent,
        )
        return Response(ScheduledSerializer(scheduled).data, status=status.HTTP_201_CREATED)

    @describe("Get a schedule", tag=TAG, gives=ScheduledSerializer)
    def retrieve(self, request: Request, scheduled_id: UUID, **kwargs: Any) -> Response:
        return Response(ScheduledSerializer(self.get_scheduled(scheduled_id)).data)

    @describe("Cancel a schedule", tag=TAG, gives=ScheduledSerializer, posts=True)
    def cancel(self, request: Request, scheduled_id: UUID, **kwargs: Any) -> Response:
        """Allowed for every member who can see it. Idempotent."""
        return Response(ScheduledSerializer(cancel_scheduled(self.get_scheduled(scheduled_id), by=self.actor())).data)

    @describe("Resume a cancelled schedule", tag=TAG, gives=ScheduledSerializer, posts=True)
    def resume(self, request: Request, scheduled_id: UUID, **kwargs: Any) -> Response:
        """Fails if its time has passed. A repeated schedule continues from now."""
        return Response(ScheduledSerializer(resume_scheduled(self.get_scheduled(scheduled_id), by=self.actor())).data)

    def get_scheduled(self, scheduled_id: UUID) -> ScheduledMessage:
        scheduled: ScheduledMessage = get_object_or_404(
            ScheduledMessage.objects.visible_to(self.member), pk=scheduled_id
        )
        return scheduled


class SummaryViewSet(HomeViewSet):
    @describe("Get the hour of the daily summary", tag=TAG, gives=SummarySerializer)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        return Response({"hour": SummaryChoice.hour_of(self.home)})

    @describe(
        "Set the hour of the daily summary", tag=TAG, takes=SummaryChange, gives=SummarySerializer, example={"hour": 7}
    )
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Whether the caller's devices are notified is set in `notices`."""
        data = self.validated_body(SummaryChange)
        hour = choose_summary(data["hour"], by=self.actor()).hour
        return Response({"hour": hour})
