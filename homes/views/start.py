"""The start page, the share target and the page for a new home."""

from uuid import uuid4

from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods, require_safe

from homes.accounts.models import User
from homes.actions import create_home
from homes.decorators import LAST_HOME, SignedInRequest, op_id
from homes.events.models import Origin
from homes.forms import JoinForm, NewHomeForm
from homes.models import Membership
from pantry.money import guess_currency
from pantry.text import clean_text


@require_safe
def start(request: HttpRequest, place: str = "pixie:today") -> HttpResponse:
    """Redirect to a page of the user's last home, so that app shortcuts work without a home in their URL."""
    if not request.user.is_authenticated:
        return redirect("account_login") if request.path == "/" else redirect_to_login(request.get_full_path())
    member = last_membership(request.user, request.session)
    return redirect(place, member.home_id) if member else redirect("homes:new")


@require_safe
def share(request: HttpRequest) -> HttpResponse:
    """Prefill the list's add field with what another app shares; the user still has to submit it."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path())
    member = last_membership(request.user, request.session)
    if member is None:
        return redirect("homes:new")
    texts = [clean_text(request.GET.get(name, "")) for name in ("title", "text", "url")]
    lines = [text for at, text in enumerate(texts) if text and not any(text in later for later in texts[at + 1 :])]
    return redirect(reverse("groceries:current", args=[member.home_id], query={"add": "\n".join(lines)}))


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def new(request: SignedInRequest) -> HttpResponse:
    form = NewHomeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        zone = form.cleaned_data["timezone"]
        fields = {"name": form.cleaned_data["name"], "locale": get_language() or "en"}
        if zone:
            fields |= {"timezone": zone, "currency": guess_currency(zone)}
        owner = create_home(request.user, origin=Origin.BROWSER, pk=op_id(request), **fields)
        return redirect("pixie:today", owner.home_id)
    other = last_membership(request.user, request.session)
    context = {"form": form, "join_form": JoinForm(), "other": other, "op_id": uuid4()}
    return render(request, "homes/new.html", context, status=422 if form.errors else 200)


def last_membership(user: User, session: SessionBase) -> Membership | None:
    """Return the membership of the home opened last in this session, or else of the one joined first."""
    members = Membership.objects.for_user(user)
    last = session.get(LAST_HOME)
    member: Membership | None = members.filter(home=last).first() if last else None
    return member or members.first()
