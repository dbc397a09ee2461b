from django.urls import path

from groceries.api import (
    aisles,
    entries,
    expenses,
    file_imports,
    forecasts,
    guest_links,
    history,
    items,
    lists,
    recurring,
    shopping,
    spending,
)

home = [
    *aisles.StoreViewSet.routes("stores"),
    path("categories/order", aisles.CategoryViewSet.as_view({"post": "order"})),
    *aisles.CategoryViewSet.routes("categories", "merge"),
    *items.ItemViewSet.routes("items", "merge"),
    path("lists/current", lists.ListViewSet.as_view({"get": "current"})),
    *lists.ListViewSet.routes("lists", "clear"),
    path("lists/<uuid:list_id>/items/bulk", entries.EntryViewSet.as_view({"post": "bulk"})),
    *entries.EntryViewSet.routes("lists/<uuid:list_id>/items"),
    *guest_links.GuestLinkViewSet.routes("lists/<uuid:list_id>/guest-links"),
    path("lists/<uuid:list_id>/import", file_imports.FileViewSet.as_view({"post": "create"})),
    path("lists/<uuid:list_id>/history", history.HistoryViewSet.as_view({"get": "list"})),
    path("lists/<uuid:list_id>/past", history.PastViewSet.as_view({"get": "retrieve", "post": "bring_back"})),
    path("lists/<uuid:list_id>/suggestions", lists.SuggestionViewSet.as_view({"get": "retrieve"})),
    path(
        "lists/<uuid:list_id>/shopping",
        shopping.ShoppingViewSet.as_view({"get": "retrieve", "post": "create", "delete": "destroy"}),
    ),
    path("lists/<uuid:list_id>/trips", shopping.TripViewSet.as_view({"get": "list"})),
    path("lists/<uuid:list_id>/trips/<uuid:trip_id>", shopping.TripViewSet.as_view({"patch": "partial_update"})),
    path(
        "lists/<uuid:list_id>/aisles/<uuid:category_id>",
        shopping.AisleViewSet.as_view({"put": "update", "delete": "destroy"}),
    ),
    *recurring.RecurringViewSet.routes("recurring", "skip", "snooze", "add"),
    path("forecasts", forecasts.ForecastViewSet.as_view({"get": "overview"})),
    *forecasts.ForecastViewSet.routes("forecasts", "add", "snooze", "refuse", "allow"),
    path("spending", spending.SpendingViewSet.as_view({"get": "retrieve"})),
    *expenses.ExpenseViewSet.routes("expenses"),
    path("settlements", expenses.SettlementViewSet.as_view({"get": "list", "post": "create"})),
    path("balances", expenses.BalanceViewSet.as_view({"get": "retrieve"})),
]
