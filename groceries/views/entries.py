"""One entry: into the basket, back, more, less, changed, removed."""

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
from groceries.views.list import after, show
from homes.decorators import MemberRequest, member_required
from pantry.errors import ActionError


def get_entry(request: MemberRequest, list_id: UUID, entry_id: UUID) -> ListEntry:
    entries = ListEntry.objects.visible_to(request.member).select_related("list", "item__category")
    found: ListEntry = get_object_or_404(entries, pk=entry_id, list=list_id)
    return found


def _button(verb: Callable[[MemberRequest, ListEntry], Any]) -> Callable[..., HttpResponse]:
    """A view that presses one button of a row: the action, then the list as it is now."""

    @require_POST
    @member_required
    def press(request: MemberRequest, list_id: UUID, entry_id: UUID) -> HttpResponse:
        entry = get_entry(request, list_id, entry_id)
        try:
            verb(request, entry)
        except ActionError as refusal:
            return show(request, entry.list, error=str(refusal))
        return after(request, entry.list)

    return press


def _purchase(request: MemberRequest, entry: ListEntry) -> None:
    taken = purchase_entry(entry, by=request.actor)
    if taken.purchased_by and taken.purchased_by != request.user:
        who = taken.purchased_by.get_short_name()
        messages.info(request, _("%(name)s just took %(item)s.") % {"name": who, "item": taken.item})


def _remove(request: MemberRequest, entry: ListEntry) -> None:
    remove_entry(entry, by=request.actor)
    back = reverse("groceries:put_back", args=[request.home.pk, entry.list_id, entry.pk])
    messages.success(request, _("%(item)s is off the list.") % {"item": entry.item}, extra_tags=back)


purchase = _button(_purchase)
put_back = _button(lambda request, entry: put_back_entry(entry, by=request.actor))
more = _button(lambda request, entry: step_entry(entry, 1, by=request.actor))
less = _button(lambda request, entry: step_entry(entry, -1, by=request.actor))
remove = _button(_remove)


@member_required
def edit(request: MemberRequest, list_id: UUID, entry_id: UUID) -> HttpResponse:
    """How much, the unit, a note, the aisle and, once it is bought, the price."""
    entry = get_entry(request, list_id, entry_id)
    form = EntryForm(entry, request.home, request.POST or None)
    if request.method == "POST" and form.is_valid():
        fields = form.cleaned_data
        try:
            change(request, entry, fields.pop("category"), fields)
        except ActionError as refusal:
            form.add_error(None, str(refusal))
        else:
            return redirect("groceries:list", request.home.pk, list_id)
    status = 422 if form.is_bound else 200
    context = {"form": form, "entry": entry, "list": entry.list, "tab": "lists", "units": UNITS}
    return render(request, "groceries/entry_edit.html", context, status=status)


@transaction.atomic
def change(request: MemberRequest, entry: ListEntry, category: Category, fields: dict[str, Any]) -> None:
    """The entry's own fields and, unless it became another item, the aisle: all or, when one is refused, none."""
    name = fields.pop("name") or entry.item.name
    changed = change_entry(entry, by=request.actor, **{**fields, "name": name, "unit": fields["unit"] or "piece"})
    if changed.item_id == entry.item_id and changed.item.category_id != category.pk:
        update_item(changed.item, by=request.actor, category=category)


UNITS = ["pack", "dozen", "kg", "g", "liter", "ml", "bottle", "bunch", "can", "bag", "box", "jar"]
