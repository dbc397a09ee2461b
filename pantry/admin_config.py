"""The app of Django's admin, with our site."""

from django.contrib.admin import apps


class AdminConfig(apps.AdminConfig):
    default_site = "pantry.admin_site.AdminSite"
