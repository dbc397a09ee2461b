"""Runs, in the shapes that clients know."""

from rest_framework import serializers

from pixie.api.serializers import PixieResponse
from pixie.models import RunMessage, RunStatus, StopReason


class Metered(serializers.Serializer):  # type: ignore[type-arg]
    """What a run or a step of it used."""

    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cached_tokens = serializers.IntegerField(help_text="Of the input, what came from the provider's cache.")
    reasoning_tokens = serializers.IntegerField(help_text="Of the output, what nobody reads.")
    cost_usd = serializers.FloatField()
    duration_ms = serializers.IntegerField(allow_null=True)
    tool_ms = serializers.IntegerField(help_text="In tools.")


class RunRow(Metered):
    id = serializers.UUIDField()
    agent_id = serializers.UUIDField()
    channel_id = serializers.UUIDField()
    trigger_message_id = serializers.UUIDField(allow_null=True, help_text="The message that it answers.")
    status = serializers.ChoiceField(choices=RunStatus.choices)
    stop_reason = serializers.ChoiceField(choices=StopReason.choices, allow_blank=True)
    route = serializers.CharField(help_text="`local`, or the model that was asked; empty before that is known.")
    attempts = serializers.IntegerField(help_text="How many times a worker took it up.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)


class StepSerializer(Metered):
    id = serializers.UUIDField()
    step_number = serializers.IntegerField()
    model = serializers.CharField(help_text="`local` where nobody was asked.")
    status = serializers.ChoiceField(choices=RunStatus.choices)
    stop_reason = serializers.CharField(help_text="Why the model ended: said_all, calls, too_long, refused.")
    created_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)


class RunMessageSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    step_id = serializers.UUIDField(allow_null=True)
    message_type = serializers.ChoiceField(choices=RunMessage.Type.choices)
    content = serializers.CharField(help_text="1,000 characters at most; what people and models wrote is no markup.")
    tool_name = serializers.CharField()
    tool_input = serializers.DictField(allow_null=True)
    tool_call_id = serializers.CharField()
    outcome = serializers.ChoiceField(
        ["done", "refused", "waits", "failed"], allow_null=True, help_text="How a call went, on what a tool returned."
    )
    duration_ms = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()


class RunTrace(RunRow):
    response = PixieResponse(allow_null=True)
    error = serializers.CharField(help_text="Why it did not end as it should, in a sentence for people; else empty.")
    steps = StepSerializer(many=True)
    messages = RunMessageSerializer(many=True)


class RunQuery(serializers.Serializer):  # type: ignore[type-arg]
    status = serializers.ChoiceField(choices=RunStatus.choices, required=False)
