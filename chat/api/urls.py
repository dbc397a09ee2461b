from typing import Any

from django.urls import path

from chat.api.viewsets import ChannelMemberViewSet, ChannelViewSet, MessageViewSet, ReactionViewSet, ReplyViewSet

ROWS: dict[str, Any] = {"get": "list", "post": "create"}
CHANNEL = "channels/<uuid:channel_id>"
MESSAGE = f"{CHANNEL}/messages/<uuid:message_id>"

home = [
    path("channels", ChannelViewSet.as_view(ROWS)),
    path(CHANNEL, ChannelViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path(f"{CHANNEL}/join", ChannelViewSet.as_view({"post": "join"})),
    path(f"{CHANNEL}/leave", ChannelViewSet.as_view({"post": "leave"})),
    path(f"{CHANNEL}/read", ChannelViewSet.as_view({"post": "read"})),
    path(f"{CHANNEL}/members", ChannelMemberViewSet.as_view(ROWS)),
    path(f"{CHANNEL}/messages", MessageViewSet.as_view(ROWS)),
    path(MESSAGE, MessageViewSet.as_view({"get": "retrieve", "patch": "partial_update", "delete": "destroy"})),
    path(f"{MESSAGE}/replies", ReplyViewSet.as_view(ROWS)),
    path(f"{MESSAGE}/reactions", ReactionViewSet.as_view({"post": "create", "delete": "destroy"})),
]
