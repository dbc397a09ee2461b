from django.apps import AppConfig

from homes import hooks
from homes.events import offline
from homes.events.undo import undo_handlers
from homes.notifications import registry


class GroceriesConfig(AppConfig):
    name = "groceries"

    def ready(self) -> None:
        from groceries import socket
        from groceries.actions import furnish_aisles, stop_parting_shopper
        from groceries.actions.undo import UNDO
        from groceries.api.offline import INTENTS
        from groceries.export import read_groceries, write_groceries
        from groceries.memories import MEMORIES, PURCHASE, still_bought
        from groceries.notifications import LIST_READY, SHOPPING, list_ready, shopping_started
        from groceries.search import find_items
        from homes.live import hooks as live_hooks

        hooks.on_home_created.append(furnish_aisles)
        hooks.on_member_left.append(stop_parting_shopper)
        hooks.exports["groceries"] = (write_groceries, read_groceries)
        offline.commands |= INTENTS
        registry.register("list_state_changed", LIST_READY, list_ready)
        registry.register("shopping_started", SHOPPING, shopping_started)
        undo_handlers |= UNDO
        hooks.finders["item"] = find_items
        hooks.memories |= MEMORIES
        hooks.still_valid[PURCHASE] = still_bought
        live_hooks.can_view.append(socket.sees_list)
        live_hooks.commands |= {
            "list_item_added": live_hooks.Command(socket.add, socket.EntryFrame, "write"),
            "list_item_purchased": live_hooks.Command(socket.purchase, socket.PurchaseFrame, "write"),
            "list_state_changed": live_hooks.Command(socket.change_state, socket.StateFrame, "write"),
        }
