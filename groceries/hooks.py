"""Register groceries with the household, undo, offline commands, live connections and notifications."""

from zoneinfo import ZoneInfo

from groceries import socket
from groceries.actions import create_default_aisles, create_first_list, end_trips_of_member
from groceries.actions.entries import unassign_entries_of_member
from groceries.actions.expenses import move_repeating_expenses
from groceries.actions.guests import revoke_links_of_member
from groceries.actions.recurring import move_recurring
from groceries.actions.undo import UNDO
from groceries.actions.undo_pantry import UNDO_PANTRY
from groceries.activity import ACTIVITIES, names_of
from groceries.api.offline import OFFLINE_COMMANDS
from groceries.attachments import ATTACHABLES
from groceries.export import GROCERIES
from groceries.memories import MEMORIES, PURCHASE, filter_purchased
from groceries.notifications import (
    ASSIGNED,
    LIST_READY,
    SHOPPING,
    assigned_notice,
    list_ready_notice,
    shopping_notice,
)
from groceries.search import find_items
from homes import hooks
from homes.events import offline, undo
from homes.events.actor import Actor
from homes.files import hooks as file_hooks
from homes.live import hooks as live_hooks
from homes.live.hooks import Command
from homes.models import Home, Membership
from homes.notifications import hooks as notification_hooks


def _create_aisles_and_list(by: Actor) -> None:
    create_default_aisles(by)
    create_first_list(by)


def _end_what_a_member_left(member: Membership, by: Actor) -> None:
    end_trips_of_member(member, by)
    revoke_links_of_member(member, by)
    unassign_entries_of_member(member, by)


def _move_what_is_due(home: Home, old_zone: ZoneInfo, by: Actor) -> None:
    move_recurring(home, old_zone, by)
    move_repeating_expenses(home, old_zone, by)


HOUSEHOLD = hooks.AppHooks(
    on_home_created=_create_aisles_and_list,
    on_member_left=_end_what_a_member_left,
    on_time_zone_changed=_move_what_is_due,
    exports={"groceries": GROCERIES},
    finders={"item": find_items},
    memories=MEMORIES,
    still_valid={PURCHASE: filter_purchased},
    activities=ACTIVITIES,
    names=names_of,
)
LIVE = live_hooks.LiveHooks(
    can_view=socket.can_view_list,
    commands={
        "list_item_added": Command(socket.add, socket.EntryFrame, "write"),
        "list_item_purchased": Command(socket.purchase, socket.PurchaseFrame, "write"),
        "list_state_changed": Command(socket.change_state, socket.StateFrame, "write"),
    },
)


def register() -> None:
    hooks.register(HOUSEHOLD)
    live_hooks.register(LIVE)
    offline.register(OFFLINE_COMMANDS)
    undo.register({**UNDO, **UNDO_PANTRY}, scope="write", creating={"list_created"})
    file_hooks.register(**ATTACHABLES)
    notification_hooks.register("list_state_changed", LIST_READY, list_ready_notice)
    notification_hooks.register("list_item_assigned", ASSIGNED, assigned_notice)
    notification_hooks.register("shopping_started", SHOPPING, shopping_notice)
