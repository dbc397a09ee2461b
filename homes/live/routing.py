from typing import Any

from django.urls import path, re_path

from homes.live.consumer import HomeConsumer
from homes.live.sse import event_stream

socket: Any = HomeConsumer.as_asgi()  # Channels routes ASGI applications as Django routes views
stream: Any = event_stream

websocket_urlpatterns: list[Any] = [path("ws/<uuid:home_id>", socket), re_path("", socket)]
stream_urlpatterns: list[Any] = [path("api/homes/<uuid:home_id>/events/stream", stream)]
