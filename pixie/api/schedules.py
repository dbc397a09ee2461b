"""API of schedules, the daily summary and suggestions."""

from typing import Any

from rest_framework import serializers

from chat.models import Channel
from groceries.api.fields import rule
from homes.api.viewsets import HomeViewSet
from homes.models import Agent
from pantry.api.endpoints import action_endpoint, endpoint, retrieve_endpoint
from pantry.api.fields import DateTime, Id, Integer, Text
from pixie import actions
from pixie.models import ScheduledMessage, ScheduleStatus, Suggestion, SuggestionKind, SuggestionState, SummaryChoice

STATUS = serializers.ChoiceField(ScheduleStatus.choices, required=False, help_text="Defaults to pending.")


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
    tag = "Schedules"
    scopes = ("read", "chat")
    lookup_url_kwarg = "scheduled_id"
    queryset = ScheduledMessage.objects.order_by("trigger_at", "id")
    serializer_class = ScheduledSerializer

    @endpoint("List schedules, soonest first", paginated=True, query={"status": STATUS})
    def list(self, query: dict[str, Any]) -> Any:
        status = query.get("status", ScheduleStatus.PENDING)
        return self.get_queryset().filter(status=status)

    @endpoint(
        "Schedule a message, once or repeatedly", request=NewScheduled,
        example={"prompt": "Remind us: take the bins out", "trigger_at": "2027-01-04T01:00:00Z",
                 "rrule": "FREQ=WEEKLY;BYDAY=MO"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> ScheduledMessage:
        """It runs with the rights that the caller has at that time."""
        if "channel_id" in data:
            data["channel"] = self.get_visible(Channel, pk=data.pop("channel_id"))
        if "agent_id" in data:
            data["agent"] = self.get_visible(Agent, pk=data.pop("agent_id"))
        return actions.schedule_message(data.pop("prompt"), data.pop("trigger_at"), by=self.actor(), **data)

    retrieve = retrieve_endpoint("Get a schedule")
    cancel = action_endpoint(
        actions.cancel_scheduled, "Cancel a schedule",
        description="Allowed for every member who can see it. Idempotent.",
    )  # fmt: skip
    resume = action_endpoint(
        actions.resume_scheduled, "Resume a cancelled schedule",
        description="Fails if its time has passed. A repeated schedule continues from now.",
    )  # fmt: skip


class SummaryViewSet(HomeViewSet):
    tag = "Schedules"
    serializer_class = SummarySerializer

    @endpoint("Get the hour of the daily summary")
    def retrieve(self) -> dict[str, Any]:
        return {"hour": SummaryChoice.hour_of(self.home)}

    partial_update = action_endpoint(
        actions.choose_summary, "Set the hour of the daily summary", request=SummaryChange, example={"hour": 7},
        description="Whether the caller's devices are notified is set in `notices`.",
    )  # fmt: skip


class SuggestionSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(choices=SuggestionKind.choices)
    title = serializers.CharField()
    why = serializers.CharField(help_text="The reason, as a sentence.")
    item_id = serializers.UUIDField(allow_null=True, help_text="The item that taking it adds to the list.")
    state = serializers.ChoiceField(choices=SuggestionState.choices)
    created_at = serializers.DateTimeField()


class SuggestionViewSet(HomeViewSet):
    tag = "Suggestions"
    lookup_url_kwarg = "suggestion_id"
    queryset = Suggestion.objects.select_related("item", "home").order_by("created_at", "id")
    serializer_class = SuggestionSerializer

    @endpoint("List the current suggestions, oldest first", paginated=True, columns=False)
    def list(self) -> Any:
        """A few per day at most. Items that are on the list or were bought since are left out."""
        return self.get_queryset().relevant(self.home)

    take = action_endpoint(
        actions.take_suggestion, "Take a suggestion",
        description="Adds its item to the current list, as the caller. Idempotent. Fails if it was dismissed.",
    )  # fmt: skip
    dismiss = action_endpoint(
        actions.dismiss_suggestion, "Dismiss a suggestion",
        description="It returns later each time, and after several times never.",
    )  # fmt: skip
    reopen = action_endpoint(actions.reopen_suggestion, "Reopen a dismissed suggestion")
