"""Serializers of runs."""

from rest_framework import serializers

from pixie.api.serializers import PixieResponse
from pixie.models import RunMessage, RunStatus, StopReason


class Metered(serializers.Serializer):  # type: ignore[type-arg]
    """Usage of a run or a step."""

    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cached_tokens = serializers.IntegerField(help_text="Input tokens read from the provider's cache.")
    reasoning_tokens = serializers.IntegerField(help_text="Output tokens used for reasoning.")
    cost_usd = serializers.FloatField()
    duration_ms = serializers.IntegerField(allow_null=True)
    tool_ms = serializers.IntegerField(help_text="Time spent in tools.")


class RunRow(Metered):
    id = serializers.UUIDField()
    agent_id = serializers.UUIDField()
    channel_id = serializers.UUIDField()
    trigger_message_id = serializers.UUIDField(allow_null=True, help_text="The message that the run answers.")
    status = serializers.ChoiceField(choices=RunStatus.choices)
    stop_reason = serializers.ChoiceField(choices=StopReason.choices, allow_blank=True)
    route = serializers.CharField(help_text="`local` or the model used; empty until that is decided.")
    attempts = serializers.IntegerField(help_text="How often a worker started it.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)


class StepSerializer(Metered):
    id = serializers.UUIDField()
    step_number = serializers.IntegerField()
    model = serializers.CharField(help_text="`local` if no language model was called.")
    status = serializers.ChoiceField(choices=RunStatus.choices)
    stop_reason = serializers.CharField(help_text="Why the model stopped: said_all, calls, too_long or refused.")
    created_at = serializers.DateTimeField()
    completed_at = serializers.DateTimeField(allow_null=True)


class RunMessageSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    step_id = serializers.UUIDField(allow_null=True)
    message_type = serializers.ChoiceField(choices=RunMessage.Type.choices)
    content = serializers.CharField(help_text="Plain text of at most 1,000 characters.")
    tool_name = serializers.CharField()
    tool_input = serializers.DictField(allow_null=True)
    tool_call_id = serializers.CharField()
    outcome = serializers.ChoiceField(
        ["done", "refused", "waits", "failed"], allow_null=True, help_text="Result of the call; only on tool returns."
    )
    duration_ms = serializers.IntegerField(allow_null=True)
    created_at = serializers.DateTimeField()


class RunTrace(RunRow):
    response = PixieResponse(allow_null=True)
    error = serializers.CharField(help_text="Why the run failed, as a sentence for users; empty if it did not.")
    steps = StepSerializer(many=True)
    messages = RunMessageSerializer(many=True)


class RunQuery(serializers.Serializer):  # type: ignore[type-arg]
    status = serializers.ChoiceField(choices=RunStatus.choices, required=False)
