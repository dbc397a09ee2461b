"""Register the events that cause notifications."""

from homes.events import hooks as event_hooks
from homes.notifications import registry
from homes.notifications.tasks import read_notices


def register(event_type: str, kind: registry.NoticeKind, builder: registry.Builder) -> None:
    """Send notifications of the kind for events of the type.

    `builder(event, member)` returns the member's notice from the *current* state, in the active language; None if it
    does not concern them, if they may not see it, or if they have seen it already. It is called when the event is found
    in the log, and again before sending. It is not called for the member who caused the event.
    """
    registry.kinds[kind.name] = kind
    registry.notices[event_type] = kind, builder
    event_hooks.listen(event_type, lambda home_id, _seq: read_notices.delay(str(home_id)))
