"""URL routes: pages of a home under /h/<home>/, the API under /api/, accounts under /accounts/."""

from typing import Any

from django.contrib import admin
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularSwaggerSplitView

from chat.api.urls import home as chat
from groceries.api.urls import home as groceries
from groceries.views.guests import guest
from homes.accounts.views import EmailView
from homes.api.urls import account
from homes.api.urls import home as homes
from homes.files.urls import api as files
from homes.notifications.urls import account as devices
from homes.notifications.urls import home as notifications
from pantry import views
from pantry.api.errors import not_found
from pixie.api.urls import chat as pixie_chat
from pixie.api.urls import home as pixie
from pixie.usage.prometheus import metrics
from planner.api.urls import home as planner
from planner.views.feed import feed

home = [path("", include(f"{app}.urls")) for app in ("pixie", "groceries", "planner", "chat", "homes.files")]

api: list[Any] = [
    *account,
    *devices,
    *pixie_chat,
    path("homes/<uuid:home_id>/", include([*homes, *files, *notifications, *groceries, *planner, *chat, *pixie])),
    path("schema", views.SchemaView.as_view(), name="schema"),
    path("docs", SpectacularSwaggerSplitView.as_view(url_name="schema"), name="docs"),
    re_path("", not_found),
]

urlpatterns = [
    path("", include("homes.urls")),
    path("", include("homes.notifications.urls")),
    path("shared/<str:token>/", guest, name="guest"),
    path("calendars/<str:token>.ics", feed, name="calendar_feed"),
    path("h/<uuid:home_id>/", include(home)),
    path("api/", include(api)),
    path("accounts/email/", EmailView.as_view()),
    path("accounts/sessions/", RedirectView.as_view(pattern_name="homes:security")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("service-worker.js", views.service_worker, name="service_worker"),
    path("manifest.webmanifest", views.manifest, name="manifest"),
    path("offline/", views.offline, name="offline"),
    path("healthz", views.live, name="live"),
    path("readyz", views.ready, name="ready"),
    path("metrics", metrics, name="metrics"),
]

handler400 = "pantry.api.errors.bad_request"
handler500 = "pantry.api.errors.server_error"
