"""Remove items that a home never bought."""

from django.utils.translation import gettext as _

from groceries.actions.recurring import stop_recurring
from groceries.models import EntryState, Item, ListEntry, RecurringItem
from homes.events.actor import Actor
from homes.events.log import action, record
from pantry.errors import ActionError


@action
def remove_item(item: Item, *, by: Actor) -> None:
    """Delete an item with its recurring rule and its removed entries. Idempotent.

    Raises ActionError for an item that is on a list or was ever bought: purchases are part of the home's spending.
    """
    current = Item.objects.filter(pk=item.pk).first()
    if current is None:
        return
    entries = ListEntry.objects.filter(item=current)
    if entries.filter(state=EntryState.PENDING).exists():
        raise ActionError(_("%(item)s is on a list. Take it off first.") % {"item": current})
    if entries.filter(state=EntryState.PURCHASED).exists():
        raise ActionError(
            _("%(item)s has been bought before, so it stays in your spending history.") % {"item": current}
        )
    for recurring in RecurringItem.objects.filter(item=current).select_related("item"):
        stop_recurring(recurring, by=by)
    pk = current.pk
    current.delete()
    current.pk = pk
    record("item_removed", current, by=by)
