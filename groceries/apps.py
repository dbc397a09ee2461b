from django.apps import AppConfig


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
        from homes import registry
        from homes.registry import Command

        registry.founding.append(furnish_aisles)
        registry.parting.append(stop_parting_shopper)
        registry.exports["groceries"] = (write_groceries, read_groceries)
        registry.intents |= INTENTS
        registry.announce("list_state_changed", LIST_READY, list_ready)
        registry.announce("shopping_started", SHOPPING, shopping_started)
        registry.undoing |= UNDO
        registry.finders["item"] = find_items
        registry.memories |= MEMORIES
        registry.standing[PURCHASE] = still_bought
        registry.places.append(socket.sees_list)
        registry.commands |= {
            "list_item_added": Command(socket.add, socket.EntryFrame, "write"),
            "list_item_purchased": Command(socket.purchase, socket.PurchaseFrame, "write"),
            "list_state_changed": Command(socket.change_state, socket.StateFrame, "write"),
        }
