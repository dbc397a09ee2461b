"""What may be said without a signal."""

from typing import Any

from rest_framework import serializers

from chat.actions import send_offline_message
from homes.events.actor import Actor
from homes.events.offline import MergeResult, OfflineCommand


class SaidSerializer(serializers.Serializer):  # type: ignore[type-arg]
    channel = serializers.UUIDField(required=False)
    agent = serializers.UUIDField(required=False)
    parent = serializers.UUIDField(required=False, allow_null=True)  # type: ignore[assignment]
    text = serializers.CharField(allow_blank=True, trim_whitespace=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        if ("channel" in attrs) == ("agent" in attrs):
            raise serializers.ValidationError("Say it in a `channel` or to an `agent`.")
        return attrs


def send(said: dict[str, Any], seen: int | None, by: Actor) -> MergeResult:
    return send_offline_message(by=by, **said)


INTENTS = {"send_message": OfflineCommand(SaidSerializer, send, scope="chat")}
