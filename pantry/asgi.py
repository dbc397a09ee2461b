"""The ASGI application: Django for pages and API, Channels for WebSockets, and the lifespan of the process."""

import os
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pantry.settings")
django.setup(set_prefix=False)

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from homes.live.routing import stream_urlpatterns, websocket_urlpatterns  # noqa: E402
from pantry.handler import PageHandler  # noqa: E402
from pantry.lifespan import Lifespan  # noqa: E402
from pixie.mcp.asgi import mcp_application  # noqa: E402

mcp: Any = mcp_application
pages: Any = PageHandler()

application = ProtocolTypeRouter(
    {
        "http": URLRouter([*stream_urlpatterns, path("mcp", mcp), re_path("", pages)]),
        "websocket": URLRouter(websocket_urlpatterns),
        "lifespan": Lifespan(),
    }
)
