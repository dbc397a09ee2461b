"""Names by which a home's open lists differ."""

from collections import Counter
from collections.abc import Iterable

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from groceries.models import GroceryList


def dated_name(grocery_list: GroceryList) -> str:
    """Return the name with the time of creation."""
    day = formats.date_format(timezone.localtime(grocery_list.created_at), "SHORT_DATETIME_FORMAT")
    return _("%(list)s of %(day)s") % {"list": grocery_list.name, "day": day}


def label_lists(lists: Iterable[GroceryList]) -> list[GroceryList]:
    """Return the open lists of a home, the newest first. Those of one name get the time of their creation as label, and
    those of one minute a number."""
    labelled = list(lists)
    names = Counter(each.name for each in labelled)
    labels: Counter[str] = Counter()
    for each in reversed(labelled):
        if names[each.name] > 1:
            label = dated_name(each)
            labels[label] += 1
            each.label = label if labels[label] == 1 else f"{label} ({labels[label]})"
    return labelled
