from django.urls import path

from chat.views import channel, rooms

app_name = "chat"

MESSAGE = "chat/<uuid:channel_id>/<uuid:message_id>"

urlpatterns = [
    path("chat/", channel.chat, name="chat"),
    path("chat/new/", rooms.new_room, name="new_room"),
    path("chat/new-talk/", rooms.new_agent_chat, name="new_talk"),
    path("chat/with/<uuid:user_id>", rooms.open_direct_message, name="talk_with"),
    path("chat/agent/<uuid:agent_id>", rooms.open_agent_chat, name="talk_with_agent"),
    path("chat/<uuid:channel_id>/", channel.channel_page, name="channel"),
    path("chat/<uuid:channel_id>/send", channel.send, name="send"),
    path("chat/<uuid:channel_id>/read", channel.read, name="read"),
    path("chat/<uuid:channel_id>/people/", rooms.people, name="people"),
    path("chat/<uuid:channel_id>/leave", rooms.leave, name="leave"),
    path(f"{MESSAGE}/", channel.thread_page, name="thread"),
    path(f"{MESSAGE}/send", channel.send, name="reply"),
    path(f"{MESSAGE}/react", channel.react, name="react"),
    path(f"{MESSAGE}/edit", channel.edit, name="edit"),
    path(f"{MESSAGE}/delete", channel.delete, name="delete"),
]
