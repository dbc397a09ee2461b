"""API of aisles, items, lists, shopping trips, recurring items, spending and undo."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid5

from django.db import transaction
from django.http import Http404
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from rest_framework.response import Response

from groceries import actions, file_imports, forecasts, reports
from groceries.api import serializers
from groceries.models import Category, EntryState, GroceryList, GuestLink, Item, ListEntry, RecurringItem, Store, Trip
from groceries.parsing.quantities import normalize_unit
from groceries.suggestions import suggest
from homes.api.serializers import EventPage
from homes.api.viewsets import HomeViewSet
from homes.events.models import Event
from homes.events.queries import event_payload
from homes.events.undo import undo_event, undo_operation
from homes.models import Home
from pantry.api.endpoints import action_endpoint, endpoint, list_endpoint, retrieve_endpoint
from pantry.errors import ActionError

EXAMPLE_ID = "01900000-0000-7000-8000-000000000000"
INTO = {"into": EXAMPLE_ID}
MIN_DATE, MAX_DATE = date(1900, 1, 1), date(9000, 1, 1)


class CategoryViewSet(HomeViewSet):
    tag = "Categories"
    lookup_url_kwarg = "category_id"
    queryset = Category.objects.order_by("position", "id")
    serializer_class = serializers.CategorySerializer

    list = list_endpoint("List aisles, in the order of the shop", columns=False)
    create = action_endpoint(
        actions.create_category, "Create an aisle", request=serializers.NewCategory, example={"name": "Frozen"}
    )
    partial_update = action_endpoint(
        actions.update_category, "Rename or move an aisle", request=serializers.CategoryChange, errors=(404, 409),
        example={"position": 2},
    )  # fmt: skip
    destroy = action_endpoint(actions.remove_category, "Remove an empty aisle", errors=(400, 404))

    @endpoint(
        "Set the order of all aisles", request=serializers.CategoryOrder, errors=(400, 404),
        response=serializers.CategoriesSerializer, example={"ids": [EXAMPLE_ID]},
    )  # fmt: skip
    def order(self, data: dict[str, Any]) -> Any:
        """Refused unless `ids` are those of all aisles of the home, each once."""
        return {"results": actions.order_categories(data["ids"], by=self.actor())}

    @endpoint("Merge an aisle into another one", request=serializers.Merge, status=200, errors=(400, 404), example=INTO)
    def merge(self, category: Category, data: dict[str, Any]) -> Category:
        """Moves its items, deletes it, and returns the one that stays."""
        return actions.merge_categories(category, self.get_visible(Category, pk=data["into"]), by=self.actor())


class StoreViewSet(HomeViewSet):
    tag = "Stores"
    lookup_url_kwarg = "store_id"
    queryset = Store.objects.order_by("name", "id")
    serializer_class = serializers.StoreSerializer

    list = list_endpoint("List stores", columns=False)
    create = action_endpoint(
        actions.create_store, "Create a store", request=serializers.NewStore, example={"name": "Corner shop"},
        errors=(400, 404, 409),
    )  # fmt: skip
    retrieve = retrieve_endpoint("Retrieve a store")

    @endpoint(
        "Rename a store or sort its aisles", request=serializers.StoreChange, errors=(400, 404, 409),
        example={"name": "Market"},
    )  # fmt: skip
    @transaction.atomic
    def partial_update(self, store: Store, data: dict[str, Any]) -> Store:
        by = self.actor()
        if "name" in data:
            store = actions.rename_store(store, data["name"], by=by)
        if "aisles" in data:
            store = actions.sort_store(store, data["aisles"], by=by)
        if "is_sorted_by_hand" in data:
            store = actions.learn_store(store, by=by)
        return store

    destroy = action_endpoint(actions.remove_store, "Remove a store; its lists stay", errors=(400, 404))


class ItemViewSet(HomeViewSet):
    tag = "Items"
    lookup_url_kwarg = "item_id"
    queryset = Item.objects.select_related("category").prefetch_related("aliases")
    serializer_class = serializers.ItemSerializer

    @endpoint(
        "List items; `q` filters by the start of a word", paginated=True, query=serializers.ITEM_QUERY, columns=False
    )
    def list(self, query: dict[str, Any]) -> Any:
        items = self.get_queryset()
        if prefix := query.get("q", "").strip():
            items = items.matching(prefix, self.home)
        if "category" in query:
            items = items.filter(category__name=query["category"])
        is_newest_first = query.get("order") == "newest"
        return items.order_by("-created_at", "-id") if is_newest_first else items.order_by("search_key", "id")

    @endpoint(
        "Create an item, or update the one of that name", request=serializers.NewItem, status=200,
        example={"name": "eggs", "quantity": "1", "unit": "dozen", "category": "protein"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> Item:
        item, _is_new = actions.create_item(by=self.actor(), **self.clean(data))
        return item

    retrieve = retrieve_endpoint("Retrieve an item")

    @endpoint("Change an item", request=serializers.ItemChange, example={"category": "dairy"})
    def partial_update(self, item: Item, data: dict[str, Any]) -> Item:
        return actions.update_item(item, by=self.actor(), **self.clean(data))

    destroy = action_endpoint(actions.remove_item, "Remove an item that was never bought", errors=(400, 404))

    @endpoint("Merge an item into another one", request=serializers.Merge, status=200, errors=(400, 404), example=INTO)
    def merge(self, item: Item, data: dict[str, Any]) -> Item:
        """Its list items, purchases, recurring items and aliases become those of the item that stays, which is
        returned, and its name becomes an alias of it."""
        return actions.merge_items(item, self.get_visible(Item, pk=data["into"]), by=self.actor())

    def clean(self, fields: dict[str, Any]) -> dict[str, Any]:
        if "category" in fields:
            category = Category.objects.filter(home=self.home, name=fields["category"]).first()
            if category is None:
                raise ActionError(_("There's no aisle with that name."))
            fields["category"] = category
        if "default_unit" in fields:
            fields["default_unit"] = normalize_unit(fields["default_unit"])
        return fields


class ListViewSet(HomeViewSet):
    tag = "Lists"
    lookup_url_kwarg = "list_id"
    queryset = GroceryList.objects.all()
    serializer_class: Any = serializers.FullList

    def get_queryset(self) -> Any:
        """Return the archived lists of the home, too."""
        return GroceryList.objects.filter(home=self.home)

    @endpoint(
        "List lists, templates or archived lists, newest first", paginated=True, query=serializers.LIST_QUERY,
        response=serializers.ListSerializer,
    )  # fmt: skip
    def list(self, query: dict[str, Any]) -> Any:
        kind = query.pop("kind", "lists")
        lists = self.get_queryset().filter(archived_at__isnull=kind != "archived", **query)
        if kind != "archived":
            lists = lists.filter(is_template=kind == "templates")
        return lists.order_by("-created_at", "-id")

    @endpoint("Create a list or a template", request=serializers.NewList, status=200, example={"name": "Weekly shop"})
    def create(self, data: dict[str, Any]) -> GroceryList:
        source, store_id = data.pop("copy_of", None), data.pop("store_id", None)
        store = self.get_visible(Store, pk=store_id) if store_id else None
        if source is None:
            return actions.create_list(by=self.actor(), store=store, **data)
        copy = actions.copy_list(self.get_visible(GroceryList, pk=source), by=self.actor(), **data)
        return actions.choose_store(copy, store, by=self.actor()) if store else copy

    @endpoint("Retrieve the current list with its items")
    def current(self) -> GroceryList:
        """Returns the newest open list, which pages, the command and agents mean where none is named."""
        current = GroceryList.objects.visible_to(self.member).current()
        if current is None:
            raise Http404
        return current

    retrieve = retrieve_endpoint("Retrieve a list with its items")

    @endpoint(
        "Rename, approve, complete, reopen, archive or restore a list, or choose its store",
        request=serializers.ListChange,
        example={"state": "approved"},
    )  # fmt: skip
    @transaction.atomic
    def partial_update(self, grocery_list: GroceryList, data: dict[str, Any]) -> GroceryList:
        by = self.actor()
        if "name" in data:
            grocery_list = actions.rename_list(grocery_list, data["name"], by=by)
        if "store_id" in data:
            store = self.get_visible(Store, pk=data["store_id"]) if data["store_id"] else None
            grocery_list = actions.choose_store(grocery_list, store, by=by)
        if "state" in data:
            grocery_list = actions.change_list_state(grocery_list, data["state"], by=by)
        if "archived" in data:
            change = actions.archive_list if data["archived"] else actions.restore_list
            grocery_list = change(grocery_list, by=by)
        return grocery_list

    @endpoint("Remove what is left to get on a list", errors=(400, 404), status=200)
    def clear(self, grocery_list: GroceryList) -> GroceryList:
        actions.clear_list(grocery_list, by=self.actor())
        return grocery_list

    destroy = action_endpoint(
        actions.delete_list, "Delete a list", errors=(400, 404),
        description="Refused if something on it was bought, since that is part of the home's spending: archive it.",
    )  # fmt: skip

    def represent(self, row: GroceryList) -> Any:
        return serializers.full_list(row)


class SuggestionViewSet(ListViewSet):
    serializer_class = serializers.ItemSuggestions

    @endpoint("Suggest items for a list", query=serializers.SUGGESTION_QUERY)
    def retrieve(self, grocery_list: GroceryList, query: dict[str, Any]) -> dict[str, Any]:
        """Completes what is typed; without `q`, suggests what the home usually buys and is not on the list."""
        limit = {"limit": query["limit"]} if "limit" in query else {}
        return {"results": suggest(grocery_list, query.get("q", ""), get_language() or "", **limit)}

    def represent(self, row: Any) -> Any:
        return self.serializer_class(row).data


class FileViewSet(ListViewSet):
    serializer_class = serializers.TakenLines

    @endpoint(
        "Take the lines of another product's file onto a list", request=serializers.FileText, status=200,
        errors=(400, 404), example={"text": "Item,Quantity,Unit\nMilk,2,l", "dry_run": True},
    )  # fmt: skip
    def create(self, grocery_list: GroceryList, data: dict[str, Any]) -> dict[str, Any]:
        """Reads CSV, exports of KitchenOwl, Mealie, Grocy, AnyList and Bring!, recipes and texts. Takes what isn't
        bought, all or, if a line makes no sense, none."""
        file = file_imports.read_lists(data["text"].encode(), self.home)
        if data.get("dry_run"):
            return {"lines": file_imports.numbered_lines(file.lists), "results": []}
        chosen = file_imports.find_list(file, data.get("from_list", ""))
        lines = file_imports.lines_to_take(chosen, self.home, serializers.MAX_ENTRIES)
        entries = actions.add_lines(grocery_list, lines, by=self.actor())
        return {"lines": file_imports.numbered_lines([chosen]), "results": entries}

    def represent(self, row: Any) -> Any:
        return self.serializer_class(row).data


class EntryViewSet(HomeViewSet):
    tag = "List items"
    lookup_url_kwarg = "entry_id"
    queryset = ListEntry.objects.select_related("list", "item__category")
    serializer_class = serializers.EntrySerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(list=self.kwargs["list_id"])

    def get_list(self) -> Any:
        return self.get_visible(GroceryList, pk=self.kwargs["list_id"])

    @endpoint("List the items on a list", paginated=True, query=serializers.ENTRY_QUERY)
    def list(self, query: dict[str, Any]) -> Any:
        """Lists pending and purchased items. `?state=removed` lists removed ones."""
        entries = ListEntry.objects.filter(list=self.get_list()).order_by("created_at", "id")
        return entries.filter(**query) if query else entries.exclude(state=EntryState.REMOVED)

    @endpoint(
        "Add an item to a list, or raise its amount", request=serializers.NewEntry,
        also={200: serializers.EntrySerializer}, example={"name": "eggs", "quantity": "1", "unit": "dozen"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> Response:
        """Returns 201 with a new list item, 200 with an existing one whose amount was raised."""
        item = data.pop("name", None) or self.get_visible(Item, pk=data.pop("item_id"))
        return self.created(*actions.add_entry(self.get_list(), item, by=self.actor(), **data))

    retrieve = retrieve_endpoint("Retrieve a list item")

    @endpoint(
        "Change, purchase or put back a list item", request=serializers.EntryChange, errors=(404, 409),
        example={"state": "purchased", "price_paid": "45", "version": 1},
    )  # fmt: skip
    @transaction.atomic
    def partial_update(self, entry: ListEntry, data: dict[str, Any]) -> ListEntry:
        by, state = self.actor(), data.pop("state", None)
        if "list_id" in data:
            data["list"] = self.get_visible(GroceryList, pk=data.pop("list_id"))
        if state is None and "price_paid" in data and entry.is_purchased:
            entry = actions.correct_price(entry, data.pop("price_paid"), by=by, version=data.pop("version", None))
        price = data.pop("price_paid", None) if state == EntryState.PURCHASED else None
        if data:
            entry = actions.change_entry(entry, by=by, **data)
        if state == EntryState.PURCHASED:
            entry = actions.purchase_entry(entry, by=by, price=price)
        elif state == EntryState.PENDING:
            entry = actions.put_back_entry(entry, by=by)
        elif state == EntryState.REMOVED:
            entry = actions.remove_entry(entry, by=by)
        return entry

    destroy = action_endpoint(actions.remove_entry, "Remove a list item", errors=(400, 404))

    @endpoint(
        "Change the state of several list items, or move them", request=serializers.EntriesChange,
        response=serializers.EntriesSerializer, example={"ids": [EXAMPLE_ID], "state": "purchased"}, errors=(400, 404),
    )  # fmt: skip
    def bulk(self, data: dict[str, Any]) -> Any:
        """All or, if one of them can't be changed, none."""
        by, entries = self.actor(), list(self.get_queryset().filter(pk__in=data["ids"]))
        if len(entries) != len(set(data["ids"])):
            raise Http404
        if "state" in data:
            changed = actions.set_entry_states(entries, data["state"], by=by)
        else:
            changed = actions.move_entries(entries, self.get_visible(GroceryList, pk=data["list_id"]), by=by)
        return {"results": changed}


class ShoppingViewSet(ListViewSet):
    tag = "Shopping"
    serializer_class = serializers.Shopping

    retrieve = retrieve_endpoint("Retrieve the shoppers of a list and their aisles")

    @endpoint("Start shopping", also={200: serializers.Shopping}, errors=(400, 404))
    def create(self, grocery_list: GroceryList) -> Response:
        """Notifies the other members. Returns 200 if you are shopping already."""
        _trip, is_new = actions.start_shopping(grocery_list, by=self.actor())
        return self.created(grocery_list, is_new)

    destroy = action_endpoint(
        actions.end_shopping, "End shopping", query=serializers.TRIP_END, errors=(400, 404),
        description="Releases the aisles that you claimed.",
    )  # fmt: skip

    def represent(self, row: GroceryList) -> Any:
        return serializers.shopping(row)


class TripViewSet(HomeViewSet):
    tag = "Shopping"
    lookup_url_kwarg = "trip_id"
    queryset = Trip.objects.order_by("-created_at", "-id")
    serializer_class = serializers.TripSerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(list=self.get_visible(GroceryList, pk=self.kwargs["list_id"]))

    list = list_endpoint("List the shopping trips with a list, newest first")
    partial_update = action_endpoint(
        actions.change_trip_total, "Change the total of a shopping trip that has ended", request=serializers.TripChange,
        errors=(400, 404), example={"total": "412.50"},
    )  # fmt: skip


class GuestLinkViewSet(HomeViewSet):
    """Links that share one list with people who have no account."""

    tag = "Lists"
    scopes = ("read", "admin")
    is_secret = True
    lookup_url_kwarg = "link_id"
    queryset: Any = GuestLink.objects.select_related("list", "created_by").order_by("-created_at", "-id")
    serializer_class: Any = serializers.GuestLinkSerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(list=self.get_visible(GroceryList, pk=self.kwargs["list_id"]))

    list = list_endpoint("List the guest links of a list, newest first", columns=False)

    @endpoint(
        "Share a list with a guest", request=serializers.NewGuestLink, response=serializers.GuestLinkMade,
        without_read=True, errors=(400, 404), example={"name": "Grandma", "days": 7},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> dict[str, Any]:
        """Lets whoever has the link open this list and nothing else."""
        grocery_list, lifetime = self.get_visible(GroceryList, pk=self.kwargs["list_id"]), data.pop("days")
        by = self.actor()
        link, token = actions.create_guest_link(grocery_list, by=by, lifetime=timedelta(days=lifetime), **data)
        url = self.request.build_absolute_uri(reverse("guest", args=[token]))
        row = serializers.GuestLinkSerializer(link).data
        return {**row, "created_by_id": link.created_by_id, "token": token, "url": url}

    destroy = action_endpoint(actions.revoke_guest_link, "Revoke a guest link")


class AisleViewSet(ShoppingViewSet):
    @endpoint("Claim an aisle", errors=(400, 404))
    def update(self, grocery_list: GroceryList) -> GroceryList:
        """Starts shopping if necessary. Refused while someone else has claimed the aisle."""
        category = self.get_visible(Category, pk=self.kwargs["category_id"])
        actions.claim_aisle(grocery_list, category, by=self.actor())
        return grocery_list

    @endpoint("Release an aisle")
    def destroy(self, grocery_list: GroceryList) -> None:
        """Releases the aisle whoever claimed it."""
        category = self.get_visible(Category, pk=self.kwargs["category_id"])
        actions.release_aisle(grocery_list, category, by=self.actor())


class RecurringViewSet(HomeViewSet):
    tag = "Recurring items"
    lookup_url_kwarg = "recurring_id"
    queryset = RecurringItem.objects.select_related("item__category").order_by("next_due_at", "id")
    serializer_class = serializers.RecurringSerializer

    list = list_endpoint("List recurring items, next due first", columns=False)

    @endpoint(
        "Create a recurring item", request=serializers.NewRecurring,
        example={"name": "rice", "frequency": "monthly", "starts_on": "2026-01-31", "quantity": "5", "unit": "kg"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> RecurringItem:
        """An item can have several. One that is the same already is returned."""
        item = data.pop("name", None) or self.get_visible(Item, pk=data.pop("item_id"))
        return actions.create_recurring(item, by=self.actor(), **data)

    retrieve = retrieve_endpoint("Retrieve a recurring item")
    partial_update = action_endpoint(
        actions.change_recurring, "Change, pause or resume a recurring item", request=serializers.RecurringChange,
        example={"paused": True},
    )  # fmt: skip
    destroy = action_endpoint(actions.stop_recurring, "Stop a recurring item")
    skip = action_endpoint(
        actions.skip_recurring, "Skip the next time of a recurring item",
        description="If that was the last one, the recurring item is stopped.", status=200,
    )  # fmt: skip
    snooze = action_endpoint(
        actions.snooze_recurring, "Let a recurring item be due next on another day",
        description="After that it follows its rule again.",
        request=serializers.SnoozeSerializer, status=200, example={"day": "2026-03-06"},
    )  # fmt: skip
    add = action_endpoint(
        actions.add_recurring_early, "Add a recurring item to the current list now instead of at its next time",
        response=serializers.EntrySerializer, status=200, errors=(400, 404),
    )  # fmt: skip


class ForecastViewSet(HomeViewSet):
    tag = "Forecasts"
    lookup_url_kwarg = "item_id"
    queryset = Item.objects.select_related("category")
    serializer_class = serializers.ItemSerializer

    @endpoint("List what the home runs out of, the first first", response=serializers.Forecasts)
    def overview(self) -> dict[str, Any]:
        """Lists the items whose purchases are regular enough, and those whose forecasts are refused."""
        return {"results": forecasts.cached_forecasts(self.home)}

    add = action_endpoint(
        actions.add_forecast, "Add an item that runs out to the current list",
        description="Where it is to get on an open list already, that list item is returned.",
        response=serializers.EntrySerializer, status=200, errors=(400, 404),
    )  # fmt: skip
    snooze = action_endpoint(
        actions.snooze_forecast, "Say that an item is not needed yet",
        description="Its forecast learns that it lasts at least until that day.",
        request=serializers.ForecastSnooze, status=200, example={},
    )  # fmt: skip
    refuse = action_endpoint(actions.refuse_forecasts, "Never offer an item again", status=200)
    allow = action_endpoint(actions.allow_forecasts, "Offer an item again that was refused or snoozed", status=200)


class SpendingViewSet(HomeViewSet):
    tag = "Spending"
    serializer_class = serializers.SpendingSerializer

    @endpoint("Retrieve the spending of a period", query=serializers.SPENDING_QUERY)
    def retrieve(self, query: dict[str, Any]) -> dict[str, Any]:
        period = period_of(self.home, query.get("from"), query.get("to"))
        sums = reports.cached_totals(period, query.get("group_by", "category"))
        return {
            "from": period.first,
            "to": period.last,
            "currency": self.home.currency,
            "total": sums.total,
            "without_price": sums.unpriced,
            "groups": [{"key": key, "total": total} for key, total in sums.groups.items()],
            "budget": self.budget(),
        }

    def budget(self) -> dict[str, Any] | None:
        left = reports.remaining_budget(self.home)
        if left is None:
            return None
        days_left = reports.Period.month(self.home).days_left()
        return {"monthly": self.home.monthly_budget, "left": left, "days_left": days_left}


def period_of(home: Home, first: date | None, last: date | None) -> reports.Period:
    """Return the period, defaulting to the current month. Raises ActionError for an invalid one."""
    month = reports.Period.month(home)
    first = first or (last.replace(day=1) if last else month.first)
    last = last or max(month.last, first)
    if not MIN_DATE <= first <= last <= MAX_DATE:
        raise ActionError(_("The last day can't be before the first, and both must be from 1900 to 9000."))
    return reports.Period(home, first, last)


class UndoViewSet(HomeViewSet):
    tag = "Log"

    @endpoint(
        "Undo an event or an operation",
        request=serializers.UndoSerializer,
        response=EventPage,
        status=200,
        example={"seq": 812},
    )
    def create(self, data: dict[str, Any]) -> Response:
        """Returns the events that undid it. Idempotent."""
        events = Event.objects.visible_to(self.member).filter(**data)
        if "op_id" in data:
            events = events.filter(actor_user=self.user)
        if not (undone := list(events)):
            raise Http404
        if "op_id" in data:
            undo_operation(data["op_id"], by=self.actor())
        else:
            undo_event(undone[0], by=self.actor())
        op_ids = [uuid5(event.pk, "undo") for event in undone]
        undo_events = Event.objects.filter(home=self.home, op_id__in=op_ids).order_by("seq")
        if not undo_events:
            raise ActionError(_("There is nothing left to undo: it was changed back already."))
        self.home.refresh_from_db(fields=["last_seq"])
        results = [event_payload(undo) for undo in undo_events]
        return Response({"results": results, "seq": self.home.last_seq, "next": None})
