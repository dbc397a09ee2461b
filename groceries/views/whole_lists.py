"""Copy, clear, archive, restore and delete lists, and undo that."""

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groceries.actions import archive_list, clear_list, copy_list, delete_list, restore_list
from groceries.models import GroceryList
from groceries.views.lists import get_list, list_action, redirect_to, render_list, undo_url
from homes.decorators import MemberRequest, error_messages, member_form, member_page, member_post
from homes.events.models import Event
from homes.files.views import page_of_target
from homes.operations import undo_and_report

MINIMUM_FIELDS = {"min_quantity", "min_unit"}
FORECAST_FIELDS = {"snoozed_until", "has_forecasts"}  # of an item; they are answered beside the list


@member_post
def copy(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Create a list, or with `template` in the form a template, with the same entries."""
    source, is_template = get_list(request, list_id), "template" in request.POST
    with error_messages(request):
        new_list = copy_list(source, by=request.actor, is_template=is_template)
        text = _("Saved as a template.") if is_template else _("This is a new list with the same things.")
        messages.success(request, text, extra_tags=undo_url(request))
        return redirect_to(request, "list", new_list)
    return render_list(request, source, status=422)


@list_action
def clear(request: MemberRequest, grocery_list: GroceryList) -> None:
    removed = len(clear_list(grocery_list, by=request.actor))
    text = ngettext("Removed %(n)d item.", "Removed %(n)d items.", removed) % {"n": removed}
    messages.success(request, text, extra_tags=undo_url(request))


@member_post
def archive(request: MemberRequest, list_id: UUID) -> HttpResponse:
    grocery_list = archive_list(get_list(request, list_id), by=request.actor)
    text = _("“%(list)s” is in the archive.") % {"list": grocery_list}
    messages.success(request, text, extra_tags=undo_url(request))
    return redirect_to(request, "lists")


@member_form
def delete(request: MemberRequest, list_id: UUID) -> HttpResponse:
    """Ask on GET, delete on POST."""
    grocery_list = get_list(request, list_id)
    if request.method == "POST":
        with error_messages(request):
            delete_list(grocery_list, by=request.actor)
            text = _("Deleted “%(list)s”.") % {"list": grocery_list}
            messages.success(request, text, extra_tags=undo_url(request))
            return redirect("groceries:lists", request.home.pk)
    counted = GroceryList.objects.filter(pk=list_id).with_counts().get()
    context = {"list": counted, "tab": "lists", "op_id": uuid4()}
    return render(request, "groceries/list_delete.html", context, status=422 if request.method == "POST" else 200)


@member_page
def archived(request: MemberRequest) -> HttpResponse:
    lists = GroceryList.objects.archived_in(request.member).with_counts()
    return render(request, "groceries/archived.html", {"lists": lists, "op_id": uuid4(), "tab": "lists"})


@member_post
def restore(request: MemberRequest, list_id: UUID) -> HttpResponse:
    grocery_list = get_object_or_404(GroceryList.objects.archived_in(request.member), pk=list_id)
    return redirect_to(request, "list", restore_list(grocery_list, by=request.actor))


@member_post
def undo(request: MemberRequest, op_id: UUID) -> HttpResponse:
    """Undo an operation of the member's own, and show the list or the page of what it changed."""
    events = list(Event.objects.visible_to(request.member).filter(op_id=op_id, actor_user=request.user).order_by("seq"))
    if not events:
        raise Http404
    undo_and_report(request, op_id)
    if page := page_of(events):
        return redirect(f"groceries:{page}", request.home.pk)
    event = events[0]
    if "file" in event.data and (url := page_of_target(request.member, event.data["file"])):
        return redirect(url)
    list_id = event.data["list"]["id"] if "list" in event.data else event.data.get("entry", {}).get("list_id")
    grocery_list = GroceryList.objects.visible_to(request.member).filter(pk=list_id).first()
    return redirect_to(request, "list" if grocery_list else "lists", grocery_list)


def page_of(events: list[Event]) -> str:
    """Return the name of the page of what an operation changed, empty if that is a list."""
    types = {event.type for event in events}
    if events[0].type.startswith(("pantry_", "barcode_")) or MINIMUM_FIELDS & events[0].changes.keys():
        return "pantry"
    if types & {"item_removed", "items_merged"}:
        return "items"
    if "categories_merged" not in types and any(each.startswith(("list_", "shopping_")) for each in types):
        return ""
    if any(each.startswith(("category_", "categories_")) for each in types):
        return "aisles"
    if any(each.startswith("store_") for each in types):
        return "stores"
    if types == {"item_updated"} and all(event.changes.keys() <= FORECAST_FIELDS for event in events):
        return "current"
    if events[0].type.startswith("item_"):
        return "items"
    if "expense" in events[0].data:
        return "money"
    return "recurring" if "recurring" in events[0].data else ""
