"""Taking out of the home what it does not buy."""

from django.utils.translation import gettext as _

from groceries.actions.recurring import stop_recurring
from groceries.models import EntryState, Item, ListEntry, RecurringItem
from homes.events.actor import Actor
from homes.events.log import action, record
from pantry.errors import ActionError


@action
def remove_item(item: Item, *, by: Actor) -> None:
    """With the rule by which it came back, and what was taken off the lists. What was ever bought stays: it is part
    of what the home spent. Raises ActionError for that, and for what is on a list now."""
    found = Item.objects.filter(pk=item.pk).first()
    if found is None:
        return
    entries = ListEntry.objects.filter(item=found)
    if entries.filter(state=EntryState.PENDING).exists():
        raise ActionError(_("%(item)s is on a list. Take it off first.") % {"item": found})
    if entries.filter(state=EntryState.PURCHASED).exists():
        raise ActionError(_("%(item)s was bought before, and stays in what the home spent.") % {"item": found})
    for recurring in RecurringItem.objects.filter(item=found).select_related("item"):
        stop_recurring(recurring, by=by)
    pk = found.pk
    found.delete()
    found.pk = pk
    record("item_removed", found, by=by)
