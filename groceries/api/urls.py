from django.urls import path

from groceries.api import expenses, viewsets

home = [
    *viewsets.StoreViewSet.routes("stores"),
    path("categories/order", viewsets.CategoryViewSet.as_view({"post": "order"})),
    *viewsets.CategoryViewSet.routes("categories", "merge"),
    *viewsets.ItemViewSet.routes("items", "merge"),
    path("lists/current", viewsets.ListViewSet.as_view({"get": "current"})),
    *viewsets.ListViewSet.routes("lists", "clear"),
    path("lists/<uuid:list_id>/items/bulk", viewsets.EntryViewSet.as_view({"post": "bulk"})),
    *viewsets.EntryViewSet.routes("lists/<uuid:list_id>/items"),
    *viewsets.GuestLinkViewSet.routes("lists/<uuid:list_id>/guest-links"),
    path("lists/<uuid:list_id>/import", viewsets.FileViewSet.as_view({"post": "create"})),
    path("lists/<uuid:list_id>/suggestions", viewsets.SuggestionViewSet.as_view({"get": "retrieve"})),
    path(
        "lists/<uuid:list_id>/shopping",
        viewsets.ShoppingViewSet.as_view({"get": "retrieve", "post": "create", "delete": "destroy"}),
    ),
    path("lists/<uuid:list_id>/trips", viewsets.TripViewSet.as_view({"get": "list"})),
    path("lists/<uuid:list_id>/trips/<uuid:trip_id>", viewsets.TripViewSet.as_view({"patch": "partial_update"})),
    path(
        "lists/<uuid:list_id>/aisles/<uuid:category_id>",
        viewsets.AisleViewSet.as_view({"put": "update", "delete": "destroy"}),
    ),
    *viewsets.RecurringViewSet.routes("recurring", "skip", "snooze", "add"),
    path("forecasts", viewsets.ForecastViewSet.as_view({"get": "overview"})),
    *viewsets.ForecastViewSet.routes("forecasts", "add", "snooze", "refuse", "allow"),
    path("spending", viewsets.SpendingViewSet.as_view({"get": "retrieve"})),
    *expenses.ExpenseViewSet.routes("expenses"),
    path("settlements", expenses.SettlementViewSet.as_view({"get": "list", "post": "create"})),
    path("balances", expenses.BalanceViewSet.as_view({"get": "retrieve"})),
    path("undo", viewsets.UndoViewSet.as_view({"post": "create"})),
]
