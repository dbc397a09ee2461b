"""Devices and notification choices in JSON."""

from rest_framework import serializers

from pantry.api.fields import BooleanMap, Line, Text, TimeOfDay


class PushKey(serializers.Serializer):  # type: ignore[type-arg]
    public_key = serializers.CharField(help_text="As `applicationServerKey` takes it.")


class DeviceSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="When it was told something last.")
    failed_at = serializers.DateTimeField(allow_null=True, help_text="When it could not be, if later.")


class DeviceKeys(serializers.Serializer):  # type: ignore[type-arg]
    p256dh = Text(100)
    auth = Text(40)


class NewDevice(serializers.Serializer):  # type: ignore[type-arg]
    """What a browser's `PushSubscription.toJSON()` says, and a name for people."""

    endpoint = Text(1000)
    keys = DeviceKeys()
    name = Line(60, required=False)


class NoticeChoices(serializers.Serializer):  # type: ignore[type-arg]
    kinds = serializers.DictField(child=serializers.BooleanField(), help_text="By kind, whether one is told.")
    quiet_from = TimeOfDay(allow_null=True, help_text="By the home's clock. Null: no quiet hours.")
    quiet_until = TimeOfDay(allow_null=True)


class NoticeChange(serializers.Serializer):  # type: ignore[type-arg]
    kinds = BooleanMap(required=False, help_text="Others stay.")
    quiet_from = TimeOfDay(required=False, allow_null=True)
    quiet_until = TimeOfDay(required=False, allow_null=True)
