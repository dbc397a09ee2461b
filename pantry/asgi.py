"""The one ASGI application: pages and API by Django, sockets by Channels, and what starts and stops with it.

Pages are synchronous code. Run as WSGI in threads that stay, each keeps its database connection; through Django's
own ASGI handler every request would open a thread and a connection of its own, which costs more than most pages.
"""

import os
from typing import Any, cast

from a2wsgi.wsgi import WSGIMiddleware, WSGIResponder
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pantry.settings")
THREADS = 8
WHOLE = 3  # messages of an answer that is no stream: its head, its body, its end. The queue has room for more


class Pages(WSGIMiddleware):
    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await Responder(self.app, self.executor, self.send_queue_size)(scope, receive, send)


class Responder(WSGIResponder):
    """a2wsgi waits for the loop at each message, which takes as long as the view. Only a stream has to: for room."""

    sent = 0

    def send(self, message: Any) -> None:
        self.sent += 1
        if self.sent > WHOLE:
            super().send(message)
        else:
            self.loop.call_soon_threadsafe(self.send_queue.put_nowait, message)


pages: Any = Pages(cast(Any, get_wsgi_application()), workers=THREADS)

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import path, re_path  # noqa: E402

from homes.live.routing import stream_urlpatterns, websocket_urlpatterns  # noqa: E402
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
