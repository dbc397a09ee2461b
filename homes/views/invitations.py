"""Create, revoke and accept invitations."""

from typing import cast
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from homes import actions
from homes.accounts.models import User
from homes.decorators import MemberRequest, member_required, show_action_errors
from homes.events.models import Origin
from homes.forms import InviteForm, JoinForm
from homes.models import Invitation, Membership
from homes.views.home import home_page, home_url
from pantry.errors import ActionError


@require_POST
@member_required
@never_cache
@show_action_errors(home_url)
def invite(request: MemberRequest) -> HttpResponse:
    """Create an invitation. Renders the page instead of redirecting, as the link is not stored and shown only once."""
    form = InviteForm(request.POST)
    if not form.is_valid():
        return home_page(request, invite_form=form, status=422)
    _invitation, token = actions.invite(by=request.actor, **form.cleaned_data)
    link = request.build_absolute_uri(reverse("homes:invitation", args=[token]))
    return home_page(request, new_link=link, new_for=form.cleaned_data["email"])


@require_POST
@member_required
@show_action_errors(home_url)
def revoke(request: MemberRequest, pk: UUID) -> HttpResponse:
    invitation = get_object_or_404(Invitation, pk=pk, home=request.home)
    actions.revoke_invitation(invitation, by=request.actor)
    messages.success(request, _("Invitation revoked. Its link no longer works."))
    return redirect(home_url(request))


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Redirect a pasted link to its invitation."""
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("homes:invitation", form.cleaned_data["invitation"])
    return render(request, "homes/join.html", {"join_form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    if request.method == "POST":
        return accept(request, token)
    user = request.user
    invitations = Invitation.objects.select_related("home", "invited_by")
    invitation = invitations.filter(token_hash=Invitation.hash_token(token)).first()
    if invitation is None:
        return _render_error(request, actions.INVITATION_ERRORS["unknown"], status=404)
    if user.is_authenticated and Membership.objects.for_user(user).filter(home=invitation.home).exists():
        return redirect("pixie:today", invitation.home_id)
    if invitation.state != "open":
        return _render_error(request, actions.INVITATION_ERRORS[invitation.state], status=410)
    return render(request, "homes/invitation.html", {"invitation": invitation})


@login_required
def accept(request: HttpRequest, token: str) -> HttpResponse:
    try:
        member = actions.accept_invitation(token, cast("User", request.user), origin=Origin.BROWSER)
    except ActionError as error:
        return _render_error(request, error, status=410)
    messages.success(request, _("Welcome to %(home)s.") % {"home": member.home})
    return redirect("pixie:today", member.home_id)


def _render_error(request: HttpRequest, message: object, *, status: int) -> HttpResponse:
    """Render the page of a link that doesn't work, with a form for another one."""
    return render(request, "homes/not_invited.html", {"why": message, "join_form": JoinForm()}, status=status)
