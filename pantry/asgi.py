"""The one ASGI application: pages and API by Django, the live stream beside them, and what starts and stops with it.

Pages are synchronous code. Run as WSGI in threads that stay, each keeps its database connection; through Django's
own ASGI handler every request would open a thread and a connection of its own, which costs more than most pages.
"""

import os
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pantry.settings")
THREADS = 8
pages = WSGIMiddleware(cast(Any, get_wsgi_application()), workers=THREADS)

from channels.routing import ProtocolTypeRouter  # noqa: E402

from homes import sse  # noqa: E402
from homes.consumers import home_socket  # noqa: E402
from pantry.lifespan import Lifespan  # noqa: E402


async def over_http(scope: Any, receive: Any, send: Any) -> None:
    await (sse.event_stream if sse.PATH.fullmatch(scope["path"]) else pages)(scope, receive, send)


application = ProtocolTypeRouter({"http": over_http, "websocket": home_socket, "lifespan": Lifespan()})
