"""View decorators for members of a home."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django_htmx.middleware import HtmxDetails

from homes.accounts.backends import member_of
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.models import Home, Membership
from pantry.api.throttles import client_address, count_or_refuse, identify
from pantry.errors import ActionError, RateLimited
from pantry.forms import with_retry_after

LAST_HOME = "last_home"  # session key: the home opened last


class SignedInRequest(HttpRequest):
    user: User
    htmx: HtmxDetails


class MemberRequest(SignedInRequest):
    member: Membership
    home: Home
    actor: Actor


View = Callable[..., HttpResponseBase]


def sign_in_required(view: View) -> View:
    """Require a session. Anyone else signs in first and comes back: after a form, to the page with the form.

    Counts the request, and responds with 429 where it, or a change that no form of the view reports, is over its limit.
    """

    @wraps(view)
    def wrapped(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.is_authenticated:
            try:
                count_or_refuse("pages", identify(client_address(request), request.user))
                return view(request, *args, **kwargs)
            except RateLimited as error:
                page = render(request, "429.html", {"error": error})
                page["HX-Reswap"] = "none"
                return with_retry_after(page, error)
        if request.method != "POST":
            return redirect_to_login(request.get_full_path())
        messages.error(request, _("You were signed out, so nothing was changed. Sign in and try again."))
        page = request.htmx.current_url if request.htmx else request.headers.get("Referer")
        is_ours = url_has_allowed_host_and_scheme(page, allowed_hosts={request.get_host()})
        response = redirect_to_login(page if page and is_ours else request.get_full_path())
        return HttpResponse(headers={"HX-Redirect": response.url}) if request.htmx else response

    return wrapped


def member_required(view: View) -> View:
    """Require a signed-in member of home `home_id`; respond with 404 to everyone else.

    Sets `request.member`, `request.home` and `request.actor`, and activates the home's time zone. One query.
    """

    @sign_in_required
    @wraps(view)
    def wrapped(request: MemberRequest, home_id: UUID, *args: Any, **kwargs: Any) -> HttpResponseBase:
        member = member_of(request.user, home_id)
        if member is None:
            raise Http404
        member.user = request.user
        request.member, request.home = member, member.home
        request.actor = Actor.of(member, op_id=op_id(request), address=client_address(request))
        if request.session.get(LAST_HOME) != str(home_id):
            request.session[LAST_HOME] = str(home_id)
        with timezone.override(member.home.zone):
            return view(request, *args, **kwargs)

    return wrapped


def member_page(view: View) -> View:
    """`member_required`, for GET and HEAD."""
    return require_safe(member_required(view))


def member_post(view: View) -> View:
    """`member_required`, for POST."""
    return require_POST(member_required(view))


def member_form(view: View) -> View:
    """`member_required`, for the page of a form: GET, HEAD and POST."""
    return require_http_methods(["GET", "HEAD", "POST"])(member_required(view))


def op_id(request: HttpRequest) -> UUID | None:
    """Return the operation id of a form: its `op_id`, hashed with its values.

    A form submitted twice is one operation; submitted again with other values (after Back), it is another.
    """
    try:
        form_id = UUID(request.POST["op_id"])
    except (KeyError, ValueError):
        return None
    values = sorted((name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken")
    for name in request.FILES:
        values += ((name, f"{file.name} {file.size}") for file in request.FILES.getlist(name))
    return uuid5(form_id, repr((request.path, values)))


def show_action_errors(redirect_url: Callable[..., str]) -> Callable[[View], View]:
    """Show an ActionError or ValidationError as a message, and redirect to `redirect_url(request, …)`."""

    def decorate(view: View) -> View:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            try:
                return view(request, *args, **kwargs)
            except (ActionError, ValidationError) as error:
                messages.error(request, " ".join(getattr(error, "messages", [str(error)])))
            return HttpResponseRedirect(redirect_url(request, *args, **kwargs))

        return wrapped

    return decorate


@contextmanager
def error_messages(request: HttpRequest) -> Iterator[None]:
    """Show an ActionError of the block as a message, and go on after the block."""
    try:
        yield
    except ActionError as error:
        messages.error(request, str(error))
