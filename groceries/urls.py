from django.urls import path, re_path

from groceries.views import lists, money

app_name = "groceries"

entry = "lists/<uuid:list_id>/<uuid:entry_id>"

urlpatterns = [
    path("list/", lists.current, name="current"),
    path("lists/", lists.lists, name="lists"),
    path("lists/<uuid:list_id>/", lists.list_page, name="list"),
    path("lists/<uuid:list_id>/add", lists.add, name="add"),
    path("lists/<uuid:list_id>/understood", lists.preview, name="understood"),
    path("lists/<uuid:list_id>/state", lists.state, name="state"),
    path("lists/<uuid:list_id>/next", lists.start_next, name="start_next"),
    path("lists/<uuid:list_id>/rename", lists.rename, name="rename"),
    path("lists/<uuid:list_id>/shop", lists.shop, name="shop"),
    path("lists/<uuid:list_id>/shop/done", lists.shop_done, name="shop_done"),
    path("lists/<uuid:list_id>/trips/<uuid:trip_id>", money.trip, name="trip"),
    path("lists/<uuid:list_id>/aisles/<uuid:category_id>/claim", lists.claim, name="claim"),
    path("lists/<uuid:list_id>/aisles/<uuid:category_id>/release", lists.release, name="release"),
    path(f"{entry}/purchase", lists.purchase, name="purchase"),
    path(f"{entry}/put-back", lists.put_back, name="put_back"),
    path(f"{entry}/more", lists.step, {"steps": 1}, name="more"),
    path(f"{entry}/less", lists.step, {"steps": -1}, name="less"),
    path(f"{entry}/remove", lists.remove, name="remove"),
    path(f"{entry}/edit", lists.edit, name="edit"),
    path(f"{entry}/price", money.price, name="price"),
    path("recurring/", lists.recurring, name="recurring"),
    path("recurring/<uuid:recurring_id>/add", lists.add_due, name="add_due"),
    re_path(
        r"^recurring/(?P<recurring_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(?P<verb>pause|resume|stop)$",
        lists.recurring_change,
        name="recurring_change",
    ),
    path("money/", money.money, name="money"),
]
