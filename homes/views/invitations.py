"""How one comes in: a link, made by an owner and followed by a guest."""

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
    """Answers with the page itself, not with a redirect: the link is shown this once and kept nowhere."""
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
    messages.success(request, _("The invitation is taken back. Its link lets nobody in."))
    return redirect(home_url(request))


@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """A link that was pasted leads to its invitation."""
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
    kept = Invitation.objects.select_related("home", "invited_by")
    invited = kept.filter(token_hash=Invitation.hash_token(token)).first()
    if invited and user.is_authenticated and Membership.objects.for_user(user).filter(home=invited.home).exists():
        return redirect("pixie:today", invited.home_id)
    if invited is None or invited.state != "open":
        return why_not(request, invited)
    return render(request, "homes/invitation.html", {"invitation": invited})


@login_required
def accept(request: HttpRequest, token: str) -> HttpResponse:
    try:
        member = actions.accept_invitation(token, cast("User", request.user), origin=Origin.BROWSER)
    except ActionError as refusal:
        return render(request, "homes/not_invited.html", {"why": refusal, "join_form": JoinForm()}, status=410)
    messages.success(request, _("Welcome to %(home)s.") % {"home": member.home})
    return redirect("pixie:today", member.home_id)


def why_not(request: HttpRequest, invited: Invitation | None) -> HttpResponse:
    """The sentence for a link that lets nobody in, and a way on."""
    why = (
        actions.INVITATION_ERRORS[invited.state]
        if invited
        else _("This link is not an invitation. Was all of it copied?")
    )
    context = {"why": why, "join_form": JoinForm()}
    return render(request, "homes/not_invited.html", context, status=410 if invited else 404)
