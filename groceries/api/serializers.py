"""Serializers of lists, entries, items, trips, recurring items and spending."""

from decimal import Decimal
from functools import partial
from typing import Any

from rest_framework import serializers

from groceries.actions.aisles import MAX_AISLES
from groceries.actions.items import MAX_ALIASES
from groceries.models import (
    OTHER_FREQUENCY,
    AisleClaim,
    Category,
    EntryState,
    Frequency,
    GroceryList,
    GuestLink,
    ListEntry,
    ListState,
    Trip,
)
from groceries.suggestions import MAX_LIMIT
from pantry.api.fields import Boolean, Date, ExactDecimal, Id, Integer, Line, NumberField, OneOf, ShortList, Text, money
from pantry.api.pagination import column_names, serialize_columns

MAX_ENTRIES = 500  # in one change
MAX_FILE_CHARS = 900_000
AMOUNT = r"^([1-9][0-9]{0,4}(\.[0-9]{1,3})?|0\.([1-9][0-9]{0,2}|0[1-9][0-9]?|00[1-9]))$"


amount = partial(ExactDecimal, Decimal("0.001"), Decimal("99999.999"), 3, AMOUNT)
rule = partial(Text, 200, format="rrule", help_text="RFC 5545, like FREQ=WEEKLY;BYDAY=MO.")


class CategorySerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    label = serializers.CharField(help_text="The name for display. Default aisles are translated.")  # type: ignore[assignment]
    position = serializers.IntegerField()


class CategoryChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(40, required=False)
    position = Integer(0, Category.MAX_POSITION, required=False)


class NewCategory(CategoryChange):
    name = Line(40)


class StoreSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    is_sorted_by_hand = serializers.BooleanField(help_text="If not, the order is learned from shopping trips.")
    aisles = serializers.ListField(
        child=serializers.CharField(), help_text="The ids of aisles in order; empty before the first trip."
    )


class NewStore(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(40)


class StoreChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(40, required=False)
    aisles = ShortList(
        child=Id(), required=False, max_length=MAX_AISLES, help_text="The ids of all aisles of the home, in order."
    )
    is_sorted_by_hand = serializers.ChoiceField(
        required=False, choices=[False], help_text="False: learn the order from shopping trips."
    )


class CategoriesSerializer(serializers.Serializer):  # type: ignore[type-arg]
    results = CategorySerializer(many=True)


class CategoryOrder(serializers.Serializer):  # type: ignore[type-arg]
    ids = ShortList(child=Id(), min_length=1, max_length=MAX_AISLES, help_text="All aisles, each once.")


class Merge(serializers.Serializer):  # type: ignore[type-arg]
    into = Id(help_text="The one that stays.")


class ListedItem(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    description = serializers.CharField()
    category = serializers.CharField(source="category.name")
    default_unit = serializers.CharField()


class ItemSerializer(ListedItem):
    """An item with its usual amount, `quantity` and `unit`."""

    quantity = NumberField(source="default_quantity", allow_null=True)
    unit = serializers.CharField(source="default_unit")
    estimated_price = NumberField(allow_null=True)
    last_purchased_at = serializers.DateTimeField(allow_null=True)
    aliases = serializers.ListField(child=serializers.CharField(), source="alias_names")
    snoozed_until = serializers.DateField(allow_null=True, help_text="The day until which it is not needed.")
    has_forecasts = serializers.BooleanField(help_text="False: its forecasts are refused.")


class ItemChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(100, required=False)
    description = Line(200, blank=True, required=False)
    category = Line(40, required=False, help_text="Name of an aisle.")
    quantity = amount(required=False, allow_null=True, source="default_quantity", help_text="The usual amount.")
    unit = Line(20, blank=True, required=False, source="default_unit")
    estimated_price = money(required=False, allow_null=True)
    aliases = ShortList(
        child=Line(100), max_length=MAX_ALIASES, required=False, help_text="All other names that mean the item."
    )


class NewItem(ItemChange):
    name = Line(100)


ITEM_QUERY = {
    "q": Text(100, blank=True, required=False, help_text="Start of any word of the name or an alias."),
    "category": Line(40, required=False, help_text="Name of an aisle."),
    "order": serializers.ChoiceField(required=False, choices=["name", "newest"]),
}


SUGGESTION_QUERY = {
    "q": Text(4000, blank=True, required=False, help_text="What is typed so far."),
    "limit": serializers.IntegerField(
        min_value=1, max_value=MAX_LIMIT, required=False, help_text="At most so many; 8 by default."
    ),
}


class ItemSuggestion(serializers.Serializer):  # type: ignore[type-arg]
    text = serializers.CharField(help_text="What is typed, completed: to add it, or to go on with.")
    name = serializers.CharField()
    quantity = NumberField(allow_null=True, help_text="The usual amount.")
    unit = serializers.CharField()
    icon = serializers.CharField(help_text="An emoji, or empty.")
    reason = serializers.CharField(help_text="Why, in the language of the request, or empty.")


class ItemSuggestions(serializers.Serializer):  # type: ignore[type-arg]
    results = ItemSuggestion(many=True)


class ListSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField()
    store = serializers.UUIDField(source="store_id", allow_null=True, help_text="Where it is shopped with.")
    state = serializers.ChoiceField(choices=ListState.choices)
    is_template = serializers.BooleanField()
    approved_by = serializers.UUIDField(source="approved_by_id", allow_null=True)
    approved_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    archived_at = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField(help_text="Tells lists of the same name apart.")


class EntrySerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    item = ListedItem()
    quantity = NumberField()
    unit = serializers.CharField()
    note = serializers.CharField()
    state = serializers.ChoiceField(choices=EntryState.choices)
    version = serializers.IntegerField()
    listed_at = serializers.DateTimeField(help_text="Later than the list's `approved_at`: nobody has approved it.")
    added_by = serializers.UUIDField(source="added_by_id", allow_null=True)
    purchased_by = serializers.UUIDField(source="purchased_by_id", allow_null=True)
    purchased_at = serializers.DateTimeField(allow_null=True)
    price_paid = NumberField(allow_null=True)


class FullList(ListSerializer):
    items = EntrySerializer(many=True)


def full_list(grocery_list: GroceryList) -> dict[str, Any]:
    """Serialize a list with its entries, ordered by aisle."""
    return {**ListSerializer(grocery_list).data, "items": list_entries(grocery_list)}


def list_entries(grocery_list: GroceryList) -> list[dict[str, Any]]:
    """Serialize the entries of a list, ordered by aisle."""
    entries = (
        ListEntry.objects.filter(list=grocery_list).exclude(state=EntryState.REMOVED).in_aisles(grocery_list.store)
    )
    return serialize_columns(EntrySerializer, entries.values(*column_names(EntrySerializer)))


class GuestLinkSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    name = serializers.CharField(help_text="Who it is for.")
    can_change = serializers.BooleanField(help_text="May add and tick, too.")
    state = serializers.ChoiceField(choices=GuestLink.STATES)
    created_by = serializers.UUIDField(source="created_by_id")
    expires_at = serializers.DateTimeField()
    created_at = serializers.DateTimeField()


class NewGuestLink(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(40, help_text="Who it is for.")
    days = serializers.ChoiceField(choices=[each.days for each in GuestLink.LIFETIMES])
    can_change = Boolean(required=False)


class GuestLinkMade(GuestLinkSerializer):
    token = serializers.CharField(help_text="Shown only once.")
    url = serializers.URLField(help_text="The link to send.")


class NewEntry(OneOf):
    """Either `item_id` or `name`. The quantity defaults to the item's usual one."""

    one_of = ("item_id", "name")

    item_id = Id(required=False)
    name = Line(100, required=False)
    quantity = amount(required=False)
    unit = Line(20, required=False)
    note = Line(200, blank=True, required=False)


class EntryChange(serializers.Serializer):  # type: ignore[type-arg]
    version = Integer(1, required=False, help_text="The version that the client last saw.")
    name = Line(100, required=False, help_text="Selects another item of the home, or creates one.")
    list_id = Id(required=False, help_text="Moves it to another list.")
    state = serializers.ChoiceField(required=False, choices=EntryState.choices)
    quantity = amount(required=False)
    unit = Line(20, required=False)
    note = Line(200, blank=True, required=False)
    price_paid = money(required=False, allow_null=True)


class EntriesChange(OneOf):
    """Either a `state` or the `list_id` of another list, for several list items."""

    one_of = ("state", "list_id")

    ids = ShortList(child=Id(), min_length=1, max_length=MAX_ENTRIES)
    state = serializers.ChoiceField(required=False, choices=EntryState.choices)
    list_id = Id(required=False)


class EntriesSerializer(serializers.Serializer):  # type: ignore[type-arg]
    results = EntrySerializer(many=True)


class FileText(serializers.Serializer):  # type: ignore[type-arg]
    text = Text(MAX_FILE_CHARS, help_text="Of a CSV file, an export or a plain text.")
    from_list = Line(80, required=False, help_text="The name of a list in the file, if it has several.")
    dry_run = Boolean(required=False, help_text="Only return the lines.")


class FileLineSerializer(serializers.Serializer):  # type: ignore[type-arg]
    from_list = serializers.CharField(help_text="The list in the file.")
    number = serializers.IntegerField(help_text="The line of the file, or the place in its list.")
    name = serializers.CharField()
    quantity = NumberField(allow_null=True)
    unit = serializers.CharField(allow_null=True)
    note = serializers.CharField()
    category = serializers.CharField(help_text="The aisle in the file.")
    is_bought = serializers.BooleanField()
    problem = serializers.CharField(help_text="Why it can't be taken, for people.")


class TakenLines(serializers.Serializer):  # type: ignore[type-arg]
    lines = FileLineSerializer(many=True)
    results = EntrySerializer(many=True, help_text="The list items that were added or raised.")


class ListChange(serializers.Serializer):  # type: ignore[type-arg]
    name = Line(80, required=False)
    state = serializers.ChoiceField(required=False, choices=ListState.choices)
    archived = Boolean(required=False)
    store_id = Id(required=False, allow_null=True, help_text="Where to shop with it.")


class NewList(serializers.Serializer):  # type: ignore[type-arg]
    """A list or a template, empty or with the items of another one."""

    name = Line(80, required=False)
    is_template = Boolean(required=False)
    store_id = Id(required=False, help_text="Where to shop with it.")
    copy_of = Id(required=False, help_text="The list or template that it gets the items of, and its name.")


LIST_QUERY = {
    "state": serializers.ChoiceField(required=False, choices=ListState.choices),
    "kind": serializers.ChoiceField(
        required=False, choices=["lists", "templates", "archived"], help_text="Defaults to lists."
    ),
}
ENTRY_QUERY = {"state": serializers.ChoiceField(required=False, choices=EntryState.choices)}


class TripSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    user = serializers.UUIDField(source="user_id", allow_null=True)
    created_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    total = NumberField(allow_null=True, help_text="The total of the receipt.")


class TripChange(serializers.Serializer):  # type: ignore[type-arg]
    total = money(allow_null=True)


TRIP_END = {"total": money(required=False, help_text="The total of the receipt.")}


class Shopper(serializers.Serializer):  # type: ignore[type-arg]
    user = serializers.UUIDField()
    since = serializers.DateTimeField()


class TakenAisle(serializers.Serializer):  # type: ignore[type-arg]
    category = serializers.UUIDField()
    user = serializers.UUIDField()


class Shopping(serializers.Serializer):  # type: ignore[type-arg]
    shoppers = Shopper(many=True)
    aisles = TakenAisle(many=True)


def shopping(grocery_list: GroceryList) -> dict[str, Any]:
    """Serialize the shoppers of a list and their aisles. Two queries."""
    trips = Trip.objects.active().filter(list=grocery_list).order_by("created_at")
    claims = AisleClaim.objects.filter(list=grocery_list).order_by("category__position")
    return {
        "shoppers": [{"user": user, "since": since} for user, since in trips.values_list("user", "created_at")],
        "aisles": [{"category": aisle, "user": user} for aisle, user in claims.values_list("category", "trip__user")],
    }


class RecurringSerializer(serializers.Serializer):  # type: ignore[type-arg]
    id = serializers.UUIDField()
    item = ListedItem()
    quantity = NumberField()
    unit = serializers.CharField()
    frequency = serializers.ChoiceField(
        choices=[*Frequency.values, OTHER_FREQUENCY], help_text="The period of the rule, if it has a name."
    )
    rrule = serializers.CharField()
    starts_on = serializers.DateField(help_text="The day from which the rule counts.")
    next_due_at = serializers.DateTimeField()
    paused_at = serializers.DateTimeField(allow_null=True)


class SnoozeSerializer(serializers.Serializer):  # type: ignore[type-arg]
    day = Date(help_text="The next day on which it is due, not before the next one of its rule.")


class RecurringChange(serializers.Serializer):  # type: ignore[type-arg]
    frequency = serializers.ChoiceField(required=False, choices=Frequency.choices)
    rrule = rule(required=False)
    starts_on = Date(required=False)
    quantity = amount(required=False)
    unit = Line(20, required=False)
    paused = Boolean(required=False)


class NewRecurring(OneOf):
    """Either `item_id` or `name`, and a `frequency` or an `rrule`, which takes precedence."""

    one_of = ("item_id", "name")

    item_id = Id(required=False)
    name = Line(100, required=False)
    frequency = serializers.ChoiceField(required=False, choices=Frequency.choices)
    rrule = rule(required=False)
    starts_on = Date(required=False, help_text="First day. Without it, it is first due after today.")
    quantity = amount(required=False)
    unit = Line(20, required=False)


class ForecastSerializer(serializers.Serializer):  # type: ignore[type-arg]
    """A forecast of an item. Only a refused item can be without the days and the chance."""

    item_id = serializers.UUIDField()
    name = serializers.CharField()
    interval_days = serializers.IntegerField(source="forecast.interval_days", default=None, allow_null=True)
    spread_days = serializers.IntegerField(source="forecast.spread_days", default=None, allow_null=True)
    last_on = serializers.DateField(
        source="forecast.last_on", default=None, allow_null=True, help_text="The day on which it was last bought."
    )
    runs_out_on = serializers.DateField(source="forecast.runs_out_on", default=None, allow_null=True)
    buy_on = serializers.DateField(
        source="forecast.buy_on", default=None, allow_null=True, help_text="The day of shopping by which it is needed."
    )
    chance = serializers.FloatField(
        source="forecast.chance",
        default=None,
        allow_null=True,
        help_text="Of a purchase within three days, 0 to 1.",
    )
    reason = serializers.CharField(help_text="In the language of the request, or empty.")
    is_offered = serializers.BooleanField(
        help_text="It is probably needed within three days, not refused, not on an open list, and comes by no rule."
    )
    is_refused = serializers.BooleanField()
    snoozed_until = serializers.DateField(allow_null=True)


class Forecasts(serializers.Serializer):  # type: ignore[type-arg]
    results = ForecastSerializer(many=True)


class ForecastSnooze(serializers.Serializer):  # type: ignore[type-arg]
    day = Date(required=False, help_text="The day on which to offer it again. Without it, after part of its interval.")


PERIOD_QUERY = {
    "from": Date(required=False, help_text="First day. Defaults to the first of the month."),
    "to": Date(required=False, help_text="Last day, included. Defaults to the end of the month."),
}
SPENDING_GROUPS = ["category", "member", "week", "month"]
SPENDING_QUERY = {**PERIOD_QUERY, "group_by": serializers.ChoiceField(required=False, choices=SPENDING_GROUPS)}


class PeriodSerializer(serializers.Serializer):  # type: ignore[type-arg]
    def get_fields(self) -> dict[str, Any]:
        """Add `from` here, since it is a reserved word."""
        return {"from": serializers.DateField(), "to": serializers.DateField(), **super().get_fields()}


class SpendingGroup(serializers.Serializer):  # type: ignore[type-arg]
    key = serializers.CharField(allow_null=True, help_text="Aisle, member id, Monday or first of the month.")
    total = NumberField()


class BudgetSerializer(serializers.Serializer):  # type: ignore[type-arg]
    monthly = NumberField()
    left = NumberField(help_text="What is left this month. Negative if the budget is exceeded.")
    days_left = serializers.IntegerField(help_text="Days left this month, including today.")


class SpendingSerializer(PeriodSerializer):
    currency = serializers.CharField()
    total = NumberField()
    without_price = serializers.IntegerField(help_text="Number of purchases without a price.")
    groups = SpendingGroup(many=True)
    budget = BudgetSerializer(allow_null=True)


class UndoSerializer(OneOf):
    """Either one event or all that an operation of yours did."""

    one_of = ("seq", "op_id")

    seq = Integer(1, required=False, help_text="Number of the event to undo.")
    op_id = Id(required=False, help_text="The operation to undo, as its events name it.")
