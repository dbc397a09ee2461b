"""Pages of what is at home. Every change can be undone from its toast."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from groceries.actions import (
    add_scanned,
    add_to_pantry,
    change_batch,
    forget_barcode,
    keep_in_stock,
    use_batch,
    use_scanned,
    use_up,
)
from groceries.actions.batches import MAX_BATCHES, is_full
from groceries.actions.items import with_own_names
from groceries.actions.pantry import Use
from groceries.models import Barcode, Item, PantryBatch
from groceries.pantry_forms import BatchForm, MinimumForm, PantryForm, ScanForm
from groceries.pantry_presenter import PantryPresenter
from groceries.parsing.entries import parse_line
from groceries.stock import Amount, Stock, UseSoon, describe_amounts
from groceries.views.lists import SUGGESTED_UNITS
from groceries.views.recurring import offer_undo
from homes.actions import update_home
from homes.decorators import MemberRequest, error_messages, member_form, member_post
from homes.events.actor import Actor
from homes.events.models import Event
from homes.operations import operation
from pantry.errors import ActionError
from pantry.forms import form_errors, render_form
from pantry.headers import DEFAULTS


@member_form
def pantry(request: MemberRequest) -> HttpResponse:
    """Show what to use soon and what is at home, with a form to add something."""
    form = PantryForm(request.POST or None)
    if form.is_valid():
        by, fields = operation(request), dict(form.cleaned_data)
        text = fields.pop("text")
        line = with_own_names(request.home, lambda names: parse_line(text, names))
        with form_errors(form, "text"):
            batch = add_to_pantry(line.name, by=by, quantity=line.quantity, unit=line.unit, **fields)
            offer_undo(request, by, _("%(item)s is in the pantry.") % {"item": batch.item})
            return redirect(page_url(request, batch.item))
    text = request.GET.get("q", "").strip()
    context = {
        "pantry": PantryPresenter(request.home, text, request.GET.get("page")),
        "use_soon": UseSoon.of(request.home),
        "query": text,
        "max_batches": MAX_BATCHES if is_full(request.home) else None,
        "op_id": uuid4(),
        "seq": request.home.last_seq,
        "tab": "lists",
    }
    template = "groceries/pantry.html"
    if request.htmx:
        is_search = (request.htmx.target or "").endswith("#pantry")
        template = "groceries/_pantry_items.html" if is_search else "groceries/pantry.html#pantry"
    return render_form(request, template, form, **context)


@member_form
def item(request: MemberRequest, item_id: UUID) -> HttpResponse:
    """Show the batches of an item, its minimum and its barcodes, with a form to add a batch."""
    thing, by = get_item(request, item_id), operation(request)
    form = BatchForm(request.POST or None, item=thing)
    if form.is_valid():
        with form_errors(form):
            add_to_pantry(thing, by=by, **form.cleaned_data)
            offer_undo(request, by, _("%(item)s is in the pantry.") % {"item": thing})
            return redirect("groceries:pantry_item", request.home.pk, thing.pk)
    return render_item(request, thing, form)


@member_post
def minimum(request: MemberRequest, item_id: UUID) -> HttpResponse:
    """Set or clear what to keep at least."""
    thing, by = get_item(request, item_id), operation(request)
    form = MinimumForm(request.POST, item=thing)
    if form.is_valid():
        with form_errors(form, "quantity"):
            changed = keep_in_stock(thing, form.cleaned_data["quantity"], form.cleaned_data["unit"], by=by)
            offer_undo(request, by, _("%(item)s is changed.") % {"item": changed})
            return redirect("groceries:pantry_item", request.home.pk, thing.pk)
    page = render_item(request, thing, BatchForm(item=thing), form)
    page.status_code = 422
    return page


@member_post
def item_used_up(request: MemberRequest, item_id: UUID) -> HttpResponse:
    thing, by = get_item(request, item_id), operation(request)
    with error_messages(request):
        tell_use(request, by, use_up(thing, by=by))
    return redirect(page_url(request))


@member_form
def batch(request: MemberRequest, batch_id: UUID) -> HttpResponse:
    """Change a batch."""
    row, by = get_batch(request, batch_id), operation(request)
    form = BatchForm(request.POST or None, item=row.item, batch=row)
    if form.is_valid():
        with form_errors(form):
            change_batch(row, by=by, **form.changes)
            offer_undo(request, by, _("%(item)s is changed.") % {"item": row.item})
            return redirect("groceries:pantry_item", request.home.pk, row.item_id)
    context = {"batch": row, "units": SUGGESTED_UNITS, "op_id": uuid4(), "tab": "lists"}
    return render_form(request, "groceries/batch.html", form, **context)


@member_post
def use(request: MemberRequest, batch_id: UUID) -> HttpResponse:
    """Use one step of a batch."""
    if (row := get_batch_to_use(request, batch_id)) is None:
        return redirect(page_url(request))
    by = operation(request)
    with error_messages(request):
        tell_use(request, by, use_batch(row, row.step, by=by), Amount(row.step, row.unit))
    return redirect(page_url(request, row.item))


@member_post
def used_up(request: MemberRequest, batch_id: UUID) -> HttpResponse:
    if (row := get_batch_to_use(request, batch_id)) is None:
        return redirect(page_url(request))
    by = operation(request)
    with error_messages(request):
        tell_use(request, by, use_batch(row, by=by), Amount(row.quantity, row.unit))
    return redirect(page_url(request, row.item))


@member_form
def scan(request: MemberRequest) -> HttpResponse:
    """Put a package in, or take it out, by its barcode. For a code that is new, ask once what it means."""
    by, is_new = operation(request), False
    form = ScanForm(request.POST or None, initial={"do": request.GET.get("do", "add")})
    if form.is_valid():
        with form_errors(form, "code"):
            if (url := scan_code(request, form.cleaned_data, by)) is not None:
                return redirect(url)
            is_new = True
    context = {"is_new": is_new, "units": SUGGESTED_UNITS, "op_id": uuid4(), "tab": "lists"}
    page = render_form(request, "groceries/scan.html", form, **context)
    page["Permissions-Policy"] = DEFAULTS["Permissions-Policy"].replace("camera=()", "camera=(self)")
    return page


def scan_code(request: MemberRequest, fields: dict[str, Any], by: Actor) -> str | None:
    """Put in or use what the code means. Returns the page for the next one, None for a code that is new."""
    fields, url = dict(fields), reverse("groceries:scan", args=[request.home.pk])
    if fields.pop("do") == "use":
        if (use := use_scanned(fields["code"], by=by)) is None:
            raise ActionError(_("This code is new here. Put it in first."))
        tell_use(request, by, use)
        return f"{url}?do=use"
    batch = add_scanned(fields.pop("code"), by=by, **fields)
    if batch is not None:
        values = {"item": batch.item, "amount": Amount(batch.quantity, batch.unit)}
        offer_undo(request, by, _("In the pantry: %(item)s, %(amount)s.") % values)
    return url if batch is not None else None


@member_post
def forget(request: MemberRequest, barcode_id: UUID) -> HttpResponse:
    rows: Any = Barcode.objects.visible_to(request.member)
    barcode, by = get_object_or_404(rows, pk=barcode_id), operation(request)
    with error_messages(request):
        forget_barcode(barcode, by=by)
        offer_undo(request, by, _("The code %(code)s is forgotten.") % {"code": barcode})
    return redirect("groceries:pantry_item", request.home.pk, barcode.item_id)


@member_post
def fill(request: MemberRequest) -> HttpResponse:
    """Let purchases fill the pantry, or no longer."""
    with error_messages(request):
        update_home(request.home, by=request.actor, fills_pantry=request.POST.get("fills") == "1")
    return redirect("groceries:pantry", request.home.pk)


def tell_use(request: MemberRequest, by: Actor, use: Use, amount: Amount | None = None) -> None:
    """Say what is left, and on which list the item was put for that."""
    left = describe_amounts(use.stock.amounts)
    names = {"item": use.stock.item, "amount": amount, "left": left, "list": use.entry and use.entry.list}
    if use.entry is not None:
        text = _("%(item)s is used and on “%(list)s”.")
    elif not use.stock.batches:
        text = _("%(item)s is used up.")
    else:
        text = _("Used %(amount)s of %(item)s.") if amount else _("%(item)s: %(left)s left.")
    offer_undo(request, by, text % names)


def render_item(
    request: MemberRequest, thing: Item, form: BatchForm, minimum_form: MinimumForm | None = None
) -> HttpResponse:
    context = {
        "stock": Stock.of(thing),
        "minimum_form": minimum_form or MinimumForm(item=thing),
        "barcodes": Barcode.objects.filter(item=thing).order_by("code"),
        "units": SUGGESTED_UNITS,
        "op_id": uuid4(),
        "seq": request.home.last_seq,
        "tab": "lists",
    }
    template = "groceries/pantry_item.html#item" if request.htmx else "groceries/pantry_item.html"
    return render_form(request, template, form, **context)


def page_url(request: MemberRequest, thing: Item | None = None) -> str:
    """Return the page that the form was on: the item's, or the pantry with the same search."""
    if thing is not None and "item" in request.GET:
        return reverse("groceries:pantry_item", args=[request.home.pk, thing.pk])
    query = f"?{request.GET.urlencode()}" if request.GET else ""
    return reverse("groceries:pantry", args=[request.home.pk]) + query + (f"#item-{thing.pk}" if thing else "")


def get_item(request: MemberRequest, item_id: UUID) -> Item:
    rows: Any = Item.objects.visible_to(request.member).select_related("category")
    return get_object_or_404(rows, pk=item_id)


def get_batch(request: MemberRequest, batch_id: UUID) -> PantryBatch:
    rows: Any = PantryBatch.objects.visible_to(request.member).select_related("item")
    return get_object_or_404(rows, pk=batch_id)


def get_batch_to_use(request: MemberRequest, batch_id: UUID) -> PantryBatch | None:
    """Return the batch. If somebody has used it up or removed it meanwhile, say so and return None."""
    removed = Event.objects.filter(home=request.home, type="pantry_removed", subject_id=batch_id)
    if not PantryBatch.objects.filter(pk=batch_id).exists() and (event := removed.last()) is not None:
        messages.info(request, _("%(item)s is used up.") % {"item": event.data["batch"]["item"]["name"]})
        return None
    return get_batch(request, batch_id)
