"""API of shopping trips and claimed aisles."""

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
    @describe("Retrieve the shoppers of a list and their aisles", tag=SHOPPING, gives=shapes.Shopping)
    def retrieve(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        return Response(shapes.shopping(self.get_list(list_id)))

    @describe(
        "Start shopping", tag=SHOPPING, gives=shapes.Shopping, status=201, also={200: shapes.Shopping},
        refuses=(400, 403, 404), posts=True,
    )  # fmt: skip
    def create(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        """Notifies the other members. Returns 200 if you are shopping already."""
        grocery_list = self.get_list(list_id)
        _trip, is_new = start_shopping(grocery_list, by=self.actor())
        return Response(shapes.shopping(grocery_list), status=status.HTTP_201_CREATED if is_new else status.HTTP_200_OK)

    @describe("End shopping", tag=SHOPPING, status=204)
    def destroy(self, request: Request, list_id: UUID, **kwargs: Any) -> Response:
        """Releases the aisles that you claimed."""
        end_shopping(self.get_list(list_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)


class AisleViewSet(ListScopedViewSet):
    @describe("Claim an aisle", tag=SHOPPING, gives=shapes.Shopping, refuses=(400, 403, 404))
    def update(self, request: Request, list_id: UUID, category_id: UUID, **kwargs: Any) -> Response:
        """Starts shopping if necessary. Refused while someone else has claimed the aisle."""
        grocery_list = self.get_list(list_id)
        claim_aisle(grocery_list, self.get_category(category_id), by=self.actor())
        return Response(shapes.shopping(grocery_list))

    @describe("Release an aisle", tag=SHOPPING, status=204)
    def destroy(self, request: Request, list_id: UUID, category_id: UUID, **kwargs: Any) -> Response:
        """Releases the aisle whoever claimed it."""
        release_aisle(self.get_list(list_id), self.get_category(category_id), by=self.actor())
        return Response(status=status.HTTP_204_NO_CONTENT)

    def get_category(self, category_id: UUID) -> Category:
        return get_object_or_404(Category.objects.filter(home=self.home), pk=category_id)
