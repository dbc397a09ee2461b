"""Operations of pages: what a member does in one step, which can be undone as a whole."""

from dataclasses import replace
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from homes.decorators import MemberRequest, error_messages
from homes.events.actor import Actor
from homes.events.undo import undo_operation
from pantry.errors import ActionError


def operation(request: MemberRequest) -> Actor:
    """Return the actor of an operation that can be undone as a whole."""
    return replace(request.actor, op_id=request.actor.op_id or uuid4())


def undo_and_report(request: MemberRequest, op_id: UUID) -> None:
    """Undo an operation of the member's own, and say in a toast whether that worked."""
    with error_messages(request):
        if not undo_operation(op_id, by=request.actor):
            raise ActionError(_("There is nothing left to undo: it was changed back already."))
        messages.success(request, _("Undone."))


def redirect_to_next(request: MemberRequest, otherwise: str) -> HttpResponse:
    """Redirect to the page of ours that the form names in `next`, else to the URL `otherwise`."""
    url = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()})
    return redirect(url if is_ours else otherwise)
