"""Devices and notification settings over REST."""

from typing import Any

from rest_framework import serializers

from homes.accounts.user_agent import device_name
from homes.api.viewsets import HomeViewSet
from homes.notifications import registry, tasks
from homes.notifications.actions import add_device, remove_device, update_notice_choice
from homes.notifications.models import NoticeChoice, PushSubscription
from homes.notifications.web_push import public_key
from pantry.api.endpoints import endpoint, list_endpoint, retrieve_endpoint
from pantry.api.fields import Boolean, Line, ShortDict, Text, TimeOfDay
from pantry.api.viewsets import ApiViewSet

P256DH = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"
DEVICE = {
    "endpoint": "https://push.example.com/send/3f1c",
    "keys": {"p256dh": P256DH, "auth": "BTBZMqHH6r4Tts7J_aSIgg"},
    "name": "Phone",
}


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
    """The result of a browser's `PushSubscription.toJSON()`, and a display name."""

    endpoint = Text(1000)
    keys = DeviceKeys()
    name = Line(60, required=False)


class NoticeChoices(serializers.Serializer):  # type: ignore[type-arg]
    kinds = serializers.DictField(child=serializers.BooleanField(), help_text="Whether you are notified, by kind.")
    quiet_from = TimeOfDay(allow_null=True, help_text="In the home's time zone. Null: no quiet hours.")
    quiet_until = TimeOfDay(allow_null=True)


class NoticeChange(serializers.Serializer):  # type: ignore[type-arg]
    kinds = ShortDict(child=Boolean(), max_length=20, required=False, help_text="Kinds left out stay as they are.")
    quiet_from = TimeOfDay(required=False, allow_null=True)
    quiet_until = TimeOfDay(required=False, allow_null=True)


class DeviceViewSet(ApiViewSet):
    """The user's push subscriptions. Closed to personal tokens: a device gets private messages of all homes."""

    tag = "Notifications"
    scopes = (None, None)
    lookup_url_kwarg = "device_id"
    serializer_class = DeviceSerializer

    def get_queryset(self) -> Any:
        return PushSubscription.objects.filter(user=self.user).order_by("-created_at", "-id")

    list = list_endpoint("List your push subscriptions", errors=())

    @endpoint("Get the VAPID public key", response=PushKey, errors=())
    def key(self) -> dict[str, Any]:
        return {"public_key": public_key()}

    @endpoint("Register a push subscription", request=NewDevice, errors=(), example=DEVICE)
    def create(self, data: dict[str, Any]) -> PushSubscription:
        name = data.get("name") or device_name(self.request.headers.get("User-Agent", ""))
        return add_device(self.user, data["endpoint"], **data["keys"], name=name)

    @endpoint("Remove a push subscription")
    def destroy(self, device: PushSubscription) -> None:
        remove_device(device)

    @endpoint("Send a test notification to a device", status=204)
    def test(self, device: PushSubscription) -> None:
        tasks.test_device.delay(str(device.pk))


class NoticeViewSet(HomeViewSet):
    tag = "Notifications"
    lookup_url_kwarg = "home_id"
    serializer_class = NoticeChoices

    retrieve = retrieve_endpoint("Get your notification settings for the home")

    @endpoint(
        "Change your notification settings for the home", request=NoticeChange,
        example={"kinds": {"shopping": False}, "quiet_from": "21:30", "quiet_until": "06:30"},
    )  # fmt: skip
    def partial_update(self, choice: NoticeChoice, data: dict[str, Any]) -> NoticeChoice:
        quiet = {name: data.get(name, getattr(choice, name)) for name in ("quiet_from", "quiet_until")}
        return update_notice_choice(self.member, data.get("kinds", {}), **quiet)

    def get_object(self) -> NoticeChoice:
        return NoticeChoice.of(self.member)

    def represent(self, row: NoticeChoice) -> Any:
        kinds = {kind: row.wants(kind) for kind in registry.kinds}
        return NoticeChoices({"kinds": kinds, "quiet_from": row.quiet_from, "quiet_until": row.quiet_until}).data
