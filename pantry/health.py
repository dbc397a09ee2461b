"""Whether the server lives, and whether it reaches what it needs."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

PATIENCE = 2  # seconds


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Without its database the server can do nothing. Without Redis it is slower, and still serves."""
    parts = {"database": _reaches_database(), "redis": not settings.REDIS_URL or _reaches_redis()}
    away = [name for name, is_there in parts.items() if not is_there]
    return JsonResponse({"ready": parts["database"], "away": away}, status=200 if parts["database"] else 503)


def _reaches_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _reaches_redis() -> bool:
    try:
        with Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE) as redis:
            return bool(redis.ping())
    except RedisError:
        return False
