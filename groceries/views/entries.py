"""Purchase, put back, step, edit and remove one entry."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from groceries.actions import (
    change_entry,
    purchase_entry,
    put_back_entry,
    remove_entry,
    step_entry,
    update_item,
)
from groceries.forms import EntryForm
from groceries.models import Category, ListEntry
from groceries.views.list import render_list, respond
from homes.decorators import MemberRequest, member_required
from pantry.errors import ActionError


def get_entry(request: MemberRequest, list_id: UUID, entry_id: UUID) -> ListEntry:
    entries = ListEntry.objects.visible_to(request.member).select_related("list", "item__category")
    entry: ListEntry = get_object_or_404(entries, pk=entry_id, list=list_id)
    return entry


def _action_view(act: Callable[[MemberRequest, ListEntry], Any]) -> Callable[..., HttpResponse]:
    """Return a view that runs an action on an entry and responds with its list."""

    @require_POST
    @member_required
    def view(request: MemberRequest, list_id: UUID, entry_id: UUID) -> HttpResponse:
        entry = get_entry(request, list_id, entry_id)
        try:
            act(request, entry)
        except ActionError as error:
            return render_list(request, entry.list, error=str(error))
        return respond(request, entry.list)

    return view


def _purchase(request: MemberRequest, entry: ListEntry) -> None:
    purchased = purchase_entry(entry, by=request.actor)
    if purchased.purchased_by and purchased.purchased_by != request.user:
        name = purchased.purchased_by.get_short_name()
        messages.info(request, _("%(name)s just took %(item)s.") % {"name": name, "item": purchased.item})


def _remove(request: MemberRequest, entry: ListEntry) -> None:
    remove_entry(entry, by=request.actor)
    undo_url = reverse("groceries:put_back", args=[request.home.pk, entry.list_id, entry.pk])
    messages.success(request, _("%(item)s is off the list.") % {"item": entry.item}, extra_tags=undo_url)


purchase = _action_view(_purchase)
put_back = _action_view(lambda request, entry: put_back_entry(entry, by=request.actor))
more = _action_view(lambda request, entry: step_entry(entry, 1, by=request.actor))
less = _action_view(lambda request, entry: step_entry(entry, -1, by=request.actor))
remove = _action_view(_remove)


@member_required
def edit(request: MemberRequest, list_id: UUID, entry_id: UUID) -> HttpResponse:
    """Edit the amount, note and aisle of an entry and, if it is purchased, its price."""
    entry = get_entry(request, list_id, entry_id)
    form = EntryForm(entry, request.home, request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            save_fields(request, entry, fields.pop("category"), fields)
        except ActionError as error:
            form.add_error(None, str(error))
        else:
            return redirect("groceries:list", request.home.pk, list_id)
    status = 422 if form.is_bound else 200
    context = {"form": form, "entry": entry, "list": entry.list, "tab": "lists", "units": UNITS}
    return render(request, "groceries/entry_edit.html", context, status=status)


@transaction.atomic
def save_fields(request: MemberRequest, entry: ListEntry, category: Category, fields: dict[str, Any]) -> None:
    """Change an entry and, unless it became another item, its aisle, in one transaction."""
    name = fields.pop("name") or entry.item.name
    changed = change_entry(entry, by=request.actor, **{**fields, "name": name, "unit": fields["unit"] or "piece"})
    if changed.item_id == entry.item_id and changed.item.category_id != category.pk:
        update_item(changed.item, by=request.actor, category=category)


UNITS = ["pack", "dozen", "kg", "g", "liter", "ml", "bottle", "bunch", "can", "bag", "box", "jar"]
