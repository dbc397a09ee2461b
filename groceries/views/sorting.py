"""The order of entries within an aisle: dragged on the list, or moved one by one from an entry's page."""

from uuid import UUID

from django.http import HttpResponse
from django.utils.translation import gettext as _

from groceries.actions import sort_entries
from groceries.models import ListEntry
from groceries.views.aisles import STEPS
from groceries.views.lists import get_entry, redirect_to
from groceries.views.recurring import offer_undo
from homes.decorators import MemberRequest, error_messages, member_post
from homes.operations import operation


@member_post
def move(request: MemberRequest, list_id: UUID, entry_id: UUID, direction: str) -> HttpResponse:
    """Move an entry up or down by one place in its aisle."""
    entry, by = get_entry(request, list_id, entry_id), operation(request)
    aisle = ListEntry.objects.pending().filter(list=entry.list, item__category=entry.item.category_id)
    ids = list(aisle.in_aisles().values_list("pk", flat=True))
    with error_messages(request):
        if entry_id in ids:
            place = ids.index(entry_id)
            ids.insert(max(0, place + STEPS[direction]), ids.pop(place))
        sort_entries(entry.list, ids, by=by)
        offer_undo(request, by, _("Moved %(item)s.") % {"item": entry.item})
    return redirect_to(request, "list", entry.list)
