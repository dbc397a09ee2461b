"""Push notifications about lists."""

from datetime import timedelta

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from groceries.models import GroceryList, ListEntry, ListState, Trip
from homes.events.models import Event
from homes.models import Membership
from homes.notifications import registry

LIST_READY = registry.NoticeKind("list_ready", gettext_lazy("A list is ready to shop"), lifetime=timedelta(hours=12))
SHOPPING = registry.NoticeKind(
    "shopping", gettext_lazy("Someone goes shopping"), lifetime=timedelta(hours=1), urgency="high"
)
ASSIGNED = registry.NoticeKind(
    "assigned", gettext_lazy("Someone asks you to get something"), lifetime=timedelta(hours=12)
)


def list_ready_notice(event: Event, member: Membership) -> registry.Notice | None:
    """Announce a list that was approved and still is."""
    if event.changes["state"][1] != ListState.APPROVED:
        return None
    grocery_list = (
        GroceryList.objects.visible_to(member).filter(pk=event.data["list"]["id"], state=ListState.APPROVED).first()
    )
    if grocery_list is None:
        return None
    pending_count = ListEntry.objects.pending().filter(list=grocery_list).count()
    url = reverse("groceries:list", args=[member.home_id, grocery_list.pk])
    body = ngettext("%(n)d thing to get.", "%(n)d things to get.", pending_count) % {"n": pending_count}
    question = _("Is anything missing?")
    return registry.Notice(
        title=_("“%(list)s” is ready to shop") % {"list": grocery_list},
        body=f"{body} {question}",
        url=url,
        tag=f"list {grocery_list.pk}",
        answers=(
            registry.Answer(_("Add something"), f"{url}#add-text"),
            registry.Answer(_("Go shopping"), f"{url}shop"),
        ),
    )


def shopping_notice(event: Event, member: Membership) -> registry.Notice | None:
    """Announce a trip that is still active, with a list that is still open."""
    lists = GroceryList.objects.visible_to(member).open()
    trips = Trip.objects.active().filter(pk=event.data["trip"]["id"], list__in=lists)
    trip = trips.select_related("list", "user").first()
    if trip is None:
        return None
    return registry.Notice(
        title=_("%(name)s is going shopping: anything else?") % {"name": trip.user},
        body=_("Put it on “%(list)s” now.") % {"list": trip.list},
        url=reverse("groceries:list", args=[member.home_id, trip.list_id]),
        tag=f"list {trip.list_id}",
    )


def assigned_notice(event: Event, member: Membership) -> registry.Notice | None:
    """Tell a member what to get, if it still is theirs. A newer one of the same list replaces it, with their number."""
    if event.changes["assigned_to"][1] != str(member.user_id):
        return None
    entries = ListEntry.objects.visible_to(member).pending().filter(assigned_to=member.user_id)
    entry = entries.filter(pk=event.data["entry"]["id"]).select_related("item", "list").first()
    if entry is None or not entry.list.is_open:
        return None
    count = entries.filter(list=entry.list_id).count()
    body = ngettext(
        "%(n)d thing on “%(list)s” is for you to get.", "%(n)d things on “%(list)s” are for you to get.", count
    )
    name = event.actor_agent or event.actor_user or _("Someone")
    return registry.Notice(
        title=_("%(name)s asks you to get %(item)s") % {"name": name, "item": entry.item},
        body=body % {"n": count, "list": entry.list},
        url=reverse("groceries:list", args=[member.home_id, entry.list_id], query={"for": "me"}),
        tag=f"assigned {entry.list_id}",
    )
