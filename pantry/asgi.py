"""The ASGI application: Django for pages and API, Channels for WebSockets, and the lifespan of the process."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pantry.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from homes.live.consumer import HomeConsumer  # noqa: E402
from homes.live.sse import event_stream  # noqa: E402
from pantry.asgi_guard import guard  # noqa: E402
from pantry.handler import PageHandler  # noqa: E402
from pantry.lifespan import lifespan  # noqa: E402
from pantry.limits import RequestLimits  # noqa: E402
from pixie.mcp.asgi import mcp_application  # noqa: E402

mcp: Any = guard(mcp_application)  # Channels routes ASGI applications as Django routes views
pages: Any = PageHandler()
stream: Any = guard(event_stream)
socket: Any = guard(HomeConsumer.as_asgi())

application = RequestLimits(
    ProtocolTypeRouter(
        {
            "http": URLRouter(
                [path("api/homes/<uuid:home_id>/events/stream", stream), path("mcp", mcp), re_path("", pages)]
            ),
            "websocket": URLRouter([path("ws/<uuid:home_id>", socket), re_path("", socket)]),
            "lifespan": lifespan,
        }
    )
)
