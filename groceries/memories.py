"""Memories of purchases, for agents."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from groceries.models import EntryState, ListEntry
from groceries.templatetags.amounts import amount
from homes import hooks
from homes.events.models import Event
from pantry.money import money

PURCHASE = "purchase"


def purchase_memory(event: Event) -> hooks.Memory | None:
    """Return the memory of a purchase, None if the entry is not purchased any more."""
    subject: Any = event.subject_id
    entries = ListEntry.objects.filter(home=event.home_id, pk=subject, state=EntryState.PURCHASED)
    entry = entries.select_related("item__category", "purchased_by", "home").first()
    if entry is None:
        return None
    params = {"who": entry.purchased_by, "what": f"{entry.item.name}, {amount(entry)}"}
    if entry.price_paid is not None:
        params["price"] = money(entry.price_paid, entry.home.currency)
        text = (
            _("%(who)s bought %(what)s, for %(price)s") if entry.purchased_by else _("Bought: %(what)s, for %(price)s")
        )
    else:
        text = _("%(who)s bought %(what)s") if entry.purchased_by else _("Bought: %(what)s")
    return hooks.Memory(
        text % params,
        PURCHASE,
        tags=(entry.item.category.name,),
        user=entry.purchased_by_id,
        at=entry.purchased_at or event.moment,
    )


def filter_purchased(entries: set[UUID]) -> set[UUID]:
    """Return which of these entries are still purchased."""
    return set(ListEntry.objects.filter(pk__in=entries, state=EntryState.PURCHASED).values_list("pk", flat=True))


MEMORIES = dict.fromkeys(
    ("list_item_purchased", "list_item_put_back", "list_item_updated", "list_item_removed"), purchase_memory
)
