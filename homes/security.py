"""The page “Sign-in and security”: sessions, personal tokens, and closing the account."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.usersessions.adapter import get_adapter as get_sessions_adapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from homes.accounts.actions import create_api_token, end_sign_ins, revoke_api_token
from homes.accounts.credentials import hash_session_key
from homes.accounts.forms import TokenForm
from homes.accounts.models import ApiToken
from homes.accounts.user_agent import device_name
from homes.closing import Departure, close_account, export_account
from homes.decorators import SignedInRequest, View, error_messages, sign_in_required
from homes.export import json_chunks, spool
from homes.forms import CloseAccountForm
from homes.models import Home
from homes.views import last_membership
from pantry.db import consistent_reads
from pantry.forms import render_form

require_form_methods = require_http_methods(["GET", "HEAD", "POST"])
password_required: Callable[[View], View] = reauthentication_required(allow_get=True, app="allauth.account")


def page(request: SignedInRequest) -> dict[str, Any]:
    """Return the context of a page of the account: the navigation of the home opened last."""
    member = last_membership(request.user, request.session)
    return {"member": member, "home": member and member.home, "tab": "home"}


@require_safe
@sign_in_required
def security(request: SignedInRequest) -> HttpResponse:
    now, user = timezone.now(), request.user
    tokens = ApiToken.objects.filter(user=user, revoked_at=None).select_related("home").order_by("-created_at")
    codes = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    context = {
        "sessions": _sessions(request),
        "tokens": [{"token": token, "has_expired": (token.expires_at or now) < now} for token in tokens],
        "has_second_step": Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists(),
        "codes_left": len(RecoveryCodes(codes).get_unused_codes()) if codes else 0,
    }
    account = page(request)
    with timezone.override(account["home"] and account["home"].zone):
        return render(request, "homes/security.html", account | context)


def _sessions(request: SignedInRequest) -> list[dict[str, Any]]:
    """Return the open sessions, this one first, then the newest. Two queries."""
    is_open = Exists(Session.objects.filter(pk=OuterRef("session_key"), expire_date__gt=timezone.now()))
    rows = list(UserSession.objects.filter(is_open, user=request.user).order_by("-created_at"))
    key = hash_session_key(request.session.session_key or "")
    sessions = [
        {"row": row, "device": device_name(row.user_agent), "is_current": row.session_key == key} for row in rows
    ]
    return sorted(sessions, key=lambda session: not session["is_current"])


@require_POST
@sign_in_required
def end_session(request: SignedInRequest, pk: int) -> HttpResponse:
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    if session.session_key == hash_session_key(request.session.session_key or ""):
        logout(request)
        return redirect("account_login")
    get_sessions_adapter().end_sessions([session])
    messages.success(request, _("Signed out there."))
    return redirect("homes:security")


@require_POST
@sign_in_required
def end_others(request: SignedInRequest) -> HttpResponse:
    end_sign_ins(request.user, request=request)
    messages.success(request, _("You're signed out everywhere else."))
    return redirect("homes:security")


@require_form_methods
@sign_in_required
@password_required
def new_token(request: SignedInRequest) -> HttpResponse:
    """Create a token. Renders its key instead of redirecting, as it is not stored and shown only once."""
    form = TokenForm(request.POST or None, homes=Home.objects.for_user(request.user))
    if request.method != "POST" or not form.is_valid():
        return render_form(request, "homes/token_new.html", form, **page(request))
    token, key = create_api_token(request.user, **form.cleaned_data)
    get_adapter().send_notification_mail("account/email/token_created", request.user, {"token": token})
    return render(request, "homes/token_made.html", page(request) | {"token": token, "key": key})


@require_POST
@sign_in_required
def revoke_token(request: SignedInRequest, pk: UUID) -> HttpResponse:
    revoke_api_token(get_object_or_404(ApiToken, pk=pk, user=request.user))
    messages.success(request, _("Token revoked."))
    return redirect("homes:security")


@require_form_methods
@sign_in_required
@password_required
def close(request: SignedInRequest) -> HttpResponse:
    departure = Departure.of(request.user)
    form = CloseAccountForm(
        request.POST if request.method == "POST" else None, homes=[member.home.name for member in departure.alone]
    )
    if request.method == "POST" and form.is_valid():
        with error_messages(request):
            close_account(request.user)
            logout(request)
            messages.success(request, _("Your account is closed."))
            return redirect("account_login")
        departure = Departure.of(request.user)
    return render_form(request, "homes/close.html", form, departure=departure, **page(request))


@require_safe
@sign_in_required
def export(request: SignedInRequest) -> HttpResponseBase:
    with error_messages(request):
        with consistent_reads():
            file = spool(json_chunks(export_account(request.user)), request.user.pk)
        return FileResponse(file, as_attachment=True, filename="account.json")
    return redirect("homes:security")
