"""What one's devices are told, and which they are."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from homes.api.viewsets import HomeViewSet
from homes.notifications import registry, tasks
from homes.notifications.actions import add_device, choose_notices, forget_device
from homes.notifications.models import NoticeChoice, PushSubscription
from homes.notifications.serializers import DeviceSerializer, NewDevice, NoticeChange, NoticeChoices, PushKey
from homes.notifications.user_agent import device_name
from homes.notifications.web_push import public_key
from pantry.api.pagination import paginate_columns
from pantry.api.schema import describe
from pantry.api.viewsets import ApiViewSet

NOTICES = "Notices"
DEVICE = {
    "endpoint": "https://push.example.com/send/3f1c",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
    "name": "Phone",
}


class DeviceViewSet(ApiViewSet):
    """Not for personal tokens: a device hears what is said to the person alone, in all of their homes."""

    scopes = (None, None)

    def get_queryset(self) -> Any:
        return PushSubscription.objects.filter(user=self.user)

    @describe("The key by which browsers know this server", tag=NOTICES, gives=PushKey, refuses=(403,))
    def key(self, request: Request) -> Response:
        return Response({"public_key": public_key()})

    @describe("One's devices that may be told something", tag=NOTICES, pages=DeviceSerializer, refuses=(403,))
    def list(self, request: Request) -> Response:
        return paginate_columns(request, self.get_queryset(), ["-created_at", "-id"], DeviceSerializer)

    @describe(
        "Let a browser be told things", tag=NOTICES, takes=NewDevice, gives=DeviceSerializer, status=201,
        refuses=(403,), posts=True, example=DEVICE,
    )  # fmt: skip
    def create(self, request: Request) -> Response:
        said = self.validated_body(NewDevice)
        name = said.get("name") or device_name(request.headers.get("User-Agent", ""))
        device = add_device(self.user, said["endpoint"], **said["keys"], name=name)
        return Response(DeviceSerializer(device).data, status=status.HTTP_201_CREATED)

    @describe("Tell a device nothing more", tag=NOTICES, status=204)
    def destroy(self, request: Request, device_id: UUID) -> Response:
        forget_device(self.the_device(device_id))
        return Response(status=status.HTTP_204_NO_CONTENT)

    @describe("Send a device a notice, to see whether it comes", tag=NOTICES, status=204, posts=True)
    def test(self, request: Request, device_id: UUID) -> Response:
        tasks.test_device.delay(str(self.the_device(device_id).pk))
        return Response(status=status.HTTP_204_NO_CONTENT)

    def the_device(self, device_id: UUID) -> PushSubscription:
        found: PushSubscription = get_object_or_404(self.get_queryset(), pk=device_id)
        return found


class NoticeViewSet(HomeViewSet):
    @describe("What one is told of the home, and when not", tag=NOTICES, gives=NoticeChoices)
    def retrieve(self, request: Request, **kwargs: Any) -> Response:
        return Response(self.told(NoticeChoice.of(self.member)))

    @describe(
        "Choose what one is told of the home, and when not", tag=NOTICES, takes=NoticeChange,
        gives=NoticeChoices,
        example={"kinds": {"shopping": False}, "quiet_from": "21:30", "quiet_until": "06:30"},
    )  # fmt: skip
    def partial_update(self, request: Request, **kwargs: Any) -> Response:
        said, now = self.validated_body(NoticeChange), NoticeChoice.of(self.member)
        quiet = {name: said.get(name, getattr(now, name)) for name in ("quiet_from", "quiet_until")}
        return Response(self.told(choose_notices(self.member, said.get("kinds", {}), **quiet)))

    def told(self, choice: NoticeChoice) -> Any:
        kinds = {kind: choice.wants(kind) for kind in registry.kinds}
        return NoticeChoices({"kinds": kinds, "quiet_from": choice.quiet_from, "quiet_until": choice.quiet_until}).data
