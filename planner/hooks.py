"""Register the planner with the household, undo and live connections."""

from homes import hooks
from homes.events import undo
from homes.events.actor import Actor
from homes.models import Membership
from planner.actions import unassign_member, uninvite_member
from planner.actions.undo import UNDO
from planner.actions.undo_events import UNDO as UNDO_EVENTS
from planner.activity import CALENDAR, TASKS
from planner.calendar_export import CALENDAR as CALENDAR_EXPORT
from planner.export import PLANNER
from planner.feeds import end_feed
from planner.search import find_events, find_tasks


def member_left(member: Membership, by: Actor) -> None:
    unassign_member(member, by)
    uninvite_member(member, by)
    end_feed(member)


HOUSEHOLD = hooks.AppHooks(
    on_member_left=member_left,
    activities={"tasks": TASKS, "calendar": CALENDAR},
    finders={"task": find_tasks, "event": find_events},
    exports={"planner": PLANNER, "calendar": CALENDAR_EXPORT},
)


def register() -> None:
    hooks.register(HOUSEHOLD)
    undo.register(UNDO | UNDO_EVENTS, scope="write")
