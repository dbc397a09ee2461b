from typing import Any

from django.urls import path

from groceries.api import viewsets

ROWS: dict[str, Any] = {"get": "list", "post": "create"}
ROW: dict[str, Any] = {"get": "retrieve", "patch": "partial_update", "delete": "destroy"}
CHANGES: dict[str, Any] = {"patch": "partial_update", "delete": "destroy"}
SHOPPING: dict[str, Any] = {"get": "retrieve", "post": "create", "delete": "destroy"}
AISLE: dict[str, Any] = {"put": "update", "delete": "destroy"}

home = [
    path("categories", viewsets.CategoryViewSet.as_view(ROWS)),
    path("categories/<uuid:category_id>", viewsets.CategoryViewSet.as_view(CHANGES)),
    path("items", viewsets.ItemViewSet.as_view(ROWS)),
    path("items/<uuid:item_id>", viewsets.ItemViewSet.as_view(ROW)),
    path("lists", viewsets.ListViewSet.as_view(ROWS)),
    path("lists/<uuid:list_id>", viewsets.ListViewSet.as_view(ROW)),
    path("lists/<uuid:list_id>/items", viewsets.EntryViewSet.as_view(ROWS)),
    path("lists/<uuid:list_id>/items/<uuid:entry_id>", viewsets.EntryViewSet.as_view(ROW)),
    path("lists/<uuid:list_id>/shopping", viewsets.ShoppingViewSet.as_view(SHOPPING)),
    path("lists/<uuid:list_id>/aisles/<uuid:category_id>", viewsets.AisleViewSet.as_view(AISLE)),
    path("recurring", viewsets.RecurringViewSet.as_view(ROWS)),
    path("recurring/<uuid:recurring_id>", viewsets.RecurringViewSet.as_view(ROW)),
    path("spending", viewsets.SpendingViewSet.as_view({"get": "retrieve"})),
    path("undo", viewsets.UndoViewSet.as_view({"post": "create"})),
]
