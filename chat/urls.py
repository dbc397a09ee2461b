from django.urls import path

from chat.views import channel, rooms

app_name = "chat"

message = "chat/<uuid:channel_id>/<uuid:message_id>"

urlpatterns = [
    path("chat/", channel.chat, name="chat"),
    path("chat/new/", rooms.new_room, name="new_room"),
    path("chat/new-talk/", rooms.new_talk, name="new_talk"),
    path("chat/with/<uuid:user_id>", rooms.talk_with, name="talk_with"),
    path("chat/agent/<uuid:agent_id>", rooms.talk_with_agent, name="talk_with_agent"),
    path("chat/<uuid:channel_id>/", channel.channel_page, name="channel"),
    path("chat/<uuid:channel_id>/send", channel.send, name="send"),
    path("chat/<uuid:channel_id>/read", channel.read, name="read"),
    path("chat/<uuid:channel_id>/people/", rooms.people, name="people"),
    path("chat/<uuid:channel_id>/leave", rooms.leave, name="leave"),
    path(f"{message}/", channel.thread_page, name="thread"),
    path(f"{message}/send", channel.send, name="reply"),
    path(f"{message}/react", channel.react, name="react"),
    path(f"{message}/edit", channel.edit, name="edit"),
    path(f"{message}/delete", channel.delete, name="delete"),
]
