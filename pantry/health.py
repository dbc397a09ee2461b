"""Liveness and readiness checks."""

from django.conf import settings
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis import Redis, RedisError

REDIS_TIMEOUT_SECONDS = 2


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
    try:
        with Redis.from_url(
            settings.REDIS_URL, socket_timeout=REDIS_TIMEOUT_SECONDS, socket_connect_timeout=REDIS_TIMEOUT_SECONDS
        ) as redis:
            return bool(redis.ping())
    except RedisError:
        return False
