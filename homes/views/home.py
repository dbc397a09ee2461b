"""The home page: settings, members and invitations."""

from copy import copy
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from homes.actions import update_home
from homes.decorators import MemberRequest, member_required, show_action_errors
from homes.forms import HomeForm, InviteForm
from homes.models import Membership


def home_url(request: MemberRequest, **kwargs: Any) -> str:
    return reverse("homes:home", args=[request.home.pk])


@require_safe
@member_required
def home(request: MemberRequest) -> HttpResponse:
    return home_page(request)


def home_page(request: MemberRequest, *, status: int = 200, **context: Any) -> HttpResponse:
    """Render the page; `context` replaces parts of it, such as a form with errors."""
    context = {
        "tab": "home",
        "home_form": HomeForm(instance=copy(request.home)),
        "invite_form": InviteForm(),
        "members": Membership.objects.visible_to(request.member),
        "invitations": _open_invitations(request),
        "homes": [member.home for member in Membership.objects.for_user(request.user).exclude(home=request.home)],
        **context,
    }
    return render(request, "homes/home.html", context, status=status)


@require_POST
@member_required
@show_action_errors(home_url)
def update(request: MemberRequest) -> HttpResponse:
    form = HomeForm(request.POST, instance=copy(request.home))
    if request.member.is_owner and not form.is_valid():
        return home_page(request, home_form=form, status=422)
    update_home(request.home, by=request.actor, **getattr(form, "cleaned_data", {}))
    messages.success(request, _("Home settings saved."))
    return redirect(home_url(request))


def _open_invitations(request: MemberRequest) -> Any:
    if not request.member.is_owner:
        return []
    invitations = request.home.invitations.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    return invitations.select_related("invited_by").order_by("created_at")
