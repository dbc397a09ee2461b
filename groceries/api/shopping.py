"""API of shopping trips, and of the aisles that shoppers claim."""

from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from groceries import actions
from groceries.api.lists import ListViewSet
from groceries.models import AisleClaim, Category, GroceryList, Trip
from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, endpoint, list_endpoint, retrieve_endpoint
from pantry.api.fields import NumberField, money


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


class ShoppingViewSet(ListViewSet):
    tag = "Shopping"
    serializer_class = Shopping

    retrieve = retrieve_endpoint("Retrieve the shoppers of a list and their aisles")

    @endpoint("Start shopping", also={200: Shopping}, errors=(400, 404))
    def create(self, grocery_list: GroceryList) -> Response:
        """Notifies the other members. Returns 200 if you are shopping already."""
        _trip, is_new = actions.start_shopping(grocery_list, by=self.actor())
        return self.created(grocery_list, is_new)

    destroy = action_endpoint(
        actions.end_shopping, "End shopping", query=TRIP_END, errors=(400, 404),
        description="Releases the aisles that you claimed.",
    )  # fmt: skip

    def represent(self, row: GroceryList) -> Any:
        return shopping(row)


class TripViewSet(HomeViewSet):
    tag = "Shopping"
    lookup_url_kwarg = "trip_id"
    queryset = Trip.objects.order_by("-created_at", "-id")
    serializer_class = TripSerializer

    def get_queryset(self) -> Any:
        return super().get_queryset().filter(list=self.get_visible(GroceryList, pk=self.kwargs["list_id"]))

    list = list_endpoint("List the shopping trips with a list, newest first")
    partial_update = action_endpoint(
        actions.change_trip_total, "Change the total of a shopping trip that has ended", request=TripChange,
        errors=(400, 404), example={"total": "412.50"},
    )  # fmt: skip


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
