"""`/metrics`, for Prometheus. Without the token it leads nowhere; without one in the settings, for everybody."""

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from pantry.metrics import combined_registry
from pixie.usage.prometheus import Figures


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    wanted, given = f"Bearer {settings.METRICS_TOKEN}", request.headers.get("Authorization", "")
    if not settings.METRICS_TOKEN or not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Http404
    return HttpResponse(generate_latest(combined_registry(Figures())), content_type=CONTENT_TYPE_LATEST)
