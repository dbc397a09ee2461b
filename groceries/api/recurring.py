"""API of recurring items."""

from typing import Any

from rest_framework import serializers

from groceries import actions
from groceries.api.entries import EntrySerializer
from groceries.api.fields import amount, rule
from groceries.api.items import ListedItem
from groceries.models import OTHER_FREQUENCY, Frequency, Item, RecurringItem
from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, endpoint, list_endpoint, retrieve_endpoint
from pantry.api.fields import Boolean, Date, Id, Line, NumberField, OneOf


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


class RecurringViewSet(HomeViewSet):
    tag = "Recurring items"
    lookup_url_kwarg = "recurring_id"
    queryset = RecurringItem.objects.select_related("item__category").order_by("next_due_at", "id")
    serializer_class = RecurringSerializer

    list = list_endpoint("List recurring items, next due first", columns=False)

    @endpoint(
        "Create a recurring item", request=NewRecurring,
        example={"name": "rice", "frequency": "monthly", "starts_on": "2026-01-31", "quantity": "5", "unit": "kg"},
    )  # fmt: skip
    def create(self, data: dict[str, Any]) -> RecurringItem:
        """An item can have several. One that is the same already is returned."""
        item = data.pop("name", None) or self.get_visible(Item, pk=data.pop("item_id"))
        return actions.create_recurring(item, by=self.actor(), **data)

    retrieve = retrieve_endpoint("Retrieve a recurring item")
    partial_update = action_endpoint(
        actions.change_recurring, "Change, pause or resume a recurring item", request=RecurringChange,
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
        request=SnoozeSerializer, status=200, example={"day": "2026-03-06"},
    )  # fmt: skip
    add = action_endpoint(
        actions.add_recurring_early, "Add a recurring item to the current list now instead of at its next time",
        response=EntrySerializer, status=200, errors=(400, 404),
    )  # fmt: skip
