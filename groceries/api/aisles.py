"""API of aisles and stores."""

from typing import Any

from django.db import transaction
from rest_framework import serializers

from groceries import actions
from groceries.actions.aisles import MAX_AISLES
from groceries.api.fields import EXAMPLE_ID, INTO, Merge
from groceries.models import Category, Store
from homes.api.viewsets import HomeViewSet
from pantry.api.endpoints import action_endpoint, endpoint, list_endpoint, retrieve_endpoint
from pantry.api.fields import Id, Integer, Line, ShortList


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


class CategoriesSerializer(serializers.Serializer):  # type: ignore[type-arg]
    results = CategorySerializer(many=True)


class CategoryOrder(serializers.Serializer):  # type: ignore[type-arg]
    ids = ShortList(child=Id(), min_length=1, max_length=MAX_AISLES, help_text="All aisles, each once.")


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


class CategoryViewSet(HomeViewSet):
    tag = "Categories"
    lookup_url_kwarg = "category_id"
    queryset = Category.objects.order_by("position", "id")
    serializer_class = CategorySerializer

    list = list_endpoint("List aisles, in the order of the shop", columns=False)
    create = action_endpoint(
        actions.create_category, "Create an aisle", request=NewCategory, example={"name": "Frozen"}
    )
    partial_update = action_endpoint(
        actions.update_category, "Rename or move an aisle", request=CategoryChange, errors=(404, 409),
        example={"position": 2},
    )  # fmt: skip
    destroy = action_endpoint(actions.remove_category, "Remove an empty aisle", errors=(400, 404))

    @endpoint(
        "Set the order of all aisles", request=CategoryOrder, errors=(400, 404),
        response=CategoriesSerializer, example={"ids": [EXAMPLE_ID]},
    )  # fmt: skip
    def order(self, data: dict[str, Any]) -> Any:
        """Refused unless `ids` are those of all aisles of the home, each once."""
        return {"results": actions.order_categories(data["ids"], by=self.actor())}

    @endpoint("Merge an aisle into another one", request=Merge, status=200, errors=(400, 404), example=INTO)
    def merge(self, category: Category, data: dict[str, Any]) -> Category:
        """Moves its items, deletes it, and returns the one that stays."""
        return actions.merge_categories(category, self.get_visible(Category, pk=data["into"]), by=self.actor())


class StoreViewSet(HomeViewSet):
    tag = "Stores"
    lookup_url_kwarg = "store_id"
    queryset = Store.objects.order_by("name", "id")
    serializer_class = StoreSerializer

    list = list_endpoint("List stores", columns=False)
    create = action_endpoint(
        actions.create_store, "Create a store", request=NewStore, example={"name": "Corner shop"},
        errors=(400, 404, 409),
    )  # fmt: skip
    retrieve = retrieve_endpoint("Retrieve a store")

    @endpoint(
        "Rename a store or sort its aisles", request=StoreChange, errors=(400, 404, 409),
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
