"""API of what a home runs out of."""

from typing import Any

from rest_framework import serializers

from groceries import actions, forecasts
from groceries.api.entries import EntrySerializer
from groceries.api.items import ItemSerializer
from groceries.models import Item
from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, endpoint
from pantry.api.fields import Date


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


class ForecastViewSet(HomeViewSet):
    tag = "Forecasts"
    lookup_url_kwarg = "item_id"
    queryset = Item.objects.select_related("category")
    serializer_class = ItemSerializer

    @endpoint("List what the home runs out of, the first first", response=Forecasts)
    def overview(self) -> dict[str, Any]:
        """Lists the items whose purchases are regular enough, and those whose forecasts are refused."""
        return {"results": forecasts.cached_forecasts(self.home)}

    add = action_endpoint(
        actions.add_forecast, "Add an item that runs out to the current list",
        description="Where it is to get on an open list already, that list item is returned.",
        response=EntrySerializer, status=200, errors=(400, 404),
    )  # fmt: skip
    snooze = action_endpoint(
        actions.snooze_forecast, "Say that an item is not needed yet",
        description="Its forecast learns that it lasts at least until that day.",
        request=ForecastSnooze, status=200, example={},
    )  # fmt: skip
    refuse = action_endpoint(actions.refuse_forecasts, "Never offer an item again", status=200)
    allow = action_endpoint(actions.allow_forecasts, "Offer an item again that was refused or snoozed", status=200)
