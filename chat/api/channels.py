"""Rooms and talks, and who is in them."""

from typing import Any
from uuid import UUID

from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from chat.actions import create_channel, join_channel, leave_channel, mark_read, open_dm, update_channel
from chat.api import serializers as shapes
from chat.models import Channel, ChannelMember
from chat.unread import with_unread
from homes.accounts.models import User
from homes.api.viewsets import HomeViewSet
from homes.models import Membership
from pantry.api.pagination import paginate, paginate_columns
from pantry.api.schema import describe

CHANNELS = "Channels"


class ChannelDoor(HomeViewSet):
    scopes = ("read", "chat")

    def the_channel(self, channel_id: UUID) -> Channel:
        """Also one that is put away: what was said in it can still be read."""
        return get_object_or_404(Channel.objects.visible_to(self.member), pk=channel_id)


class ChannelViewSet(ChannelDoor):
    @describe("Channels that one sees, with what is unread", tag=CHANNELS, pages=shapes.ChannelSerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        return paginate_columns(request, with_unread(self.member), ["created_at", "id"], shapes.ChannelSerializer)

    @describe(
        "Open a room, or the talk with another member", tag=CHANNELS, takes=shapes.NewChannel,
        gives=shapes.ChannelSerializer, status=201, posts=True, example={"name": "holidays", "topic": "Where to?"},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        said = self.validated_body(shapes.NewChannel)
        if user_id := said.pop("user_id", None):
            channel = open_dm(self.other(user_id), by=self.actor())
        else:
            channel = create_channel(by=self.actor(), **said)
        return Response(self.shown(channel.pk), status=status.HTTP_201_CREATED)

    @describe("A channel", tag=CHANNELS, gives=shapes.ChannelSerializer)
    def retrieve(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        return Response(self.shown(channel_id))

    @describe(
        "Rename a room, say what it is about, put it away", tag=CHANNELS, takes=shapes.ChannelChange,
        gives=shapes.ChannelSerializer, example={"topic": "By train, in April"},
    )  # fmt: skip
    def partial_update(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        said = self.validated_body(shapes.ChannelChange)
        update_channel(self.the_channel(channel_id), by=self.actor(), **said)
        return Response(self.shown(channel_id))

    @describe("Join a room", tag=CHANNELS, status=204, posts=True)
    def join(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        join_channel(self.the_channel(channel_id), self.member.user, by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @describe("Leave a room", tag=CHANNELS, status=204, posts=True)
    def leave(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        leave_channel(self.the_channel(channel_id), self.member.user, by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    @describe(
        "Note up to which number one has read", tag=CHANNELS, takes=shapes.ReadSerializer, status=204, posts=True,
        example={"seq": 812},
    )  # fmt: skip
    def read(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        seq = min(self.validated_body(shapes.ReadSerializer)["seq"], self.home.last_seq)
        mark_read(self.the_channel(channel_id), self.member.user, seq)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def shown(self, channel_id: UUID) -> Any:
        """With what is unread in it."""
        channel = get_object_or_404(with_unread(self.member, archived=True), pk=channel_id)
        return shapes.ChannelSerializer(channel).data

    def other(self, user_id: UUID) -> User:
        return get_object_or_404(Membership.objects.visible_to(self.member), user=user_id).user


class ChannelMemberViewSet(ChannelViewSet):
    @describe("Who is in a channel", tag=CHANNELS, pages=shapes.ChannelPerson)
    def list(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:  # type: ignore[override]
        """A public room is open to everybody: here are those who joined it."""
        inside = ChannelMember.objects.filter(channel=self.the_channel(channel_id))
        named = inside.annotate(name=Coalesce("user__name", "agent__display_name"))
        rows = named.values_list("id", "created_at", "user", "agent", "name", named=True)
        return paginate(request, rows, ["created_at", "id"], _people)

    @describe(
        "Bring another member into a room that one is in",
        tag=CHANNELS,
        takes=shapes.PersonChoice,
        example={"user_id": "0199a1b2-0000-7000-8000-000000000007"},
        status=204,
        posts=True,
    )
    def create(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:  # type: ignore[override]
        other = self.other(self.validated_body(shapes.PersonChoice)["user_id"])
        join_channel(self.the_channel(channel_id), other, by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)


def _people(rows: list[Any]) -> list[dict[str, Any]]:
    return [{"user_id": row.user, "agent_id": row.agent, "name": row.name} for row in rows]
