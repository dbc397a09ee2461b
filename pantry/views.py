"""The service worker, the web app manifest, the offline page, health checks and the OpenAPI schema."""

import hashlib
import json
import re
from functools import cache
from threading import Lock
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView
from rest_framework.request import Request

SCRIPTS = settings.BASE_DIR / "static" / "js"
_schema_lock = Lock()  # drf-spectacular is not thread-safe
WORKER = "service-worker.js"
REDIS_TIMEOUTS = {"socket_timeout": 2, "socket_connect_timeout": 2}  # seconds
PRECACHED = ["css/main.css", "icons.svg", "favicon.svg", "django_htmx/htmx-4.min.js"]  # beside the scripts


@require_safe
@never_cache
def service_worker(request: HttpRequest) -> HttpResponse:
    """Serve the service worker. It changes with every static file, so that browsers update it."""
    names = [*PRECACHED, *(f"js/{path.name}" for path in sorted(SCRIPTS.glob("*.js")) if path.name != WORKER)]
    constants = {
        "VERSION": getattr(staticfiles_storage, "manifest_hash", ""),
        "FILES": [] if settings.DEBUG else [static(name) for name in names],
        "OFFLINE": reverse("offline"),
    }
    header = "".join(f"const {name} = {json.dumps(value)};\n" for name, value in constants.items())
    # The worker has another path than the modules that it imports.
    source = re.sub(r' "\./(.+)"', lambda match: f' "{static(f"js/{match[1]}")}"', (SCRIPTS / WORKER).read_text())
    return HttpResponse(header + source, content_type="text/javascript; charset=utf-8")


@require_safe
def manifest(request: HttpRequest) -> JsonResponse:
    data: dict[str, Any] = {
        "id": "/",
        "name": "Pantry Pixie",
        "short_name": "Pixie",
        "description": _("Shopping lists, chat and an assistant for your home."),
        "lang": get_language(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#ebefdd",
        "theme_color": "#1d5a42",
        "icons": [_icon("192", "192x192"), _icon("512", "512x512"), _icon("maskable-512", "512x512", "maskable")],
        "shortcuts": [
            {"name": _("The list"), "url": reverse("homes:list"), "icons": [_icon("192", "192x192")]},
            {"name": _("Chat"), "url": reverse("homes:chat"), "icons": [_icon("192", "192x192")]},
        ],
        "share_target": {
            "action": reverse("homes:share"),
            "method": "GET",
            "enctype": "application/x-www-form-urlencoded",
            "params": {"title": "title", "text": "text", "url": "url"},
        },
    }
    return JsonResponse(data, content_type="application/manifest+json")


def _icon(name: str, sizes: str, purpose: str = "any") -> dict[str, str]:
    return {"src": static(f"icons/{name}.png"), "sizes": sizes, "type": "image/png", "purpose": purpose}


@require_safe
def offline(request: HttpRequest) -> HttpResponse:
    """Serve the page that the service worker shows in place of pages it has not cached."""
    return render(request, "offline.html")


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Report whether database and Redis are available; 503 without the database. Redis is optional."""
    services = {"database": _reaches_database(), "redis": not settings.REDIS_URL or _reaches_redis()}
    away = [name for name, is_available in services.items() if not is_available]
    return JsonResponse({"ready": services["database"], "away": away}, status=200 if services["database"] else 503)


def _reaches_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _reaches_redis() -> bool:
    from redis import Redis, RedisError  # 20 MB, loaded only where it serves

    try:
        with Redis.from_url(settings.REDIS_URL, **REDIS_TIMEOUTS) as redis:
            return bool(redis.ping())
    except RedisError:
        return False


class SchemaView(SpectacularAPIView):
    """Serve the OpenAPI schema, generated once in each process."""

    throttle_classes = ()

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        renderer: Any = type(request.accepted_renderer)
        with _schema_lock:
            body, etag = schema_document(renderer)
        response = HttpResponse(body, content_type=renderer.media_type, headers={"ETag": etag})
        patch_cache_control(response, public=True, no_cache=True)
        return get_conditional_response(request._request, etag, response=response)


@cache
def schema_document(renderer: Any) -> tuple[bytes, str]:
    """Return the schema in the renderer's format, and its ETag."""
    with override(settings.LANGUAGE_CODE):
        schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
        body: bytes = renderer().render(schema, renderer_context={})
    return body, f'"{hashlib.sha256(body).hexdigest()[:32]}"'
