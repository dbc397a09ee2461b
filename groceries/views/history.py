"""Pages of what happened on a list, and of the list as it was."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import ngettext

from groceries.actions import bring_back
from groceries.forms import MomentForm
from groceries.history import PastList, events_of, list_as_it_was
from groceries.models import GroceryList
from groceries.views.lists import get_list, redirect_to, undo_url
from homes.activity import page_of
from homes.decorators import MemberRequest, error_messages, member_form, member_page
from homes.views import requested_seq


@member_page
def history(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Show what happened on the list, newest first; `?before=812` goes on with what was before that event."""
    grocery_list = get_list(request, list_id)
    events, before = events_of(grocery_list), requested_seq(request)
    if before is not None:
        events = events.filter(seq__lt=before)
    happenings, older = page_of(events, request.home)
    context = {"list": grocery_list, "happenings": happenings, "older": older, "form": MomentForm(), "tab": "lists"}
    return render(request, "groceries/history.html", context)


@member_form
def past(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Show the list as it was `?at=2026-11-24T18:00`, or `?before=812`, an event. A POST brings back what is gone of
    it: the entries that it names, or all."""
    grocery_list, status = get_list(request, list_id), 200
    form = MomentForm(request.GET if "at" in request.GET else None)
    then = _requested_list(request, grocery_list, form)
    if request.method == "POST" and then is not None:
        with error_messages(request):
            chosen = set(request.POST.getlist("entry"))
            entries = [entry for entry in then.gone if not chosen or str(entry.id) in chosen]
            n = len(bring_back(grocery_list, entries, by=request.actor))
            text = ngettext("%(n)d item is back.", "%(n)d items are back.", n) % {"n": n}
            messages.success(request, text, extra_tags=undo_url(request) if n else "")
            return redirect_to(request, "list", grocery_list)
        status = 422
    context = {"list": grocery_list, "then": then, "form": form, "op_id": uuid4(), "tab": "lists"}
    if form.errors:
        status = 422
    return render(request, "groceries/past.html", context, status=status)


def _requested_list(request: MemberRequest, grocery_list: GroceryList, form: MomentForm) -> PastList | None:
    if (before := requested_seq(request)) is not None:
        return list_as_it_was(grocery_list, before=before)
    return list_as_it_was(grocery_list, at=form.cleaned_data["at"]) if form.is_valid() else None
