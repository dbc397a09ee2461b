"""The front door: where one is led, and how a home begins."""

from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from homes.access import LAST_HOME, SignedInRequest, op_id
from homes.actions import create_home
from homes.currencies import currency_of
from homes.forms import JoinForm, NewHomeForm
from homes.models import Door, Membership, User


@require_safe
def start(request: HttpRequest) -> HttpResponse:
    if not request.user.is_authenticated:
        return redirect("account_login")
    member = last_membership(request.user, request.session)
    return redirect("pixie:today", member.home_id) if member else redirect("homes:new")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: SignedInRequest) -> HttpResponse:
    form = NewHomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        zone = form.cleaned_data["timezone"]
        guessed = {"timezone": zone, "currency": currency_of(zone)} if zone else {}
        said = {"name": form.cleaned_data["name"], "locale": get_language() or "en", **guessed}
        owner = create_home(request.user, door=Door.BROWSER, pk=op_id(request), **said)
        return redirect("pixie:today", owner.home_id)
    other = last_membership(request.user, request.session)
    context = {"form": form, "join_form": JoinForm(), "other": other, "op_id": uuid4()}
    return render(request, "homes/new.html", context, status=422 if form.errors else 200)


def last_membership(user: User, session: SessionBase) -> Membership | None:
    """In the home that this browser looked at last; else in the first one that the person joined."""
    members = Membership.objects.of(user)
    last = session.get(LAST_HOME)
    member: Membership | None = members.filter(home=last).first() if last else None
    return member or members.first()
