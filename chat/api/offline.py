"""Offline command that sends a message."""

from rest_framework import serializers

from chat.actions import send_offline_message
from chat.models import Message
from homes.events.offline import OfflineCommand
from pantry.api.fields import Id, OneOf


class OfflineMessageSerializer(OneOf):
    one_of = ("channel", "agent")

    channel = Id(required=False)
    agent = Id(required=False)
    parent = Id(required=False, allow_null=True)  # type: ignore[assignment]
    text = serializers.CharField(allow_blank=True, trim_whitespace=False, max_length=Message.MAX_LENGTH)


INTENTS = {
    "send_message": OfflineCommand(
        OfflineMessageSerializer, lambda fields, seen, by: send_offline_message(by=by, **fields), scope="chat"
    )
}
