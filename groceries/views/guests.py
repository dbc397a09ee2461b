"""The page of a guest, and the page on which members share a list with guests.

A guest has no session. The link's token opens one list and nothing else: every row is looked up among its entries.
"""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from groceries.actions import add_lines, create_guest_link, purchase_entry, put_back_entry, revoke_guest_link
from groceries.actions.guests import guest_actor
from groceries.actions.items import read_lines
from groceries.forms import GuestLinkForm
from groceries.list_presenter import ListPresenter
from groceries.models import EntryState, GroceryList, GuestLink
from groceries.views.lists import get_list, parse_id
from homes.decorators import MemberRequest, error_messages, member_form, member_post, op_id
from pantry.api.throttles import client_address, count_or_refuse, identify
from pantry.errors import ActionError, RateLimited
from pantry.forms import form_errors, render_form, with_retry_after

ENDED = {
    "revoked": gettext_lazy("This list isn't shared any more. Ask whoever sent you the link."),
    "expired": gettext_lazy("This link has expired. Ask whoever sent you the link for a new one."),
}


@require_http_methods(["GET", "HEAD", "POST"])
def guest(request: HttpRequest, token: str) -> HttpResponse:
    """Show the list to a guest; on POST, add the lines of `text`, or `tick` or `put_back` an entry."""
    try:
        count_or_refuse("pages", identify(client_address(request), None))
    except RateLimited as error:
        return with_retry_after(render(request, "429.html", {"error": error}), error)
    link = GuestLink.objects.with_token(token)
    if link is None:
        message = _("This isn't a link to a list. Did you copy all of it?")
        return render(request, "groceries/guest_ended.html", {"why": message}, status=404)
    if (state := link.state) != "open":
        return render(request, "groceries/guest_ended.html", {"why": ENDED[state]}, status=410)
    typed, status = "", 200
    with timezone.override(link.home.zone):
        if request.method == "POST":
            with error_messages(request):
                change(request, link)
                return redirect("guest", token)
            typed, status = request.POST.get("text", ""), 422
        presenter = ListPresenter(link.home, link.list)
        context = {
            "link": link,
            "token": token,
            "list": link.list,
            "presenter": presenter,
            "typed": typed,
            "op_id": uuid4(),
        }
        return render(request, "groceries/guest.html", context, status=status)


def change(request: HttpRequest, link: GuestLink) -> None:
    """Raises ActionError for what the guest may not do, or what does not work."""
    if not link.can_change:
        raise ActionError(_("With this link you can look at the list, but not change it."))
    by = guest_actor(link, address=client_address(request), op_id=op_id(request))
    for name, act in (("tick", purchase_entry), ("put_back", put_back_entry)):
        if (pk := parse_id(request.POST.get(name, ""))) is not None:
            entry = link.list.entries.exclude(state=EntryState.REMOVED).filter(pk=pk).first()
            if entry is None:
                raise ActionError(_("That isn't on the list any more."))
            act(entry, by=by)
            return
    add_lines(link.list, read_lines(request.POST.get("text", ""), link.home), by=by)


@member_form
def guests(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Show the list's links, with a form for a new one. Its address is shown in the response only."""
    grocery_list = get_list(request, list_id)
    form, address = GuestLinkForm(request.POST or None), ""
    if form.is_valid():
        with form_errors(form, "name"):
            _link, token = create_guest_link(grocery_list, by=request.actor, **form.cleaned_data)
            address = request.build_absolute_uri(reverse("guest", args=[token]))
    context: dict[str, Any] = {"list": grocery_list, "links": open_links(grocery_list), "tab": "lists"}
    if address:
        context |= {"address": address, "name": form.cleaned_data["name"]}
        form = GuestLinkForm()
    return render_form(request, "groceries/guests.html", form, **context)


@member_post
def revoke(request: MemberRequest, list_id: UUID, link_id: UUID) -> HttpResponse:
    grocery_list = get_list(request, list_id)
    link = get_object_or_404(GuestLink, pk=link_id, list=grocery_list)
    with error_messages(request):
        revoke_guest_link(link, by=request.actor)
        messages.success(request, _("The link for %(name)s no longer works.") % {"name": link.name})
    return redirect("groceries:guests", request.home.pk, grocery_list.pk)


def open_links(grocery_list: GroceryList) -> list[GuestLink]:
    links = grocery_list.guest_links.open().select_related("list", "created_by", "api_token").order_by("created_at")
    return [link for link in links if link.state == "open"]
