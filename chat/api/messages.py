"""API of messages, threads and reactions."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from chat.actions import add_reaction, delete_message, edit_message, remove_reaction, send_message
from chat.api import serializers
from chat.api.channels import BaseChannelViewSet
from chat.models import Message
from pantry.api.pagination import paginate
from pantry.api.schema import describe

MESSAGES = "Messages"


class MessageViewSet(BaseChannelViewSet):
    group = "chat"

    @describe("List the messages of a channel, newest first", tag=MESSAGES, pages=serializers.MessageSerializer)
    def list(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        rows = Message.objects.filter(channel=self.get_channel(channel_id)).roots().finished()
        return paginate(
            request,
            rows.values_list(*serializers.MESSAGE_COLUMNS, named=True),
            ["-seq"],
            serializers.serialize_messages,
        )

    @describe(
        "Send a message", tag=MESSAGES, takes=serializers.NewMessage, gives=serializers.MessageSerializer, status=201,
        posts=True, example={"content": "Who is home for dinner?"},
    )  # fmt: skip
    def create(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        channel, fields = self.get_channel(channel_id), self.validated_body(serializers.NewMessage)
        message = send_message(channel, fields["content"], by=self.actor(), pk=fields.get("id"))
        return Response(serializers.serialize_message(message), status=status.HTTP_201_CREATED)

    @describe("Get a message", tag=MESSAGES, gives=serializers.MessageSerializer)
    def retrieve(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:
        return Response(serializers.serialize_message(self.get_message(channel_id, message_id)))

    @describe(
        "Edit your own message", tag=MESSAGES, takes=serializers.MessageChange, gives=serializers.MessageSerializer,
        refuses=(403, 404, 409), example={"content": "Who is home for lunch?", "version": 1},
    )  # fmt: skip
    def partial_update(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:
        message, fields = self.get_message(channel_id, message_id), self.validated_body(serializers.MessageChange)
        edited = edit_message(message, fields["content"], by=self.actor(), version=fields["version"])
        return Response(serializers.serialize_message(edited))

    @describe("Delete your own message", tag=MESSAGES, status=204, refuses=(400, 403, 404))
    def destroy(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:
        delete_message(self.get_message(channel_id, message_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_message(self, channel_id: UUID, message_id: UUID) -> Message:
        visible = Message.objects.visible_to(self.member).select_related("channel")
        message: Message = get_object_or_404(visible, pk=message_id, channel=channel_id)
        return message

    def represent(self, row: Message) -> Any:
        return serializers.serialize_message(row)


class ReplyViewSet(MessageViewSet):
    @describe("List the replies of a thread, oldest first", tag=MESSAGES, pages=serializers.MessageSerializer)
    def list(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:  # type: ignore[override]
        rows = Message.objects.filter(parent=self.get_message(channel_id, message_id)).finished()
        return paginate(
            request, rows.values_list(*serializers.MESSAGE_COLUMNS, named=True), ["seq"], serializers.serialize_messages
        )

    @describe(
        "Reply in a thread", tag=MESSAGES, takes=serializers.NewMessage, gives=serializers.MessageSerializer,
        status=201, posts=True, example={"content": "I am."},
    )  # fmt: skip
    def create(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:  # type: ignore[override]
        root, fields = self.get_message(channel_id, message_id), self.validated_body(serializers.NewMessage)
        reply = send_message(root.channel, fields["content"], by=self.actor(), parent=root, pk=fields.get("id"))
        return Response(serializers.serialize_message(reply), status=status.HTTP_201_CREATED)


class ReactionViewSet(MessageViewSet):
    @describe(
        "Add a reaction", tag=MESSAGES, takes=serializers.NewReaction, gives=serializers.MessageSerializer, posts=True,
        example={"emoji": "❤️"},
    )  # fmt: skip
    def create(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:  # type: ignore[override]
        message = self.get_message(channel_id, message_id)
        add_reaction(message, self.validated_body(serializers.NewReaction)["emoji"], by=self.actor())
        return Response(serializers.serialize_message(message))

    @describe(
        "Remove your own reaction",
        tag=MESSAGES,
        query=serializers.NewReaction,
        gives=serializers.MessageSerializer,
        refuses=(400, 403, 404),
    )
    def destroy(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:
        message = self.get_message(channel_id, message_id)
        remove_reaction(message, self.validated_query(serializers.NewReaction)["emoji"], by=self.actor())
        return Response(serializers.serialize_message(message))
