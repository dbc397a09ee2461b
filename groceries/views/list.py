"""The list: read it, add to it."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from groceries import spending
from groceries.actions import add_entry, change_list_state, current_list, rename_list, start_next_list
from groceries.forms import ListForm
from groceries.lines import read_lines
from groceries.models import GroceryList, ListState, RecurringItem, Trip
from groceries.shelf import shelf_of
from homes.access import MemberRequest, member_required
from homes.errors import Refused
from homes.models import Home, Membership


@require_safe
@member_required
def current(request: MemberRequest) -> HttpResponse:
    found = GroceryList.objects.visible_to(request.member).current()
    name, ids = ("groceries:list", [found.pk]) if found else ("groceries:lists", [])
    return redirect(reverse(name, args=[request.home.pk, *ids], query=request.GET))


@require_safe
@member_required
def list_page(request: MemberRequest, list_id: UUID) -> HttpResponse:
    return show(request, the_list(request, list_id))


@require_POST
@member_required
def add(request: MemberRequest, list_id: UUID) -> HttpResponse:
    grocery_list, text = the_list(request, list_id), request.POST.get("text", "")
    try:
        add_lines(request, grocery_list, text)
    except Refused as refusal:
        return show(request, grocery_list, text=text, error=str(refusal))
    return after(request, grocery_list)


@transaction.atomic
def add_lines(request: MemberRequest, grocery_list: GroceryList, text: str) -> None:
    """All of it or, when one thing is refused, none: the text stays in the field and nothing is typed twice."""
    lines = read_lines(text)
    if not lines:
        raise Refused(_("What should go on the list?"))
    by = request.actor
    for index, line in enumerate(lines):
        each = by.part(index)
        add_entry(grocery_list, line.name, by=each, quantity=line.quantity, unit=line.unit)


@require_GET
@member_required
def understood(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """What the field's text would add, before it is sent."""
    the_list(request, list_id)
    lines = read_lines(request.GET.get("text", "")[:2000])[:8]
    return render(request, "groceries/_understood.html", {"lines": lines})


@require_POST
@member_required
def state(request: MemberRequest, list_id: UUID) -> HttpResponse:
    grocery_list = the_list(request, list_id)
    try:
        grocery_list = change_list_state(grocery_list, request.POST.get("state", ""), by=request.actor)
    except Refused as refusal:
        return show(request, grocery_list, error=str(refusal))
    return after(request, grocery_list)


@require_POST
@member_required
def start_next(request: MemberRequest, list_id: UUID) -> HttpResponse:
    grocery_list = the_list(request, list_id)
    try:
        following = start_next_list(grocery_list, by=request.actor)
    except Refused as refusal:
        return show(request, grocery_list, error=str(refusal))
    return redirect_to(request, reverse("groceries:list", args=[request.home.pk, following.pk]))


@member_required
def rename(request: MemberRequest, list_id: UUID) -> HttpResponse:
    grocery_list = the_list(request, list_id)
    form = ListForm(request.POST or None, initial={"name": grocery_list.name})
    if request.method == "POST" and form.is_valid():
        rename_list(grocery_list, form.cleaned_data["name"], by=request.actor)
        return redirect("groceries:list", request.home.pk, grocery_list.pk)
    context = {"form": form, "list": grocery_list, "tab": "lists"}
    return render(request, "groceries/list_rename.html", context, status=422 if form.errors else 200)


@require_POST
@member_required
def add_due(request: MemberRequest, recurring_id: UUID) -> HttpResponse:
    """Put what usually is due on the current list, before its time."""
    due = get_object_or_404(RecurringItem.objects.visible_to(request.member).select_related("item"), pk=recurring_id)
    with transaction.atomic():
        grocery_list = current_list(by=request.actor)
        try:
            add_entry(grocery_list, due.item, by=request.actor, quantity=due.quantity, unit=due.unit)
        except Refused as refusal:
            return show(request, grocery_list, error=str(refusal))
    return after(request, grocery_list)


def the_list(request: MemberRequest, list_id: UUID) -> GroceryList:
    found: GroceryList = get_object_or_404(GroceryList.objects.visible_to(request.member), pk=list_id)
    return found


def after(request: MemberRequest, grocery_list: GroceryList) -> HttpResponse:
    """The answer to a change that was done: the list as it is now, or, without JavaScript, the way back to it."""
    if request.htmx and (grocery_list.is_open or not in_shop(request)):
        return show(request, grocery_list)
    page = "shop" if in_shop(request) and grocery_list.is_open else "list"
    return redirect_to(request, reverse(f"groceries:{page}", args=[request.home.pk, grocery_list.pk]))


def in_shop(request: MemberRequest) -> bool:
    """Whether the list is looked at in the shop, with large rows."""
    return request.POST.get("page") == "shop" or request.resolver_match.url_name == "shop"  # type: ignore[union-attr]


def _shoppers(grocery_list: GroceryList) -> list[Membership]:
    trips = Trip.objects.under_way().filter(list=grocery_list)
    members = Membership.objects.filter(home=grocery_list.home_id, user__in=trips.values("user"))
    return list(members.select_related("user").order_by("number"))


def redirect_to(request: MemberRequest, url: str) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": url}) if request.htmx else redirect(url)


def show(request: MemberRequest, grocery_list: GroceryList, *, text: str = "", error: str = "") -> HttpResponse:
    if request.method == "POST":
        request.home.refresh_from_db(fields=["last_seq"])
        grocery_list.refresh_from_db()
    if error:
        messages.error(request, error)
    template = "groceries/shop.html" if in_shop(request) else "groceries/list.html"
    if request.htmx:
        template += "#list"
    context = {**list_context(request.home, grocery_list), "text": text, "tab": "lists", "op_id": uuid4()}
    return render(request, template, context, status=422 if error else 200)


def list_context(home: Home, grocery_list: GroceryList) -> dict[str, Any]:
    """What the list's page shows. Without a query while nothing happened in the home."""
    return {
        "list": grocery_list,
        "base": reverse("groceries:list", args=[home.pk, grocery_list.pk]),
        "seq": home.last_seq,
        "drawn": draw(grocery_list.pk, home.last_seq, get_language(), home.now().date()),
        "states": ListState,
    }


@dataclass(frozen=True)
class Drawn:
    """The parts of a list's page that are the same for everybody at home."""

    status: SafeString
    shelf: SafeString
    aside: SafeString


@lru_cache(maxsize=256)
def draw(list_id: UUID, seq: int, language: str, today: date) -> Drawn:
    """Everything that changes a list is an event, so what was drawn at number `seq` of the home's log is good for
    all who look until the next. Twelve queries the first time, however long the list is."""
    grocery_list = GroceryList.objects.select_related("home").get(pk=list_id)
    home = grocery_list.home
    base = reverse("groceries:list", args=[home.pk, list_id])
    shelf = shelf_of(home, grocery_list, base)
    left = spending.left_of_budget(home)
    context = {
        "home": home,
        "list": grocery_list,
        "base": base,
        "shelf": shelf,
        "expected": shelf.expected,
        "shoppers": _shoppers(grocery_list),
        "due": RecurringItem.objects.due_soon(home).exclude(item__in=shelf.listed),
        "left": left,
        "budget_percent": spending.budget_percent(home, left),
        "states": ListState,
        "people": list(Membership.objects.filter(home=home).select_related("user").order_by("number")),
    }
    parts = ("_list_status", "_shelf", "_list_aside")
    return Drawn(*(render_to_string(f"groceries/{part}.html", context) for part in parts))
