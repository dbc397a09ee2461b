"""The admin site. Staff sign in as everybody does, and need two-step verification."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import admin, messages
from django.core.checks import run_checks
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pantry.apps import OPERATOR


class AdminSite(admin.AdminSite):
    site_header = site_title = "Pantry Pixie"
    index_title = _("Administration")

    def has_permission(self, request: HttpRequest) -> bool:
        is_leaving = request.path == reverse("admin:logout")
        return super().has_permission(request) and (is_leaving or not _lacks_second_step(request))

    @method_decorator(secure_admin_login)
    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseRedirect:
        """Redirect. Django's own form would sign in without a second step and without limits."""
        if _lacks_second_step(request):
            messages.warning(request, gettext("Turn on two-step verification to open the administration."))
            return redirect("mfa_index")
        return redirect("admin:index")

    def index(self, request: HttpRequest, extra_context: Any = None) -> TemplateResponse:
        """Show what the operator should know, such as parts that do not work, above the index."""
        for warning in run_checks(tags=[OPERATOR]):
            messages.warning(request, f"{warning.msg} {warning.hint or ''}".strip())
        return super().index(request, extra_context)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:  # type: ignore[override]
        return redirect("account_change_password")


def _lacks_second_step(request: HttpRequest) -> bool:
    return settings.ADMIN_TWO_STEP and not is_mfa_enabled(request.user)
