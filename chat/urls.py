from django.urls import path

from groceries.views import _soon

app_name = "chat"
urlpatterns = [path("chat/", _soon, name="chat"), path("chat/<uuid:channel_id>/", _soon, name="channel")]
