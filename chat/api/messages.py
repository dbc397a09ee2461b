"""Messages, their threads, and what others felt about them."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from chat.actions import add_reaction, delete_message, edit_message, remove_reaction, send_message
from chat.api import serializers as shapes
from chat.api.channels import ChannelDoor
from chat.models import Message
from pantry.api.pagination import paginate
from pantry.api.schema import describe

MESSAGES = "Messages"


class MessageViewSet(ChannelDoor):
    group = "chat"

    @describe("What was said in a channel, the newest first", tag=MESSAGES, pages=shapes.MessageSerializer)
    def list(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        rows = Message.objects.filter(channel=self.the_channel(channel_id)).roots().told()
        return paginate(request, rows.values_list(*shapes.MESSAGE_COLUMNS, named=True), ["-seq"], shapes.messages)

    @describe(
        "Say something", tag=MESSAGES, takes=shapes.NewMessage, gives=shapes.MessageSerializer, status=201, posts=True,
        example={"content": "Who is home for dinner?"},
    )  # fmt: skip
    def create(self, request: Request, channel_id: UUID, **kwargs: Any) -> Response:
        channel, said = self.the_channel(channel_id), self.validated_body(shapes.NewMessage)
        message = send_message(channel, said["content"], by=self.actor(), pk=said.get("id"))
        return Response(shapes.one_message(message), status=status.HTTP_201_CREATED)

    @describe("A message", tag=MESSAGES, gives=shapes.MessageSerializer)
    def retrieve(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:
        return Response(shapes.one_message(self.the_message(channel_id, message_id)))

    @describe(
        "Change one's own message", tag=MESSAGES, takes=shapes.MessageChange, gives=shapes.MessageSerializer,
        refuses=(403, 404, 409), example={"content": "Who is home for lunch?", "version": 1},
    )  # fmt: skip
    def partial_update(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:
        message, said = self.the_message(channel_id, message_id), self.validated_body(shapes.MessageChange)
        edited = edit_message(message, said["content"], by=self.actor(), version=said["version"])
        return Response(shapes.one_message(edited))

    @describe("Take one's own message back", tag=MESSAGES, status=204, refuses=(400, 403, 404))
    def destroy(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:
        delete_message(self.the_message(channel_id, message_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def the_message(self, channel_id: UUID, message_id: UUID) -> Message:
        seen = Message.objects.visible_to(self.member).select_related("channel")
        found: Message = get_object_or_404(seen, pk=message_id, channel=channel_id)
        return found

    def represent(self, row: Message) -> Any:
        return shapes.one_message(row)


class ReplyViewSet(MessageViewSet):
    @describe("A thread, in the order in which it was said", tag=MESSAGES, pages=shapes.MessageSerializer)
    def list(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:  # type: ignore[override]
        rows = Message.objects.filter(parent=self.the_message(channel_id, message_id)).told()
        return paginate(request, rows.values_list(*shapes.MESSAGE_COLUMNS, named=True), ["seq"], shapes.messages)

    @describe(
        "Say something in a thread", tag=MESSAGES, takes=shapes.NewMessage, gives=shapes.MessageSerializer, status=201,
        posts=True, example={"content": "I am."},
    )  # fmt: skip
    def create(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:  # type: ignore[override]
        root, said = self.the_message(channel_id, message_id), self.validated_body(shapes.NewMessage)
        reply = send_message(root.channel, said["content"], by=self.actor(), parent=root, pk=said.get("id"))
        return Response(shapes.one_message(reply), status=status.HTTP_201_CREATED)


class ReactionViewSet(MessageViewSet):
    @describe(
        "React with one sign", tag=MESSAGES, takes=shapes.NewReaction, gives=shapes.MessageSerializer, posts=True,
        example={"emoji": "❤️"},
    )  # fmt: skip
    def create(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:  # type: ignore[override]
        message = self.the_message(channel_id, message_id)
        add_reaction(message, self.validated_body(shapes.NewReaction)["emoji"], by=self.actor())
        return Response(shapes.one_message(message))

    @describe(
        "Take one's reaction back",
        tag=MESSAGES,
        query=shapes.NewReaction,
        gives=shapes.MessageSerializer,
        refuses=(400, 403, 404),
    )
    def destroy(self, request: Request, channel_id: UUID, message_id: UUID, **kwargs: Any) -> Response:
        message = self.the_message(channel_id, message_id)
        remove_reaction(message, self.validated_query(shapes.NewReaction)["emoji"], by=self.actor())
        return Response(shapes.one_message(message))
