"""API of channels, their members, messages, threads and reactions."""

from typing import Any

from django.db.models.functions import Coalesce
from django.shortcuts import get_object_or_404
from rest_framework.response import Response

from chat import actions
from chat.api import serializers
from chat.models import Channel, ChannelMember, Message
from chat.unread import with_unread
from homes.accounts.models import User
from homes.api.viewsets import HomeViewSet
from homes.models import Membership
from pantry.api.endpoints import action_endpoint, endpoint, retrieve_endpoint
from pantry.api.pagination import paginate


class ChannelViewSet(HomeViewSet):
    tag = "Channels"
    scopes = ("read", "chat")
    lookup_url_kwarg = "channel_id"
    queryset = Channel.objects.all()
    serializer_class: Any = serializers.ChannelSerializer

    @endpoint("List channels, with unread counts", paginated=True)
    def list(self) -> Any:
        return with_unread(self.member).order_by("created_at", "id")

    @endpoint(
        "Create a room, or open a direct message", request=serializers.NewChannel,
        example={"name": "holidays", "topic": "Where to?"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> Channel:
        if "user_id" in data:
            return actions.open_dm(self.get_user(data["user_id"]), by=self.actor())
        return actions.create_channel(by=self.actor(), **data)

    retrieve = retrieve_endpoint("Get a channel")
    partial_update = action_endpoint(
        actions.update_channel, "Rename, describe or archive a room", request=serializers.ChannelChange,
        example={"topic": "By train, in April"},
    )  # fmt: skip

    @endpoint("Join a room", status=204)
    def join(self, channel: Channel) -> None:
        actions.join_channel(channel, self.user, by=self.actor())

    @endpoint("Leave a room", status=204)
    def leave(self, channel: Channel) -> None:
        actions.leave_channel(channel, self.user, by=self.actor())

    @endpoint(
        "Mark a channel as read up to an event number", request=serializers.ReadSerializer, status=204,
        example={"seq": 812},
    )  # fmt: skip
    def read(self, channel: Channel, data: dict[str, Any]) -> None:
        actions.mark_read(channel, self.user, min(data["seq"], self.home.last_seq))

    def represent(self, row: Channel) -> Any:
        return super().represent(get_object_or_404(with_unread(self.member, archived=True), pk=row.pk))

    def get_user(self, user_id: Any) -> User:
        return self.get_visible(Membership, user=user_id).user


class ChannelMemberViewSet(ChannelViewSet):
    serializer_class = serializers.ChannelPerson

    @endpoint("List the members of a channel", paginated=True)
    def list(self, channel: Channel) -> Any:
        """For a public room, list those who joined it, though every member of the home may read it."""
        members = ChannelMember.objects.filter(channel=channel).order_by("created_at", "id")
        return members.annotate(name=Coalesce("user__name", "agent__display_name"))

    @endpoint(
        "Add a member to a room", request=serializers.PersonChoice, status=204,
        example={"user_id": "0199a1b2-0000-7000-8000-000000000007"},
    )  # fmt: skip
    def create(self, channel: Channel, data: dict[str, Any]) -> None:
        actions.join_channel(channel, self.get_user(data["user_id"]), by=self.actor())


class MessageViewSet(HomeViewSet):
    tag = "Messages"
    scopes = ("read", "chat")
    lookup_url_kwarg = "message_id"
    queryset = Message.objects.select_related("channel")
    serializer_class = serializers.MessageSerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(channel=self.kwargs["channel_id"])

    def get_channel(self) -> Any:
        return self.get_visible(Channel, pk=self.kwargs["channel_id"])

    @endpoint("List the messages of a channel, newest first", paginated=True)
    def list(self) -> Response:
        rows = Message.objects.filter(channel=self.get_channel()).roots().finished().order_by("-seq")
        return paginate(self.request, serializers.message_rows(rows), serializers.serialize_messages)

    @endpoint("Send a message", request=serializers.NewMessage, example={"content": "Who is home for dinner?"})
    def create(self, data: dict[str, Any]) -> Message:
        return actions.send_message(self.get_channel(), data["content"], by=self.actor(), pk=data.get("id"))

    retrieve = retrieve_endpoint("Get a message")

    @endpoint(
        "Edit your own message", request=serializers.MessageChange, errors=(404, 409),
        example={"content": "Who is home for lunch?", "version": 1},
    )  # fmt: skip
    def partial_update(self, message: Message, data: dict[str, Any]) -> Message:
        return actions.edit_message(message, data["content"], by=self.actor(), version=data["version"])

    destroy = action_endpoint(actions.delete_message, "Delete your own message", errors=(400, 404))

    def represent(self, row: Message) -> Any:
        return serializers.serialize_messages([row])[0]


class ReplyViewSet(MessageViewSet):
    @endpoint("List the replies of a thread, oldest first", paginated=True)
    def list(self, message: Message) -> Response:
        rows = Message.objects.filter(parent=message).finished().order_by("seq")
        return paginate(self.request, serializers.message_rows(rows), serializers.serialize_messages)

    @endpoint("Reply in a thread", request=serializers.NewMessage, example={"content": "I am."})
    def create(self, message: Message, data: dict[str, Any]) -> Message:
        return actions.send_message(
            message.channel, data["content"], by=self.actor(), parent=message, pk=data.get("id")
        )


class ReactionViewSet(MessageViewSet):
    @endpoint("Add a reaction", request=serializers.NewReaction, status=200, example={"emoji": "❤️"})
    def create(self, message: Message, data: dict[str, Any]) -> Message:
        actions.add_reaction(message, data["emoji"], by=self.actor())
        return message

    @endpoint("Remove your own reaction", query=serializers.NewReaction, status=200)
    def destroy(self, message: Message, query: dict[str, Any]) -> Message:
        actions.remove_reaction(message, query["emoji"], by=self.actor())
        return message
