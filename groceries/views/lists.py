"""Pages of lists and their entries, and the page for shopping."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from groceries.actions import (
    add_entry,
    assign_entry,
    change_entry,
    change_list_state,
    claim_aisle,
    create_list,
    end_shopping,
    purchase_entry,
    put_back_entry,
    release_aisle,
    remove_entry,
    rename_list,
    start_next_list,
    start_shopping,
    step_entry,
    update_item,
)
from groceries.actions.items import read_lines
from groceries.attachments import ENTRY, file_context
from groceries.forms import EntryForm, ListForm, TotalForm
from groceries.labels import label_lists
from groceries.list_presenter import ListPresenter
from groceries.models import Category, GroceryList, ListEntry, ListState
from groceries.suggestions import suggest
from homes.decorators import MemberRequest, View, error_messages, member_form, member_page, member_post
from pantry.errors import ActionError
from pantry.forms import form_errors, render_form

MAX_PREVIEW_LINES = 8
MAX_COMPLETED_LISTS = 20
SUGGESTED_UNITS = ["pack", "dozen", "kg", "g", "liter", "ml", "bottle", "bunch", "can", "bag", "box", "jar"]


@member_page
def current(request: MemberRequest) -> HttpResponse:
    """Redirect to the current list, or to its page “Paste a text” if a web address was shared; to all lists if there is
    no current one."""
    grocery_list = GroceryList.objects.visible_to(request.member).current()
    if grocery_list and "url" in request.GET:
        shared = {name: request.GET.get(name, "") for name in ("text", "url")}
        return redirect(reverse("groceries:paste", args=[request.home.pk, grocery_list.pk], query=shared))
    name, ids = ("groceries:list", [grocery_list.pk]) if grocery_list else ("groceries:lists", [])
    return redirect(reverse(name, args=[request.home.pk, *ids], query=request.GET))


@member_page
def list_page(request: MemberRequest, list_id: UUID) -> HttpResponse:
    return render_list(request, get_list(request, list_id))


@member_page
def preview(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Show what the text in the field would add."""
    get_list(request, list_id)
    try:
        lines, error = read_lines(request.GET.get("text", ""), request.home), ""
    except ActionError as refused:
        lines, error = [], str(refused)
    more = max(0, len(lines) - MAX_PREVIEW_LINES)
    context = {"lines": lines[:MAX_PREVIEW_LINES], "more": more, "error": error}
    return render(request, "groceries/_understood.html", context)


@member_page
def suggestions(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Show what may be meant by the text in the field or, before there is any, what the home usually buys."""
    suggested = suggest(get_list(request, list_id), request.GET.get("text", ""), get_language() or "")
    return render(request, "groceries/_suggestions.html", {"suggestions": suggested})


@member_form
def lists(request: MemberRequest) -> HttpResponse:
    form = ListForm(request.POST or None)
    if form.is_valid():
        grocery_list = create_list(form.cleaned_data["name"], by=request.actor)
        return redirect(reverse("groceries:list", args=[request.home.pk, grocery_list.pk], query=request.GET))
    visible = GroceryList.objects.visible_to(request.member)
    counted = visible.with_counts()
    done = counted.filter(state=ListState.COMPLETED).order_by("-completed_at")
    done_count = visible.filter(state=ListState.COMPLETED).count()
    context = {
        "open": label_lists(counted.open()),
        "templates": counted.filter(is_template=True).order_by("name", "created_at"),
        "done": done if "all" in request.GET else done[:MAX_COMPLETED_LISTS],
        "done_count": done_count,
        "more": done_count > MAX_COMPLETED_LISTS and "all" not in request.GET,
        "archived_count": GroceryList.objects.archived_in(request.member).count(),
        "op_id": uuid4(),
        "tab": "lists",
    }
    return render_form(request, "groceries/lists.html", form, **context)


@member_form
def rename(request: MemberRequest, list_id: UUID) -> HttpResponse:
    grocery_list = get_list(request, list_id)
    form = ListForm(request.POST or None, initial={"name": grocery_list.name})
    if form.is_valid():
        rename_list(grocery_list, form.cleaned_data["name"], by=request.actor)
        return redirect("groceries:list", request.home.pk, list_id)
    return render_form(request, "groceries/list_rename.html", form, list=grocery_list, tab="lists")


@member_post
def start_next(request: MemberRequest, list_id: UUID) -> HttpResponse:
    grocery_list = get_list(request, list_id)
    with error_messages(request):
        next_list = start_next_list(grocery_list, by=request.actor)
        text = _("“%(list)s” has what was not bought.") % {"list": next_list}
        messages.success(request, text, extra_tags=undo_url(request))
        return redirect_to(request, "list", next_list)
    return render_list(request, grocery_list, status=422)


@member_form
def edit(request: MemberRequest, list_id: UUID, entry_id: UUID) -> HttpResponse:
    """Edit the amount, note and aisle of an entry and, if it is purchased, its price."""
    entry = get_entry(request, list_id, entry_id)
    form = EntryForm(request.POST or None, entry=entry)
    if form.is_valid():
        with form_errors(form):
            save_fields(request, entry, **form.cleaned_data)
            return redirect("groceries:list", request.home.pk, list_id)
    context = {"entry": entry, "list": entry.list, "tab": "lists", "units": SUGGESTED_UNITS}
    return render_form(request, "groceries/entry_edit.html", form, **context, **file_context(ENTRY, entry))


@transaction.atomic
def save_fields(request: MemberRequest, entry: ListEntry, *, category: Category, name: str, **fields: Any) -> None:
    """Change an entry, who gets it and, unless it became another item, its aisle, in one transaction."""
    who = [fields.pop("assigned_to")] if "assigned_to" in fields else []
    fields = {**fields, "name": name, "unit": fields["unit"] or "piece"}
    changed = change_entry(entry, by=request.actor, **fields)
    for user in who:
        changed = assign_entry(changed, user, by=request.actor)
    if changed.item_id == entry.item_id and changed.item.category_id != category.pk:
        update_item(changed.item, by=request.actor, category=category)


@member_form
def shop(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Show the page for shopping on GET, start a trip and notify the others on POST."""
    grocery_list = get_list(request, list_id)
    if request.method == "POST":
        with error_messages(request):
            start_shopping(grocery_list, by=request.actor)
    elif grocery_list.is_open:
        return render_list(request, grocery_list)
    return redirect_to(request, "shop" if grocery_list.is_open else "list", grocery_list)


@member_form
def shop_done(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Ask for the total of the receipt, which may stay empty, and end the trip."""
    grocery_list = get_list(request, list_id)
    form = TotalForm(request.POST if request.method == "POST" else None, home=request.home)
    if form.is_valid():
        with form_errors(form, "total"):
            end_shopping(grocery_list, by=request.actor, total=form.cleaned_data["total"])
            return redirect_to(request, "list", grocery_list)
    back = reverse("groceries:shop", args=[request.home.pk, list_id])
    return render_form(request, "groceries/total.html", form, list=grocery_list, back=back, tab="lists")


# Changes after which the list is shown


def list_action(act: Callable[..., None]) -> View:
    """Return a view that calls `act(request, grocery_list, **kwargs)` and shows the list, or the error above it."""

    @member_post
    def view(request: MemberRequest, list_id: UUID, **kwargs: Any) -> HttpResponse:
        with error_messages(request):
            act(request, get_list(request, list_id), **kwargs)
            return respond(request, get_list(request, list_id))
        return render_list(request, get_list(request, list_id), status=422)

    return view


@list_action
@transaction.atomic
def add(request: MemberRequest, grocery_list: GroceryList) -> None:
    """Add all lines or, if one of them is invalid, none."""
    lines = read_lines(request.POST.get("pick") or request.POST.get("text", ""), request.home)
    if not lines:
        raise ActionError(_("What should go on the list?"))
    for index, line in enumerate(lines):
        actor = request.actor.sub_operation(index)
        add_entry(grocery_list, line.name, by=actor, quantity=line.quantity, unit=line.unit, note=line.note)


@list_action
def state(request: MemberRequest, grocery_list: GroceryList) -> None:
    before = grocery_list.state
    changed = change_list_state(grocery_list, request.POST.get("state", ""), by=request.actor)
    if changed.state == ListState.COMPLETED != before:
        text = _("“%(list)s” is complete.") % {"list": changed}
        messages.success(request, text, extra_tags=undo_url(request))
    if before == ListState.APPROVED and changed.state == ListState.DRAFT:
        messages.success(request, _("The list is a draft again, no longer approved."), extra_tags=undo_url(request))


@list_action
def claim(request: MemberRequest, grocery_list: GroceryList, category_id: UUID) -> None:
    claim_aisle(grocery_list, get_object_or_404(Category, home=request.home, pk=category_id), by=request.actor)


@list_action
def release(request: MemberRequest, grocery_list: GroceryList, category_id: UUID) -> None:
    release_aisle(grocery_list, get_object_or_404(Category, home=request.home, pk=category_id), by=request.actor)


@list_action
def purchase(request: MemberRequest, grocery_list: GroceryList, entry_id: UUID) -> None:
    entry = purchase_entry(get_entry(request, grocery_list.pk, entry_id), by=request.actor)
    if entry.purchased_by and entry.purchased_by != request.user:
        name = entry.purchased_by.get_short_name()
        messages.info(request, _("%(name)s just took %(item)s.") % {"name": name, "item": entry.item})


@list_action
def put_back(request: MemberRequest, grocery_list: GroceryList, entry_id: UUID) -> None:
    put_back_entry(get_entry(request, grocery_list.pk, entry_id), by=request.actor)


@list_action
def step(request: MemberRequest, grocery_list: GroceryList, entry_id: UUID, steps: int) -> None:
    step_entry(get_entry(request, grocery_list.pk, entry_id), steps, by=request.actor)


@list_action
def remove(request: MemberRequest, grocery_list: GroceryList, entry_id: UUID) -> None:
    entry = remove_entry(get_entry(request, grocery_list.pk, entry_id), by=request.actor)
    undo_url = reverse("groceries:put_back", args=[request.home.pk, grocery_list.pk, entry_id])
    messages.success(request, _("%(item)s is off the list.") % {"item": entry.item}, extra_tags=undo_url)


def get_list(request: MemberRequest, list_id: UUID) -> GroceryList:
    return get_object_or_404(GroceryList.objects.visible_to(request.member), pk=list_id)


def get_entry(request: MemberRequest, list_id: UUID, entry_id: UUID) -> ListEntry:
    entries = ListEntry.objects.visible_to(request.member).select_related("list", "item__category")
    return get_object_or_404(entries, pk=entry_id, list=list_id)


def respond(request: MemberRequest, grocery_list: GroceryList) -> HttpResponse:
    """Respond to a change with the list, or with a redirect to it for plain forms and completed trips."""
    if request.htmx and (grocery_list.is_open or not is_in_shop(request)):
        return render_list(request, grocery_list)
    return redirect_to(request, "shop" if is_in_shop(request) and grocery_list.is_open else "list", grocery_list)


def is_in_shop(request: MemberRequest) -> bool:
    """Return whether the request comes from the page for shopping."""
    return request.POST.get("page") == "shop" or request.resolver_match.url_name == "shop"  # type: ignore[union-attr]


def undo_url(request: MemberRequest) -> str:
    """Return the URL that undoes what the request does, for a toast. Empty for a form without an operation id."""
    op_id = request.actor.op_id
    return reverse("groceries:undo", args=[request.home.pk, op_id]) if op_id else ""


def redirect_to(request: MemberRequest, page: str, grocery_list: GroceryList | None = None) -> HttpResponse:
    """Redirect to a page, by default of no list, by a header for htmx."""
    url = reverse(f"groceries:{page}", args=[request.home.pk, *([grocery_list.pk] if grocery_list else [])])
    return HttpResponse(headers={"HX-Redirect": url}) if request.htmx else redirect(url)


def render_list(request: MemberRequest, grocery_list: GroceryList, *, status: int = 200) -> HttpResponse:
    if request.method == "POST":
        request.home.refresh_from_db(fields=["last_seq"])
    template = "groceries/shop.html" if is_in_shop(request) else "groceries/list.html"
    if request.htmx:
        template += "#list"
    only_for = None if is_in_shop(request) else read_filter(request)
    base = reverse("groceries:list", args=[request.home.pk, grocery_list.pk])
    context = {
        "list": grocery_list,
        "presenter": ListPresenter(request.home, grocery_list, only_for),
        "only_for": only_for,
        "base": base,
        "live_url": f"{base}?for={only_for}" if only_for else base,
        "states": ListState,
        "seq": request.home.last_seq,
        "today": request.home.now().date(),
        "text": request.POST.get("text", "") if status == 422 else "",
        "tab": "lists",
        "op_id": uuid4(),
    }
    return render(request, template, context, status=status)


def read_filter(request: MemberRequest) -> UUID | None:
    """Return whose entries the page shows: `?for=` a user or “me”. A change comes from a page with the filter."""
    query = request.GET
    if request.method == "POST":
        query = QueryDict(urlsplit(request.htmx.current_url or "").query)
    value = query.get("for", "")
    return request.member.user_id if value == "me" else parse_id(value)


def parse_id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
