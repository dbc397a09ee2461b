"""Show a list, add to it, change its state and name."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST, require_safe

from groceries.actions import add_entry, change_list_state, current_list, rename_list, start_next_list
from groceries.forms import ListForm
from groceries.list_presenter import ListPresenter
from groceries.models import GroceryList, ListState, RecurringItem
from groceries.parsing.entries import parse_lines
from homes.decorators import MemberRequest, member_required
from pantry.errors import ActionError

MAX_PREVIEW_CHARS = 2000
MAX_PREVIEW_LINES = 8


@require_safe
@member_required
def current(request: MemberRequest) -> HttpResponse:
    """Redirect to the current list, or to all lists if there is none."""
    grocery_list = GroceryList.objects.visible_to(request.member).current()
    name, ids = ("groceries:list", [grocery_list.pk]) if grocery_list else ("groceries:lists", [])
    return redirect(reverse(name, args=[request.home.pk, *ids], query=request.GET))


@require_safe
@member_required
def list_page(request: MemberRequest, list_id: UUID) -> HttpResponse:
    return render_list(request, get_list(request, list_id))


@require_POST
@member_required
def add(request: MemberRequest, list_id: UUID) -> HttpResponse:
    grocery_list, text = get_list(request, list_id), request.POST.get("text", "")
    try:
        add_lines(request, grocery_list, text)
    except ActionError as error:
        return render_list(request, grocery_list, text=text, error=str(error))
    return respond(request, grocery_list)


@transaction.atomic
def add_lines(request: MemberRequest, grocery_list: GroceryList, text: str) -> None:
    """Add all lines or, if one of them is invalid, none."""
    lines = parse_lines(text)
    if not lines:
        raise ActionError(_("What should go on the list?"))
    by = request.actor
    for index, line in enumerate(lines):
        actor = by.sub_operation(index)
        add_entry(grocery_list, line.name, by=actor, quantity=line.quantity, unit=line.unit)


@require_GET
@member_required
def preview(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Show what the text in the field would add."""
    get_list(request, list_id)
    lines = parse_lines(request.GET.get("text", "")[:MAX_PREVIEW_CHARS])[:MAX_PREVIEW_LINES]
    return render(request, "groceries/_understood.html", {"lines": lines})


@require_POST
@member_required
def state(request: MemberRequest, list_id: UUID) -> HttpResponse:
    grocery_list = get_list(request, list_id)
    try:
        grocery_list = change_list_state(grocery_list, request.POST.get("state", ""), by=request.actor)
    except ActionError as error:
        return render_list(request, grocery_list, error=str(error))
    return respond(request, grocery_list)


@require_POST
@member_required
def start_next(request: MemberRequest, list_id: UUID) -> HttpResponse:
    grocery_list = get_list(request, list_id)
    try:
        next_list = start_next_list(grocery_list, by=request.actor)
    except ActionError as error:
        return render_list(request, grocery_list, error=str(error))
    return redirect_htmx(request, reverse("groceries:list", args=[request.home.pk, next_list.pk]))


@member_required
def rename(request: MemberRequest, list_id: UUID) -> HttpResponse:
    grocery_list = get_list(request, list_id)
    form = ListForm(request.POST or None, initial={"name": grocery_list.name})
    if request.method == "POST" and form.is_valid():
        rename_list(grocery_list, form.cleaned_data["name"], by=request.actor)
        return redirect("groceries:list", request.home.pk, grocery_list.pk)
    context = {"form": form, "list": grocery_list, "tab": "lists"}
    return render(request, "groceries/list_rename.html", context, status=422 if form.errors else 200)


@require_POST
@member_required
def add_due(request: MemberRequest, recurring_id: UUID) -> HttpResponse:
    """Add a recurring item to the current list before it is due."""
    rule = get_object_or_404(RecurringItem.objects.visible_to(request.member).select_related("item"), pk=recurring_id)
    with transaction.atomic():
        grocery_list = current_list(by=request.actor)
        try:
            add_entry(grocery_list, rule.item, by=request.actor, quantity=rule.quantity, unit=rule.unit)
        except ActionError as error:
            return render_list(request, grocery_list, error=str(error))
    return respond(request, grocery_list)


def get_list(request: MemberRequest, list_id: UUID) -> GroceryList:
    grocery_list: GroceryList = get_object_or_404(GroceryList.objects.visible_to(request.member), pk=list_id)
    return grocery_list


def respond(request: MemberRequest, grocery_list: GroceryList) -> HttpResponse:
    """Respond to a change with the list, or with a redirect to it for plain forms and completed trips."""
    if request.htmx and (grocery_list.is_open or not is_in_shop(request)):
        return render_list(request, grocery_list)
    page = "shop" if is_in_shop(request) and grocery_list.is_open else "list"
    return redirect_htmx(request, reverse(f"groceries:{page}", args=[request.home.pk, grocery_list.pk]))


def is_in_shop(request: MemberRequest) -> bool:
    """Return whether the request comes from the page for shopping."""
    return request.POST.get("page") == "shop" or request.resolver_match.url_name == "shop"  # type: ignore[union-attr]


def redirect_htmx(request: MemberRequest, url: str) -> HttpResponse:
    """Redirect by a header for htmx, otherwise as usual."""
    return HttpResponse(headers={"HX-Redirect": url}) if request.htmx else redirect(url)


def render_list(request: MemberRequest, grocery_list: GroceryList, *, text: str = "", error: str = "") -> HttpResponse:
    if request.method == "POST":
        request.home.refresh_from_db(fields=["last_seq"])
        grocery_list.refresh_from_db()
    if error:
        messages.error(request, error)
    template = "groceries/shop.html" if is_in_shop(request) else "groceries/list.html"
    if request.htmx:
        template += "#list"
    context = {
        "list": grocery_list,
        "presenter": ListPresenter(request.home, grocery_list),
        "base": reverse("groceries:list", args=[request.home.pk, grocery_list.pk]),
        "states": ListState,
        "seq": request.home.last_seq,
        "today": request.home.now().date(),
        "text": text,
        "tab": "lists",
        "op_id": uuid4(),
    }
    return render(request, template, context, status=422 if error else 200)
