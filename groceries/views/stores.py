"""Pages of the home's stores, and of the store of a list. Every change can be undone from its toast."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from groceries.actions import choose_store, create_store, learn_store, remove_store, rename_store, sort_store
from groceries.forms import StoreChoiceForm, StoreForm
from groceries.models import Store
from groceries.views.aisles import read_order
from groceries.views.lists import get_list
from groceries.views.recurring import offer_undo
from homes.decorators import MemberRequest, error_messages, member_form, member_post
from homes.operations import operation
from pantry.forms import form_errors, render_form


@member_form
def stores(request: MemberRequest) -> HttpResponse:
    """List the stores, with a form to create one."""
    form = StoreForm(request.POST or None)
    if form.is_valid():
        with form_errors(form, "name"):
            store = create_store(form.cleaned_data["name"], by=operation(request))
            return redirect("groceries:store", request.home.pk, store.pk)
    rows = Store.objects.visible_to(request.member)
    return render_form(request, "groceries/stores.html", form, stores=rows, tab="lists")


@member_form
def store(request: MemberRequest, store_id: UUID) -> HttpResponse:
    """Show the aisles of a store in its order, with a form to rename it."""
    row, by = get_store(request, store_id), operation(request)
    form = StoreForm(request.POST or None, initial={"name": row.name})
    if form.is_valid():
        with form_errors(form, "name"):
            rename_store(row, form.cleaned_data["name"], by=by)
            offer_undo(request, by, _("The store is now called %(store)s.") % {"store": form.cleaned_data["name"]})
            return redirect("groceries:stores", request.home.pk)
    return render_form(request, "groceries/store.html", form, store=row, aisles=row.sorted_aisles(), tab="lists")


@member_post
def sort(request: MemberRequest, store_id: UUID) -> HttpResponse:
    """Set the order that was dragged, or move one aisle up or down by its button."""
    row, by = get_store(request, store_id), operation(request)
    url = reverse("groceries:store", args=[request.home.pk, row.pk])
    with error_messages(request):
        ids, moved = read_order(request, [aisle.pk for aisle in row.sorted_aisles()])
        sort_store(row, ids, by=by)
        offer_undo(request, by, _("The aisles are in their new order."))
        return redirect(f"{url}#{moved}" if moved else url)
    return redirect(url)


@member_post
def learn(request: MemberRequest, store_id: UUID) -> HttpResponse:
    row, by = get_store(request, store_id), operation(request)
    with error_messages(request):
        learn_store(row, by=by)
        offer_undo(request, by, _("The order of %(store)s is learned from your trips again.") % {"store": row})
    return redirect("groceries:store", request.home.pk, row.pk)


@member_post
def remove(request: MemberRequest, store_id: UUID) -> HttpResponse:
    row, by = get_store(request, store_id), operation(request)
    with error_messages(request):
        remove_store(row, by=by)
        offer_undo(request, by, _("%(store)s is removed.") % {"store": row})
    return redirect("groceries:stores", request.home.pk)


@member_form
def choose(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Choose where to shop with a list: a store, a new one, or none."""
    grocery_list, by = get_list(request, list_id), operation(request)
    form = StoreChoiceForm(request.POST or None, list=grocery_list)
    if form.is_valid():
        chosen, name = form.cleaned_data.get("store"), form.cleaned_data["name"]
        with form_errors(form, "name"), transaction.atomic():
            choose_store(grocery_list, create_store(name, by=by) if name else chosen, by=by)
            return redirect("groceries:list", request.home.pk, grocery_list.pk)
    return render_form(request, "groceries/list_store.html", form, list=grocery_list, tab="lists")


def get_store(request: MemberRequest, store_id: UUID) -> Store:
    rows: Any = Store.objects.visible_to(request.member)
    return get_object_or_404(rows, pk=store_id)
