"""Devices and notification settings over REST."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from homes.api.viewsets import HomeViewSet
from homes.notifications import registry, tasks
from homes.notifications.actions import add_device, remove_device, update_notice_choice
from homes.notifications.models import NoticeChoice, PushSubscription
from homes.notifications.serializers import DeviceSerializer, NewDevice, NoticeChange, NoticeChoices, PushKey
from homes.notifications.user_agent import device_name
from homes.notifications.web_push import public_key
from pantry.api.pagination import paginate_columns
from pantry.api.schema import describe
from pantry.api.viewsets import ApiViewSet

NOTIFICATIONS = "Notifications"
DEVICE = {
    "endpoint": "https://push.example.com/send/3f1c",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
    "name": "Phone",
}


class DeviceViewSet(ApiViewSet):
    """The user's push subscriptions. Closed to personal tokens: a device gets private messages of all homes."""

    scopes = (None, None)

    def get_queryset(self) -> Any:
        return PushSubscription.objects.filter(user=self.user)

    @describe("Get the VAPID public key", tag=NOTIFICATIONS, gives=PushKey, refuses=(403,))
    def key(self, request: Request) -> Response:
        return Response({"public_key": public_key()})

    @describe("List your push subscriptions", tag=NOTIFICATIONS, pages=DeviceSerializer, refuses=(403,))
    def list(self, request: Request) -> Response:
        return paginate_columns(request, self.get_queryset(), ["-created_at", "-id"], DeviceSerializer)

    @describe(
        "Register a push subscription", tag=NOTIFICATIONS, takes=NewDevice, gives=DeviceSerializer, status=201,
        refuses=(403,), posts=True, example=DEVICE,
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        data = self.validated_body(NewDevice)
        name = data.get("name") or device_name(request.headers.get("User-Agent", ""))
        device = add_device(self.user, data["endpoint"], **data["keys"], name=name)
        return Response(DeviceSerializer(device).data, status=status.HTTP_201_CREATED)

    @describe("Remove a push subscription", tag=NOTIFICATIONS, status=204)
    def destroy(self, request: Request, device_id: UUID) -> Response:
        remove_device(self.get_device(device_id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @describe("Send a test notification to a device", tag=NOTIFICATIONS, status=204, posts=True)
    def test(self, request: Request, device_id: UUID) -> Response:
        tasks.test_device.delay(str(self.get_device(device_id).pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_device(self, device_id: UUID) -> PushSubscription:
        device: PushSubscription = get_object_or_404(self.get_queryset(), pk=device_id)
        return device


class NoticeViewSet(HomeViewSet):
    @describe("Get your notification settings for the home", tag=NOTIFICATIONS, gives=NoticeChoices)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        return Response(self.serialize(NoticeChoice.of(self.member)))

    @describe(
        "Change your notification settings for the home", tag=NOTIFICATIONS, takes=NoticeChange,
        gives=NoticeChoices,
        example={"kinds": {"shopping": False}, "quiet_from": "21:30", "quiet_until": "06:30"},
    )  # fmt: skip
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        data, current = self.validated_body(NoticeChange), NoticeChoice.of(self.member)
        quiet = {name: data.get(name, getattr(current, name)) for name in ("quiet_from", "quiet_until")}
        return Response(self.serialize(update_notice_choice(self.member, data.get("kinds", {}), **quiet)))

    def serialize(self, choice: NoticeChoice) -> Any:
        kinds = {kind: choice.wants(kind) for kind in registry.kinds}
        return NoticeChoices({"kinds": kinds, "quiet_from": choice.quiet_from, "quiet_until": choice.quiet_until}).data
