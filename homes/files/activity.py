"""What happened with pictures and receipts, as sentences."""

from django.utils.translation import gettext_lazy

from homes.events.models import Event
from homes.hooks import Activity, Names


def _facts(event: Event, _names: Names) -> dict[str, object]:
    return {"file": event.data["file"]["name"]}


FILES = Activity(
    label=gettext_lazy("Pictures and receipts"),
    facts=_facts,
    sentences={
        "file_added": gettext_lazy("%(who)s added the file %(file)s."),
        "file_removed": gettext_lazy("%(who)s removed the file %(file)s."),
    },
)
