"""The start page, the profile, and the page of a home with its settings, members and invitations."""

import re
from copy import copy
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from homes import actions, imports
from homes.accounts.forms import ProfileForm
from homes.accounts.models import User
from homes.activity import activity_of, page_of
from homes.decorators import (
    LAST_HOME,
    MemberRequest,
    SignedInRequest,
    error_messages,
    member_required,
    op_id,
    show_action_errors,
    sign_in_required,
)
from homes.events.models import Event, Origin
from homes.events.undo import undo_event
from homes.forms import ActivityForm, HomeForm, InviteForm, JoinForm, NewHomeForm
from homes.models import Home, Import, Invitation, Membership
from homes.operations import redirect_to_next
from pantry.api.throttles import client_address
from pantry.errors import ActionError
from pantry.forms import form_errors
from pantry.money import guess_currency
from pantry.text import clean_text

MAX_SEQ_DIGITS = 19
_WEB_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
require_form_methods = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def start(request: HttpRequest, place: str = "pixie:today") -> HttpResponse:
    """Redirect to a page of the user's last home, so that app shortcuts work without a home in their URL."""
    if not request.user.is_authenticated:
        return redirect("account_login") if request.path == "/" else redirect_to_login(request.get_full_path())
    member = last_membership(request.user, request.session)
    return redirect(place, member.home_id) if member else redirect("homes:new")


@require_safe
@sign_in_required
def share(request: SignedInRequest) -> HttpResponse:
    """Prefill the list's add field with what another app shares, or the fields for a text and a recipe if it has a web
    address; the user still has to submit it."""
    member = last_membership(request.user, request.session)
    if member is None:
        return redirect("homes:new")
    texts = [clean_text(request.GET.get(name, "")) for name in ("title", "text", "url")]
    lines = [text for at, text in enumerate(texts) if text and not any(text in later for later in texts[at + 1 :])]
    query = {"add": "\n".join(lines)}
    if len(urls := _WEB_ADDRESS.findall(query["add"])) == 1:  # perhaps of a recipe, which the page can read
        query |= {"text": _WEB_ADDRESS.sub("", query["add"]).strip(), "url": urls[0]}
    return redirect(reverse("groceries:current", args=[member.home_id], query=query))


@require_form_methods
@sign_in_required
def new(request: SignedInRequest) -> HttpResponse:
    form = NewHomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        zone = form.cleaned_data["timezone"]
        fields = {"name": form.cleaned_data["name"], "locale": get_language() or "en"}
        if zone:
            fields |= {"timezone": zone, "currency": guess_currency(zone)}
        with form_errors(form, "name"):
            owner = actions.create_home(request.user, origin=Origin.BROWSER, pk=op_id(request), **fields)
            return redirect("groceries:current", owner.home_id)
    other = last_membership(request.user, request.session)
    context = {"form": form, "join_form": JoinForm(), "other": other, "op_id": uuid4()}
    return render(request, "homes/new.html", context, status=422 if form.errors else 200)


@require_safe
@sign_in_required
def import_page(request: SignedInRequest) -> HttpResponse:
    """Show the user's latest import, with its progress, and the form for the next one."""
    job = Import.objects.defer("file").filter(user=request.user).order_by("-created_at").first()
    member = last_membership(request.user, request.session)
    context = {
        "job": job,
        "percent": job and 100 * job.done_rows // (job.total_rows or 1),
        "imported": job and job.home_id and Home.objects.for_user(request.user).filter(pk=job.home_id).first(),
        "max_bytes": settings.IMPORT_MAX_BYTES,
        "member": member,
        "home": member and member.home,
        "tab": "home",
    }
    return render(request, "homes/import.html#import" if request.htmx else "homes/import.html", context)


@require_POST
@sign_in_required
@show_action_errors(lambda request, pk: reverse("homes:import"))
def cancel_import(request: SignedInRequest, pk: UUID) -> HttpResponse:
    imports.cancel_import(get_object_or_404(Import.objects.defer("file"), pk=pk, user=request.user))
    return redirect("homes:import")


def last_membership(user: User, session: SessionBase) -> Membership | None:
    """Return the membership of the home opened last in this session, or else of the one joined first."""
    members = Membership.objects.for_user(user)
    last = session.get(LAST_HOME)
    member: Membership | None = members.filter(home=last).first() if last else None
    return member or members.first()


@require_form_methods
@sign_in_required
def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=copy(request.user))
    if request.method == "POST" and form.is_valid():
        actions.rename_user(request.user, address=client_address(request), **form.cleaned_data)
        messages.success(request, _("Profile saved."))
        return redirect("homes:profile")
    member = last_membership(request.user, request.session)
    context = {"form": form, "member": member, "home": member and member.home, "tab": "home"}
    return render(request, "homes/profile.html", context, status=422 if form.errors else 200)


def home_url(request: MemberRequest, **kwargs: Any) -> str:
    return reverse("homes:home", args=[request.home.pk])


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


home = require_safe(member_required(home_page))


@require_POST
@member_required
@show_action_errors(home_url)
def update(request: MemberRequest) -> HttpResponse:
    form = HomeForm(request.POST, instance=copy(request.home))
    if request.member.is_owner and not form.is_valid():
        return home_page(request, home_form=form, status=422)
    actions.update_home(request.home, by=request.actor, **getattr(form, "cleaned_data", {}))
    messages.success(request, _("Home settings saved."))
    return redirect(home_url(request))


def _open_invitations(request: MemberRequest) -> Any:
    if not request.member.is_owner:
        return []
    invitations = request.home.invitations.filter(accepted_at=None, revoked_at=None, expires_at__gt=timezone.now())
    invitations = invitations.select_related("invited_by", "api_token").order_by("created_at")
    return [invitation for invitation in invitations if invitation.state == "open"]


@require_POST
@member_required
@show_action_errors(home_url)
def role(request: MemberRequest, pk: UUID) -> HttpResponse:
    member = get_object_or_404(Membership.objects.visible_to(request.member), pk=pk)
    member = actions.change_role(member, request.POST.get("role", ""), by=request.actor)
    message = _("%(name)s is now an owner.") if member.is_owner else _("%(name)s is now a member.")
    messages.success(request, message % {"name": member})
    return redirect(home_url(request))


@require_form_methods
@member_required
@show_action_errors(home_url)
def remove(request: MemberRequest, pk: UUID) -> HttpResponse:
    member = get_object_or_404(Membership.objects.visible_to(request.member), pk=pk)
    if member == request.member:
        return redirect("homes:leave", request.home.pk)
    if request.method != "POST":
        return render(request, "homes/remove.html", {"tab": "home", "other": member})
    actions.remove_member(member, by=request.actor)
    messages.success(request, _("%(name)s is no longer in the home.") % {"name": member})
    return redirect(home_url(request))


@require_form_methods
@member_required
@show_action_errors(home_url)
def leave(request: MemberRequest) -> HttpResponse:
    if request.method != "POST":
        return render(request, "homes/leave.html", {"tab": "home"})
    actions.remove_member(request.member, by=request.actor)
    request.session.pop(LAST_HOME, None)
    messages.success(request, _("You left %(home)s.") % {"home": request.home})
    return redirect("homes:start")


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


@require_safe
@member_required
def activity(request: MemberRequest) -> HttpResponse:
    """Show what happened in the home, newest first: of one `?member=`, `?kind=` and `?day=`, `?before=` an event."""
    form = ActivityForm(request.GET, home=request.home)
    events = activity_of(request.member, **form.filters(), before=requested_seq(request))
    happenings, older = page_of(events, request.home)
    context = {"tab": "home", "form": form, "happenings": happenings, "older": older}
    return render(request, "homes/activity.html", context, status=422 if form.errors else 200)


@require_POST
@member_required
def undo(request: MemberRequest, seq: int) -> HttpResponse:
    """Undo an event, and return to the page that the form names."""
    event = get_object_or_404(Event.objects.visible_to(request.member), seq=seq)
    with error_messages(request):
        if not undo_event(event, by=request.actor):
            raise ActionError(_("There is nothing left to undo: it was changed back already."))
        messages.success(request, _("Undone."))
    return redirect_to_next(request, reverse("homes:activity", args=[request.home.pk]))


def requested_seq(request: HttpRequest) -> int | None:
    """Return the number of `?before=812`, if there is one."""
    text = request.GET.get("before", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < MAX_SEQ_DIGITS else None


@require_form_methods
def join(request: HttpRequest) -> HttpResponse:
    form = JoinForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("homes:invitation", form.cleaned_data["invitation"])
    return render(request, "homes/join.html", {"join_form": form}, status=422 if form.errors else 200)


@require_form_methods
@never_cache
def invitation(request: HttpRequest, token: str) -> HttpResponseBase:
    if request.method == "POST":
        return accept(request, token)
    invitations = Invitation.objects.select_related("home", "invited_by")
    invitation = invitations.filter(token_hash=Invitation.hash_token(token)).first()
    if invitation is None:
        return _render_error(request, actions.INVITATION_ERRORS["unknown"], status=404)
    if (
        request.user.is_authenticated
        and Membership.objects.for_user(request.user).filter(home=invitation.home).exists()
    ):
        return redirect("pixie:today", invitation.home_id)
    if (state := invitation.current_state()) != "open":
        return _render_error(request, actions.INVITATION_ERRORS[state], status=410)
    return render(request, "homes/invitation.html", {"invitation": invitation})


@sign_in_required
def accept(request: HttpRequest, token: str) -> HttpResponse:
    assert isinstance(request.user, User)
    try:
        member = actions.accept_invitation(token, request.user, origin=Origin.BROWSER)
    except ActionError as error:
        return _render_error(request, error, status=410)
    messages.success(request, _("Welcome to %(home)s.") % {"home": member.home})
    return redirect("pixie:today", member.home_id)


def _render_error(request: HttpRequest, message: object, *, status: int) -> HttpResponse:
    """Render the page of a link that doesn't work, with a form for another one."""
    return render(request, "homes/not_invited.html", {"why": message, "join_form": JoinForm()}, status=status)
