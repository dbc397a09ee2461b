"""Change roles, remove members and leave a home."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from homes.actions import change_role, remove_member
from homes.decorators import LAST_HOME, MemberRequest, member_required, show_action_errors
from homes.models import Membership
from homes.views.home import home_url


@require_POST
@member_required
@show_action_errors(home_url)
def role(request: MemberRequest, pk: UUID) -> HttpResponse:
    member = get_object_or_404(Membership.objects.visible_to(request.member), pk=pk)
    member = change_role(member, request.POST.get("role", ""), by=request.actor)
    message = _("%(name)s is now an owner.") if member.is_owner else _("%(name)s is now a member.")
    messages.success(request, message % {"name": member})
    return redirect(home_url(request))


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
@show_action_errors(home_url)
def remove(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Ask for confirmation; remove the member on POST."""
    member = get_object_or_404(Membership.objects.visible_to(request.member), pk=pk)
    if member == request.member:
        return redirect("homes:leave", request.home.pk)
    if request.method != "POST":
        return render(request, "homes/remove.html", {"tab": "home", "other": member})
    remove_member(member, by=request.actor)
    messages.success(request, _("%(name)s is no longer in the home.") % {"name": member})
    return redirect(home_url(request))


@require_http_methods(["GET", "HEAD", "POST"])
@member_required
@show_action_errors(home_url)
def leave(request: MemberRequest) -> HttpResponse:
    """Ask for confirmation; leave on POST."""
    if request.method != "POST":
        return render(request, "homes/leave.html", {"tab": "home"})
    remove_member(request.member, by=request.actor)
    request.session.pop(LAST_HOME, None)
    messages.success(request, _("You left %(home)s.") % {"home": request.home})
    return redirect("homes:start")
