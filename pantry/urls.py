"""Every address. Pages of a home lie under /h/<home>/; accounts under /accounts/."""

from django.contrib import admin
from django.urls import include, path

home = [
    path("", include("pixie.urls")),
    path("", include("groceries.urls")),
    path("", include("chat.urls")),
]

urlpatterns = [
    path("", include("homes.urls")),
    path("h/<uuid:home_id>/", include(home)),
    path("api/homes/<uuid:home_id>/", include("groceries.api.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
