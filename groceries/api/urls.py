from django.urls import path

from groceries.api.viewsets import EntryViewSet, ListViewSet

urlpatterns = [
    path("lists", ListViewSet.as_view({"get": "list", "post": "create"})),
    path("lists/<uuid:list_id>", ListViewSet.as_view({"get": "retrieve", "patch": "partial_update"})),
    path("lists/<uuid:list_id>/items", EntryViewSet.as_view({"post": "create"})),
    path(
        "lists/<uuid:list_id>/items/<uuid:entry_id>",
        EntryViewSet.as_view({"patch": "partial_update", "delete": "destroy"}),
    ),
]
