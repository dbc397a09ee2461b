"""API of aisles, items and recurring items."""

from typing import Any
from uuid import UUID

from django.db.models import Q
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from groceries.actions import (
    change_recurring,
    create_category,
    create_item,
    remove_category,
    remove_item,
    set_recurring,
    stop_recurring,
    update_category,
    update_item,
)
from groceries.api import serializers as shapes
from groceries.models import Category, Item, RecurringItem
from groceries.parsing.quantities import normalize_unit
from homes.api.viewsets import HomeViewSet
from pantry.api.pagination import paginate
from pantry.api.schema import describe
from pantry.errors import ActionError

CATEGORIES, ITEMS, RECURRING = "Categories", "Items", "Recurring items"


class CategoryViewSet(HomeViewSet):
    @describe("List aisles, in the order of the shop", tag=CATEGORIES, pages=shapes.CategorySerializer)
    def list(self, request: Request, **kwargs: Any) -> Response:
        rows = Category.objects.filter(home=self.home)
        return paginate(
            request, rows, ["position", "id"], lambda page: list(shapes.CategorySerializer(page, many=True).data)
        )

    @describe(
        "Create an aisle", tag=CATEGORIES, takes=shapes.NewCategory, gives=shapes.CategorySerializer, status=201,
        posts=True, example={"name": "Frozen"},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        category = create_category(by=self.actor(), **self.validated_body(shapes.NewCategory))
        return Response(shapes.CategorySerializer(category).data, status=status.HTTP_201_CREATED)

    @describe(
        "Rename or move an aisle", tag=CATEGORIES, takes=shapes.CategoryChange, gives=shapes.CategorySerializer,
        refuses=(403, 404, 409), example={"position": 2},
    )  # fmt: skip
    def partial_update(self, request: Request, category_id: UUID, **kwargs: Any) -> Response:
        category = self.get_category(category_id)
        changed = update_category(category, by=self.actor(), **self.validated_body(shapes.CategoryChange))
        return Response(shapes.CategorySerializer(changed).data)

    @describe("Remove an empty aisle", tag=CATEGORIES, status=204, refuses=(400, 403, 404))
    def destroy(self, request: Request, category_id: UUID, **kwargs: Any) -> Response:
        remove_category(self.get_category(category_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_category(self, category_id: UUID) -> Category:
        return get_object_or_404(Category, pk=category_id, home=self.home)


class ItemViewSet(HomeViewSet):
    @describe(
        "List items; `q` filters by the start of a word",
        tag=ITEMS,
        pages=shapes.ItemSerializer,
        query=shapes.ItemQuery,
    )
    def list(self, request: Request, **kwargs: Any) -> Response:
        query = self.validated_query(shapes.ItemQuery)
        items = Item.objects.visible_to(self.member)
        if prefix := query.get("q", "").strip():
            items = items.filter(Q(name__istartswith=prefix) | Q(name__icontains=f" {prefix}"))
        if "category" in query:
            items = items.filter(category__name=query["category"])
        order = ["-created_at", "-id"] if query.get("order") == "newest" else ["name", "id"]
        rows = items.values_list(*shapes.ITEM_COLUMNS, "created_at", named=True)
        return paginate(request, rows, order, shapes.items)

    @describe(
        "Create an item, or update the one of that name", tag=ITEMS,
        takes=shapes.NewItem, gives=shapes.ItemSerializer,
        posts=True, example={"name": "eggs", "quantity": "1", "unit": "dozen", "category": "protein"},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        item, _is_new = create_item(by=self.actor(), **self.fields(shapes.NewItem))
        return Response(shapes.ItemSerializer(item).data)

    @describe("Retrieve an item", tag=ITEMS, gives=shapes.ItemSerializer)
    def retrieve(self, request: Request, item_id: UUID, **kwargs: Any) -> Response:
        return Response(shapes.ItemSerializer(self.get_item(item_id)).data)

    @describe(
        "Change an item", tag=ITEMS, takes=shapes.ItemChange, gives=shapes.ItemSerializer, example={"category": "dairy"}
    )
    def partial_update(self, request: Request, item_id: UUID, **kwargs: Any) -> Response:
        item = update_item(self.get_item(item_id), by=self.actor(), **self.fields(shapes.ItemChange))
        return Response(shapes.ItemSerializer(item).data)

    @describe("Remove an item that was never bought", tag=ITEMS, status=204, refuses=(400, 403, 404))
    def destroy(self, request: Request, item_id: UUID, **kwargs: Any) -> Response:
        remove_item(self.get_item(item_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def fields(self, shape: Any) -> dict[str, Any]:
        fields = self.validated_body(shape)
        if "category" in fields:
            category = Category.objects.filter(home=self.home, name=fields["category"]).first()
            if category is None:
                raise ActionError(_("There's no aisle with that name."))
            fields["category"] = category
        if "default_unit" in fields:
            fields["default_unit"] = normalize_unit(fields["default_unit"])
        return fields

    def get_item(self, item_id: UUID) -> Item:
        item: Item = get_object_or_404(Item.objects.visible_to(self.member).select_related("category"), pk=item_id)
        return item


class RecurringViewSet(HomeViewSet):
    def get_queryset(self) -> Any:
        return RecurringItem.objects.visible_to(self.member).select_related("item__category")

    @describe(
        "List recurring items, next due first",
        tag=RECURRING,
        pages=shapes.RecurringSerializer,
    )
    def list(self, request: Request, **kwargs: Any) -> Response:
        rows = RecurringItem.objects.visible_to(self.member).values_list(*shapes.RECURRING_COLUMNS, named=True)
        return paginate(request, rows, ["next_due_at", "id"], shapes.rules)

    @describe(
        "Create a recurring item, or update the one of that name", tag=RECURRING, takes=shapes.NewRecurring,
        gives=shapes.RecurringSerializer, status=201, posts=True,
        example={"name": "rice", "frequency": "monthly", "quantity": "5", "unit": "kg"},
    )  # fmt: skip
    def create(self, request: Request, **kwargs: Any) -> Response:
        fields = self.validated_body(shapes.NewRecurring)
        item = fields.pop("name", None)
        if item is None:
            item = get_object_or_404(Item.objects.visible_to(self.member), pk=fields.pop("item_id"))
        recurring = set_recurring(item, fields.pop("frequency"), by=self.actor(), **fields)
        return Response(shapes.RecurringSerializer(recurring).data, status=status.HTTP_201_CREATED)

    @describe("Retrieve a recurring item", tag=RECURRING, gives=shapes.RecurringSerializer)
    def retrieve(self, request: Request, recurring_id: UUID, **kwargs: Any) -> Response:
        return Response(shapes.RecurringSerializer(self.get_recurring(recurring_id)).data)

    @describe(
        "Change, pause or resume a recurring item", tag=RECURRING, takes=shapes.RecurringChange,
        gives=shapes.RecurringSerializer, example={"paused": True},
    )  # fmt: skip
    def partial_update(self, request: Request, recurring_id: UUID, **kwargs: Any) -> Response:
        recurring = self.get_recurring(recurring_id)
        changed = change_recurring(recurring, by=self.actor(), **self.validated_body(shapes.RecurringChange))
        return Response(shapes.RecurringSerializer(changed).data)

    @describe("Stop a recurring item", tag=RECURRING, status=204)
    def destroy(self, request: Request, recurring_id: UUID, **kwargs: Any) -> Response:
        stop_recurring(self.get_recurring(recurring_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_recurring(self, recurring_id: UUID) -> RecurringItem:
        recurring: RecurringItem = get_object_or_404(self.get_queryset(), pk=recurring_id)
        return recurring
