"""Pages of the home's items. Every change can be undone from its toast."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from groceries.actions import merge_items, remove_item, update_item
from groceries.actions.merging import is_undoable, missing_fields, pairs_on_lists
from groceries.forms import ItemForm
from groceries.models import EntryState, Item, ListEntry, RecurringItem
from groceries.prices import price_history
from groceries.views.lists import SUGGESTED_UNITS, parse_id
from groceries.views.recurring import offer_undo
from homes.decorators import MemberRequest, error_messages, member_form, member_page
from homes.operations import operation
from pantry.forms import form_errors, render_form

MAX_ITEMS = 100  # on a page


@member_page
def items(request: MemberRequest) -> HttpResponse:
    """List the items, or those that a text finds."""
    template = "groceries/_items.html" if request.htmx else "groceries/items.html"
    return render(request, template, {**find_items(request), "tab": "lists"})


@member_form
def item(request: MemberRequest, item_id: UUID) -> HttpResponse:
    """Change an item."""
    thing, by = get_item(request, item_id), operation(request)
    form = ItemForm(request.POST or None, item=thing)
    if form.is_valid():
        with form_errors(form):
            changed = update_item(thing, by=by, **form.changes)
            offer_undo(request, by, _("%(item)s is changed.") % {"item": changed})
            return redirect("groceries:items", request.home.pk)
    rules = RecurringItem.objects.filter(item=thing).order_by("next_due_at")
    prices = price_history(thing, request.home)
    context = {"item": thing, "rules": rules, "prices": prices, "units": SUGGESTED_UNITS, "tab": "lists"}
    return render_form(request, "groceries/item.html", form, **context)


@member_form
def merge(request: MemberRequest, item_id: UUID) -> HttpResponse:
    """Choose the item that stays, show what will happen, and merge on POST."""
    thing, status = get_item(request, item_id), 200
    into = find_other(request, thing)
    if request.method == "POST" and into is not None:
        by = operation(request)
        with error_messages(request):
            is_final = not is_undoable(thing)
            merged, text = merge_items(thing, into, by=by), _("%(item)s is part of %(other)s now.")
            offer_undo(request, by, text % {"item": thing, "other": merged}, is_final=is_final)
            return redirect("groceries:item", request.home.pk, merged.pk)
        status = 422
    context = {"item": thing, "tab": "lists"}
    if into is None:
        template = "groceries/_merge_choices.html" if request.htmx else "groceries/item_merge.html"
        return render(request, template, {**context, **find_items(request, besides=thing)}, status=status)
    context["preview"] = MergePreview.of(thing, into)
    return render(request, "groceries/item_merge_confirm.html", context, status=status)


@member_form
def delete(request: MemberRequest, item_id: UUID) -> HttpResponse:
    """Ask on GET, delete on POST."""
    thing, by = get_item(request, item_id), operation(request)
    if request.method == "POST":
        with error_messages(request):
            remove_item(thing, by=by)
            offer_undo(request, by, _("Deleted “%(item)s”.") % {"item": thing})
            return redirect("groceries:items", request.home.pk)
    context = {"item": thing, "counts": count_uses(thing), "tab": "lists"}
    return render(request, "groceries/item_delete.html", context, status=422 if request.method == "POST" else 200)


def find_items(request: MemberRequest, besides: Item | None = None) -> dict[str, Any]:
    """Return the page of items that the request asks for, and the text that they match."""
    text, rows = request.GET.get("q", "").strip(), Item.objects.visible_to(request.member)
    if text:
        rows = rows.matching(text, request.home)
    if besides is not None:
        rows = rows.exclude(pk=besides.pk)
    rows = rows.select_related("category").prefetch_related("aliases").annotate(rule_count=Count("recurring"))
    page: Page[Item] = Paginator(rows.order_by("search_key", "id"), MAX_ITEMS).get_page(request.GET.get("page"))
    return {"page": page, "query": text}


def get_item(request: MemberRequest, item_id: UUID) -> Item:
    rows: Any = Item.objects.visible_to(request.member).select_related("category", "home")
    return get_object_or_404(rows, pk=item_id)


def find_other(request: MemberRequest, thing: Item) -> Item | None:
    """Return the item that the request chooses to merge with."""
    pk = parse_id(request.POST.get("into") or request.GET.get("into", ""))
    others: Any = Item.objects.visible_to(request.member).select_related("category", "home")
    return others.filter(pk=pk).exclude(pk=thing.pk).first()


def count_uses(thing: Item) -> dict[str, int]:
    """Return how many entries, purchases and recurring items the item has."""
    states = {"pending": EntryState.PENDING, "purchased": EntryState.PURCHASED}
    counts = {name: Count("pk", filter=Q(state=state)) for name, state in states.items()}
    return {
        **ListEntry.objects.filter(item=thing).aggregate(**counts),
        "rules": RecurringItem.objects.filter(item=thing).count(),
    }


@dataclass(frozen=True)
class MergePreview:
    """A preview of merging an item into another one. `result` is that one as it will be, unsaved."""

    into: str
    into_id: UUID
    result: Item
    uses: dict[str, int]
    added_up: int
    is_undoable: bool

    @classmethod
    def of(cls, thing: Item, into: Item) -> "MergePreview":
        added_up = sum(1 for _pair in pairs_on_lists(thing, into))
        into.assign(**missing_fields(thing, into))
        return cls(into.name, into.pk, into, count_uses(thing), added_up, is_undoable(thing))
