"""Serializers of devices and notification settings."""

from rest_framework import serializers

from pantry.api.fields import BooleanMap, Line, Text, TimeOfDay


class PushKey(serializers.Serializer):  # type: ignore[type-arg]
    public_key = serializers.CharField(help_text="The `applicationServerKey` for `PushManager.subscribe()`.")


class DeviceSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    created_at = serializers.DateTimeField()
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="When a notification was last sent to it.")
    failed_at = serializers.DateTimeField(allow_null=True, help_text="When sending last failed; null after a success.")


class DeviceKeys(serializers.Serializer):  # type: ignore[type-arg]
    p256dh = Text(100)
    auth = Text(40)


class NewDevice(serializers.Serializer):  # type: ignore[type-arg]
    """What a browser's `PushSubscription.toJSON()` returns, and a display name."""

    endpoint = Text(1000)
    keys = DeviceKeys()
    name = Line(60, required=False)


class NoticeChoices(serializers.Serializer):  # type: ignore[type-arg]
    kinds = serializers.DictField(child=serializers.BooleanField(), help_text="Whether you are notified, by kind.")
    quiet_from = TimeOfDay(allow_null=True, help_text="In the home's time zone. Null: no quiet hours.")
    quiet_until = TimeOfDay(allow_null=True)


class NoticeChange(serializers.Serializer):  # type: ignore[type-arg]
    kinds = BooleanMap(required=False, help_text="Kinds that are left out stay as they are.")
    quiet_from = TimeOfDay(required=False, allow_null=True)
    quiet_until = TimeOfDay(required=False, allow_null=True)
