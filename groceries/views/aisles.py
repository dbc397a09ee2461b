"""The page of the aisles, in the order of the shop. Every change can be undone from its toast."""

from typing import Any
from uuid import UUID

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from groceries.actions import create_category, merge_categories, order_categories, remove_category, update_category
from groceries.actions.merging import is_undoable
from groceries.forms import AisleForm, AisleMergeForm
from groceries.models import Category
from groceries.views.lists import parse_id
from groceries.views.recurring import offer_undo
from homes.decorators import MemberRequest, error_messages, member_form, member_post
from homes.operations import operation
from pantry.errors import ActionError
from pantry.forms import form_errors, render_form

STEPS = {"up": -1, "down": 1}


@member_form
def aisles(request: MemberRequest) -> HttpResponse:
    """List the aisles, with a form to create one."""
    form, by = AisleForm(request.POST or None), operation(request)
    if form.is_valid():
        with form_errors(form, "name"):
            category = create_category(form.cleaned_data["name"], by=by)
            offer_undo(request, by, _("%(aisle)s is a new aisle.") % {"aisle": category})
            return redirect("groceries:aisles", request.home.pk)
    rows = Category.objects.visible_to(request.member).annotate(item_count=Count("items")).order_by("position", "name")
    return render_form(request, "groceries/aisles.html", form, aisles=rows, tab="lists")


@member_post
def order(request: MemberRequest) -> HttpResponse:
    """Set the order that was dragged, or move one aisle up or down by its button."""
    by, url = operation(request), reverse("groceries:aisles", args=[request.home.pk])
    with error_messages(request):
        aisles = Category.objects.visible_to(request.member).values_list("pk", flat=True)
        ids, moved = read_order(request, list(aisles))
        order_categories(ids, by=by)
        offer_undo(request, by, _("The aisles are in their new order."))
        return redirect(f"{url}#{moved}" if moved else url)
    return redirect(url)


def read_order(request: MemberRequest, ids: list[UUID]) -> tuple[list[UUID], str]:
    """Return the `ids` in their new order, and the id of the button that was pressed, to give it the focus again."""
    if "move" not in request.POST:
        texts = request.POST.get("order", "").split(",")
        return [pk for text in texts if (pk := parse_id(text)) is not None], ""
    text, _colon, direction = request.POST["move"].partition(":")
    pk = parse_id(text)
    if pk is None or pk not in ids or direction not in STEPS:
        raise ActionError(_("That no longer exists."))
    place = ids.index(pk)
    ids.insert(max(0, place + STEPS[direction]), ids.pop(place))
    at_end = {"up": ids[0], "down": ids[-1]}[direction] == pk
    button = direction if not at_end else {"up": "down", "down": "up"}[direction]
    return ids, f"{button}-{pk}"


@member_form
def aisle(request: MemberRequest, category_id: UUID) -> HttpResponse:
    """Rename an aisle."""
    category, by = get_aisle(request, category_id), operation(request)
    form = AisleForm(request.POST or None, initial={"name": category.label})
    if form.is_valid():
        with form_errors(form, "name"):
            changed = update_category(category, by=by, name=form.cleaned_data["name"])
            offer_undo(request, by, _("%(aisle)s is changed.") % {"aisle": changed})
            return redirect("groceries:aisles", request.home.pk)
    return render_aisle(request, category, form, AisleMergeForm(category=category))


@member_post
def merge(request: MemberRequest, category_id: UUID) -> HttpResponse:
    category, by = get_aisle(request, category_id), operation(request)
    form = AisleMergeForm(request.POST, category=category)
    if form.is_valid():
        with form_errors(form, "into"):
            is_final = not is_undoable(category)
            merged = merge_categories(category, form.cleaned_data["into"], by=by)
            text = _("%(aisle)s is part of %(other)s now.") % {"aisle": category, "other": merged}
            offer_undo(request, by, text, is_final=is_final)
            return redirect("groceries:aisles", request.home.pk)
    page = render_aisle(request, category, AisleForm(initial={"name": category.label}), form)
    page.status_code = 422
    return page


@member_post
def delete(request: MemberRequest, category_id: UUID) -> HttpResponse:
    category, by = get_aisle(request, category_id), operation(request)
    with error_messages(request):
        remove_category(category, by=by)
        offer_undo(request, by, _("Deleted “%(aisle)s”.") % {"aisle": category})
        return redirect("groceries:aisles", request.home.pk)
    return redirect("groceries:aisle", request.home.pk, category_id)


def get_aisle(request: MemberRequest, category_id: UUID) -> Category:
    rows: Any = Category.objects.visible_to(request.member).annotate(item_count=Count("items"))
    return get_object_or_404(rows, pk=category_id)


def render_aisle(
    request: MemberRequest, category: Category, form: AisleForm, merge_form: AisleMergeForm
) -> HttpResponse:
    context = {"aisle": category, "merge_form": merge_form, "is_undoable": is_undoable(category), "tab": "lists"}
    return render_form(request, "groceries/aisle.html", form, **context)
