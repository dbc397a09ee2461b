"""How a page admits a member: the one way from a URL to what the asker may see."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID, uuid5

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django_htmx.middleware import HtmxDetails

from homes.accounts.backends import member_of
from homes.accounts.models import User
from homes.events.actor import Actor
from homes.models import Home, Membership
from pantry.errors import ActionError

LAST_HOME = "last_home"  # in the session: the home that was looked at last


class SignedInRequest(HttpRequest):
    user: User
    htmx: HtmxDetails


class MemberRequest(SignedInRequest):
    """A request of a member of the home that the URL names."""

    member: Membership
    home: Home
    actor: Actor


View = Callable[..., HttpResponse]


def member_required(view: View) -> View:
    """Admit the members of home `home_id`; to everybody else the address leads nowhere (404).

    The view gets `request.member`, `request.home` and `request.actor`, and the home's clock is the time zone.
    Costs no query beside the one for the person.
    """

    @login_required
    @wraps(view)
    def admit(request: MemberRequest, home_id: UUID, *args: Any, **kwargs: Any) -> HttpResponse:
        member = member_of(request.user, home_id)
        if member is None:
            raise Http404
        member.user = request.user
        request.member, request.home = member, member.home
        request.actor = Actor.of(member, op_id=op_id(request))
        if request.session.get(LAST_HOME) != str(home_id):
            request.session[LAST_HOME] = str(home_id)
        with timezone.override(member.home.zone):
            return view(request, *args, **kwargs)

    return admit


def op_id(request: HttpRequest) -> UUID | None:
    """A form's `op_id` with all that the form says: the same press sent twice is one operation, another word typed
    into the same form (after the browser's Back) is another."""
    try:
        pressed = UUID(request.POST["op_id"])
    except (KeyError, ValueError):
        return None
    said = sorted((name, value) for name, value in request.POST.items() if name != "csrfmiddlewaretoken")
    return uuid5(pressed, repr((request.path, said)))


def show_action_errors(
    back: Callable[..., str],
) -> Callable[[Callable[..., HttpResponse]], Callable[..., HttpResponse]]:
    """Show what an action refused as a message, and go to `back(request, …)`."""

    def decorate(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except ActionError as refusal:
                messages.error(request, str(refusal))
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(back(request, *args, **kwargs))

        return wrapped

    return decorate
