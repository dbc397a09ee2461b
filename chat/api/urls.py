from django.urls import path

from chat.api import viewsets

CHANNEL = "channels/<uuid:channel_id>"
MESSAGE = f"{CHANNEL}/messages/<uuid:message_id>"

home = [
    *viewsets.ChannelViewSet.routes("channels", "join", "leave", "read"),
    path(f"{CHANNEL}/members", viewsets.ChannelMemberViewSet.as_view({"get": "list", "post": "create"})),
    *viewsets.MessageViewSet.routes(f"{CHANNEL}/messages"),
    path(f"{MESSAGE}/replies", viewsets.ReplyViewSet.as_view({"get": "list", "post": "create"})),
    path(f"{MESSAGE}/reactions", viewsets.ReactionViewSet.as_view({"post": "create", "delete": "destroy"})),
]
