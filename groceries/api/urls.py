from typing import Any

from django.urls import path

from groceries.api.viewsets import (
    AisleViewSet,
    CategoryViewSet,
    EntryViewSet,
    ItemViewSet,
    ListViewSet,
    RecurringViewSet,
    ShoppingViewSet,
    SpendingViewSet,
    UndoViewSet,
)

ROWS: dict[str, Any] = {"get": "list", "post": "create"}
ROW: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
SHOPPING: dict[str, Any] = {"get": "retrieve", "post": "create", "delete": "destroy"}
AISLE: dict[str, Any] = {"put": "update", "delete": "destroy"}

home = [
    path("categories", CategoryViewSet.as_view(ROWS)),
    path(
        "categories/<uuid:category_id>",
        CategoryViewSet.as_view({"patch": "partial_update", "delete": "destroy"}),
    ),
    path("items", ItemViewSet.as_view(ROWS)),
    path("items/<uuid:item_id>", ItemViewSet.as_view(ROW)),
    path("lists", ListViewSet.as_view(ROWS)),
    path("lists/<uuid:list_id>", ListViewSet.as_view(ROW)),
    path("lists/<uuid:list_id>/items", EntryViewSet.as_view(ROWS)),
    path("lists/<uuid:list_id>/items/<uuid:entry_id>", EntryViewSet.as_view(ROW)),
    path("lists/<uuid:list_id>/shopping", ShoppingViewSet.as_view(SHOPPING)),
    path("lists/<uuid:list_id>/aisles/<uuid:category_id>", AisleViewSet.as_view(AISLE)),
    path("recurring", RecurringViewSet.as_view(ROWS)),
    path("recurring/<uuid:recurring_id>", RecurringViewSet.as_view(ROW)),
    path("spending", SpendingViewSet.as_view({"get": "retrieve"})),
    path("undo", UndoViewSet.as_view({"post": "create"})),
]
