"""What an agent is to do later."""

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
BINS = {"prompt": "Remind us: take the bins out", "trigger_at": "2027-01-04T01:00:00Z", "rrule": "FREQ=WEEKLY;BYDAY=MO"}


class ScheduledSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    agent_id = serializers.UUIDField()
    channel_id = serializers.UUIDField(help_text="Where it will be said; who is in it sees it here.")
    created_by_id = serializers.UUIDField(help_text="With whose rights it is done.")
    prompt = serializers.CharField()
    trigger_at = serializers.DateTimeField(help_text="The next time; the last one of what is over.")
    rrule = serializers.CharField(help_text="Empty: once.")
    status = serializers.ChoiceField(choices=ScheduleStatus.choices)
    created_at = serializers.DateTimeField()


class ScheduledQuery(serializers.Serializer):  # type: ignore[type-arg]
    status = serializers.ChoiceField(ScheduleStatus.choices, required=False, help_text="Left out: what waits.")


class NewScheduled(serializers.Serializer):  # type: ignore[type-arg]
    prompt = Text(
        ScheduledMessage.MAX_LENGTH, help_text="“Remind us: …” is said as it is; all else is answered, or done."
    )
    trigger_at = DateTime(help_text="The first time; with a rule, from when on.")
    rrule = rule(required=False)
    channel_id = Id(required=False, help_text="A room, or one's own talk; left out, one's own talk.")
    agent_id = Id(required=False, help_text="Left out: the first that is awake.")


class SummarySerializer(serializers.Serializer):  # type: ignore[type-arg]
    hour = serializers.IntegerField(allow_null=True, help_text="By the home's clock; null: never.")


class SummaryChange(serializers.Serializer):  # type: ignore[type-arg]
    hour = Integer(0, 23, allow_null=True)


class ScheduledViewSet(HomeViewSet):
    scopes = ("read", "chat")

    @describe("What is scheduled, the soonest first", tag=TAG, pages=ScheduledSerializer, query=ScheduledQuery)
    def list(self, request: Request, **kwargs: Any) -> Response:
        asked = self.validated_query(ScheduledQuery).get("status", ScheduleStatus.PENDING)
        rows = ScheduledMessage.objects.visible_to(self.member).filter(status=asked)
        return paginate_columns(request, rows, ["trigger_at", "id"], ScheduledSerializer)

    @describe(
        "Schedule something: once, or again and again", tag=TAG, takes=NewScheduled,
        gives=ScheduledSerializer, status=201, posts=True, example=BINS,
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        """It is done with the rights that one has when its time comes."""
        said = self.validated_body(NewScheduled)
        seen: Any = Channel.objects.visible_to(self.member)
        channel = get_object_or_404(seen, pk=said["channel_id"]) if "channel_id" in said else None
        agent = get_object_or_404(Agent, pk=said["agent_id"], home=self.home) if "agent_id" in said else None
        scheduled = schedule_message(
            said["prompt"],
            said["trigger_at"],
            by=self.actor(),
            rrule=said.get("rrule", ""),
            channel=channel,
            agent=agent,
        )
        return Response(ScheduledSerializer(scheduled).data, status=status.HTTP_201_CREATED)

    @describe("Something that is, or was, scheduled", tag=TAG, gives=ScheduledSerializer)
    def retrieve(self, request: Request, scheduled_id: UUID, **kwargs: Any) -> Response:
        return Response(ScheduledSerializer(self.the_scheduled(scheduled_id)).data)

    @describe("Cancel it", tag=TAG, gives=ScheduledSerializer, posts=True)
    def cancel(self, request: Request, scheduled_id: UUID, **kwargs: Any) -> Response:
        """Whoever sees it may. A second time it is harmless."""
        return Response(ScheduledSerializer(cancel_scheduled(self.the_scheduled(scheduled_id), by=self.actor())).data)

    @describe("Let what was cancelled wait again", tag=TAG, gives=ScheduledSerializer, posts=True)
    def resume(self, request: Request, scheduled_id: UUID, **kwargs: Any) -> Response:
        """ActionError when its time has passed; a rule goes on from now."""
        return Response(ScheduledSerializer(resume_scheduled(self.the_scheduled(scheduled_id), by=self.actor())).data)

    def the_scheduled(self, scheduled_id: UUID) -> ScheduledMessage:
        found: ScheduledMessage = get_object_or_404(ScheduledMessage.objects.visible_to(self.member), pk=scheduled_id)
        return found


class SummaryViewSet(HomeViewSet):
    @describe("When the home is told what its day begins with", tag=TAG, gives=SummarySerializer)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        return Response({"hour": SummaryChoice.hour_of(self.home)})

    @describe("Choose that hour, or none", tag=TAG, takes=SummaryChange, gives=SummarySerializer, example={"hour": 7})
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        """Whether one's own devices tell of it, `notices` says."""
        said = self.validated_body(SummaryChange)
        hour = choose_summary(said["hour"], by=self.actor()).hour
        return Response({"hour": hour})
