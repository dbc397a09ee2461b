"""What the apps add to notifications: which events cause them, and what they say."""

from homes.events import hooks as event_hooks
from homes.notifications import registry
from homes.notifications.tasks import nudge_notices


def register(event_type: str, kind: registry.NoticeKind, draw: registry.Draw) -> None:
    """Tell people's devices of each event of the type.

    `draw(event, member)` says what that member is told as things are *now*, in the language that is active; None
    when it does not concern them, they may not see it (any more), or have seen it. It is asked when the event is
    found in the log and again when the notice is sent. Who acted is never told, so it is not asked for them.
    """
    registry.kinds[kind.name] = kind
    registry.notices[event_type] = kind, draw
    event_hooks.listen(event_type, nudge_notices)
