"""The one ASGI application: pages and API by Django, sockets by Channels, and what starts and stops with it.

Pages are synchronous code. Run as WSGI in threads that stay, each keeps its database connection; through Django's
own ASGI handler every request would open a thread and a connection of its own, which costs more than most pages.
"""

import os
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pantry.settings")
THREADS = 8
pages: Any = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=THREADS)

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from homes.routing import stream_urlpatterns, websocket_urlpatterns  # noqa: E402
from pantry.lifespan import Lifespan  # noqa: E402
from pixie.mcp_door import mcp_door  # noqa: E402

mcp: Any = mcp_door

application = ProtocolTypeRouter(
    {
        "http": URLRouter([*stream_urlpatterns, path("mcp", mcp), re_path("", pages)]),
        "websocket": URLRouter(websocket_urlpatterns),
        "lifespan": Lifespan(),
    }
)
