from django.urls import path

from chat import views

app_name = "chat"

MESSAGE = "chat/<uuid:channel_id>/<uuid:message_id>"

urlpatterns = [
    path("chat/", views.chat, name="chat"),
    path("chat/new/", views.new_room, name="new_room"),
    path("chat/new-chat/", views.new_agent_chat, name="new_agent_chat"),
    path("chat/with/<uuid:user_id>", views.open_direct_message, name="open_direct_message"),
    path("chat/agent/<uuid:agent_id>", views.open_agent_chat, name="open_agent_chat"),
    path("chat/<uuid:channel_id>/", views.channel_page, name="channel"),
    path("chat/<uuid:channel_id>/send", views.send, name="send"),
    path("chat/<uuid:channel_id>/read", views.read, name="read"),
    path("chat/<uuid:channel_id>/people/", views.people, name="people"),
    path("chat/<uuid:channel_id>/leave", views.leave, name="leave"),
    path(f"{MESSAGE}/", views.channel_page, name="thread"),
    path(f"{MESSAGE}/send", views.send, name="reply"),
    path(f"{MESSAGE}/react", views.react, name="react"),
    path(f"{MESSAGE}/edit", views.edit, name="edit"),
    path(f"{MESSAGE}/delete", views.delete, name="delete"),
]
