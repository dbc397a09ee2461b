"""Serializers of chats with agents."""

from rest_framework import serializers

from chat.models import Message
from groceries.api.serializers import EntrySerializer
from pantry.api.fields import Boolean, Id, Line, QueryNumber, Text
from pixie.models import RunStatus

MAX_WAIT_SECONDS = 25


class ThreadSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    agent_id = serializers.UUIDField(help_text="The agent in the chat.")
    title = serializers.CharField()
    archived_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class NewThread(serializers.Serializer):  # type: ignore[type-arg]
    title = Line(120, blank=True, required=False)
    agent_id = Id(required=False, allow_null=True, help_text="Defaults to the first agent that is awake.")


class ThreadChange(serializers.Serializer):  # type: ignore[type-arg]
    title = Line(120, blank=True, required=False)
    archived = Boolean(required=False)


class Entity(serializers.Serializer):  # type: ignore[type-arg]
    type = serializers.CharField()
    value = serializers.CharField()
    confidence = serializers.FloatField()
    norm = serializers.CharField(required=False)


class Action(serializers.Serializer):  # type: ignore[type-arg]
    type = serializers.CharField()
    payload = serializers.DictField()


class RunUsageSerializer(serializers.Serializer):  # type: ignore[type-arg]
    route = serializers.ChoiceField(choices=["local", "model"])
    model = serializers.CharField()
    input_tokens = serializers.IntegerField()
    output_tokens = serializers.IntegerField()
    cached_tokens = serializers.IntegerField(help_text="Input tokens read from the provider's cache.")
    reasoning_tokens = serializers.IntegerField(help_text="Output tokens used for reasoning.")
    cost_usd = serializers.FloatField()
    latency_ms = serializers.IntegerField(allow_null=True)
    tool_ms = serializers.IntegerField(help_text="Time spent in tools.")


class PixieResponse(serializers.Serializer):  # type: ignore[type-arg]
    message_id = serializers.UUIDField()
    run_id = serializers.UUIDField()
    thread_id = serializers.UUIDField()
    message = serializers.CharField()
    intent = serializers.CharField()
    entities = Entity(many=True)
    action = Action(required=False)
    actions = Action(many=True)
    confidence = serializers.FloatField()
    requires_confirmation = serializers.BooleanField()
    usage = RunUsageSerializer()


class RunSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    status = serializers.ChoiceField(choices=RunStatus.choices)
    response = PixieResponse(allow_null=True)


class RunAnswer(serializers.Serializer):  # type: ignore[type-arg]
    run = RunSerializer()


class ChatRequest(serializers.Serializer):  # type: ignore[type-arg]
    home_id = Id()
    message = Text(Message.MAX_LENGTH)
    thread_id = Id(required=False, allow_null=True)
    route = serializers.ChoiceField(
        ["auto", "local", "model"],
        required=False,
        help_text="`local` understanding, the language `model`, or `auto` to use a model only when needed.",
    )


class WaitQuery(serializers.Serializer):  # type: ignore[type-arg]
    wait = QueryNumber(
        float, 0, MAX_WAIT_SECONDS, required=False, help_text="How long to wait for the answer, in seconds."
    )


class Confirmation(serializers.Serializer):  # type: ignore[type-arg]
    confirm = Boolean()


class ConfirmationOf(Confirmation):
    home_id = Id()
    message_id = Id()


class Confirmed(serializers.Serializer):  # type: ignore[type-arg]
    message = serializers.CharField(help_text="Pixie's reply.")
    list_items = EntrySerializer(many=True)
