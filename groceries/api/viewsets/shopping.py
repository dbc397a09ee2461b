"""Who shops with a list, and who takes which aisle."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response

from groceries.actions import claim_aisle, end_shopping, release_aisle, start_shopping
from groceries.api import serializers as shapes
from groceries.api.viewsets.lists import ListScopedViewSet
from groceries.models import Category
from pantry.api.schema import describe

SHOPPING = "Shopping"


class ShoppingViewSet(ListScopedViewSet):
    @describe("Who shops with this list now, and in which aisles", tag=SHOPPING, gives=shapes.Shopping)
    def retrieve(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        return Response(shapes.shopping(self.get_list(list_id)))

    @describe(
        "Go shopping with a list", tag=SHOPPING, gives=shapes.Shopping, status=201, also={200: shapes.Shopping},
        refuses=(400, 403, 404), posts=True,
    )  # fmt: skip
    def create(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        """The others are told. 200 for somebody who is shopping already."""
        grocery_list = self.get_list(list_id)
        _trip, is_new = start_shopping(grocery_list, by=self.actor())
        return Response(shapes.shopping(grocery_list), status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @describe("Come back from the shop", tag=SHOPPING, status=204)
    def destroy(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        """The aisles that one took are free again."""
        end_shopping(self.get_list(list_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)


class AisleViewSet(ListScopedViewSet):
    @describe("Take an aisle", tag=SHOPPING, gives=shapes.Shopping, refuses=(400, 403, 404))
    def update(self, request: Request, list_id: UUID, category_id: UUID, **kwargs: Any) -> Response:
        """ActionError while somebody else has it. Who was not shopping yet, is now."""
        grocery_list = self.get_list(list_id)
        claim_aisle(grocery_list, self.get_category(category_id), by=self.actor())
        return Response(shapes.shopping(grocery_list))

    @describe("Let an aisle go", tag=SHOPPING, status=204)
    def destroy(self, request: Request, list_id: UUID, category_id: UUID, **kwargs: Any) -> Response:
        """Whoever has it: who took it may have left."""
        release_aisle(self.get_list(list_id), self.get_category(category_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_category(self, category_id: UUID) -> Category:
        return get_object_or_404(Category.objects.filter(home=self.home), pk=category_id)
