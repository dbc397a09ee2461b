"""API of channels and their members."""

from typing import Any
from uuid import UUID

from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from chat.actions import create_channel, join_channel, leave_channel, mark_read, open_dm, update_channel
from chat.api import serializers
from chat.models import Channel, ChannelMember
from chat.unread import with_unread
from homes.accounts.models import User
from homes.api.viewsets import HomeViewSet
from homes.models import Membership
from pantry.api.pagination import paginate, paginate_columns
from pantry.api.schema import describe

CHANNELS = "Channels"


class BaseChannelViewSet(HomeViewSet):
    scopes = ("read", "chat")

    def get_channel(self, channel_id: UUID) -> Channel:
        """Return a channel the member can see, archived ones included. Raises Http404."""
        return get_object_or_404(Channel.objects.visible_to(self.member), pk=channel_id)


class ChannelViewSet(BaseChannelViewSet):
    @describe("List channels, with unread counts", tag=CHANNELS, pages=serializers.ChannelSerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        return paginate_columns(request, with_unread(self.member), ["created_at", "id"], serializers.ChannelSerializer)

    @describe(
        "Create a room, or open a direct message", tag=CHANNELS, takes=serializers.NewChannel,
        gives=serializers.ChannelSerializer, status=201, posts=True, example={"name": "holidays", "topic": "Where to?"},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        fields = self.validated_body(serializers.NewChannel)
        if user_id := fields.pop("user_id", None):
            channel = open_dm(self.get_user(user_id), by=self.actor())
        else:
            channel = create_channel(by=self.actor(), **fields)
        return Response(self.serialize(channel.pk), status=status.HTTP_201_CREATED)

    @describe("Get a channel", tag=CHANNELS, gives=serializers.ChannelSerializer)
    def retrieve(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        return Response(self.serialize(channel_id))

    @describe(
        "Rename, describe or archive a room", tag=CHANNELS, takes=serializers.ChannelChange,
        gives=serializers.ChannelSerializer, example={"topic": "By train, in April"},
    )  # fmt: skip
    def partial_update(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        fields = self.validated_body(serializers.ChannelChange)
        update_channel(self.get_channel(channel_id), by=self.actor(), **fields)
        return Response(self.serialize(channel_id))

    @describe("Join a room", tag=CHANNELS, status=204, posts=True)
    def join(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        join_channel(self.get_channel(channel_id), self.member.user, by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @describe("Leave a room", tag=CHANNELS, status=204, posts=True)
    def leave(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        leave_channel(self.get_channel(channel_id), self.member.user, by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @describe(
        "Mark a channel as read up to an event number", tag=CHANNELS, takes=serializers.ReadSerializer, status=204,
        posts=True, example={"seq": 812},
    )  # fmt: skip
    def read(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        seq = min(self.validated_body(serializers.ReadSerializer)["seq"], self.home.last_seq)
        mark_read(self.get_channel(channel_id), self.member.user, seq)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def serialize(self, channel_id: UUID) -> Any:
        channel = get_object_or_404(with_unread(self.member, archived=True), pk=channel_id)
        return serializers.ChannelSerializer(channel).data

    def get_user(self, user_id: UUID) -> User:
        return get_object_or_404(Membership.objects.visible_to(self.member), user=user_id).user


class ChannelMemberViewSet(ChannelViewSet):
    @describe("List the members of a channel", tag=CHANNELS, pages=serializers.ChannelPerson)
    def list(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:  # type: ignore[override]
        """For a public room, list those who joined it, though every member of the home may read it."""
        members = ChannelMember.objects.filter(channel=self.get_channel(channel_id))
        members = members.annotate(name=Coalesce("user__name", "agent__display_name"))
        rows = members.values_list("id", "created_at", "user", "agent", "name", named=True)
        return paginate(request, rows, ["created_at", "id"], _serialize_members)

    @describe(
        "Add a member to a room",
        tag=CHANNELS,
        takes=serializers.PersonChoice,
        example={"user_id": "0199a1b2-0000-7000-8000-000000000007"},
        status=204,
        posts=True,
    )
    def create(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:  # type: ignore[override]
        user = self.get_user(self.validated_body(serializers.PersonChoice)["user_id"])
        join_channel(self.get_channel(channel_id), user, by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _serialize_members(rows: list[Any]) -> list[dict[str, Any]]:
    return [{"user_id": row.user, "agent_id": row.agent, "name": row.name} for row in rows]
