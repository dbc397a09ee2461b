from django.urls import path, re_path

from groceries.views import entries, list, lists, money, shop

app_name = "groceries"

entry = "lists/<uuid:list_id>/<uuid:entry_id>"

urlpatterns = [
    path("list/", list.current, name="current"),
    path("lists/", lists.lists, name="lists"),
    path("lists/<uuid:list_id>/", list.list_page, name="list"),
    path("lists/<uuid:list_id>/add", list.add, name="add"),
    path("lists/<uuid:list_id>/understood", list.preview, name="understood"),
    path("lists/<uuid:list_id>/state", list.state, name="state"),
    path("lists/<uuid:list_id>/next", list.start_next, name="start_next"),
    path("lists/<uuid:list_id>/rename", list.rename, name="rename"),
    path("lists/<uuid:list_id>/shop", shop.shop, name="shop"),
    path("lists/<uuid:list_id>/shop/done", shop.done, name="shop_done"),
    path("lists/<uuid:list_id>/aisles/<uuid:category_id>/claim", shop.claim, name="claim"),
    path("lists/<uuid:list_id>/aisles/<uuid:category_id>/release", shop.release, name="release"),
    path(f"{entry}/purchase", entries.purchase, name="purchase"),
    path(f"{entry}/put-back", entries.put_back, name="put_back"),
    path(f"{entry}/more", entries.more, name="more"),
    path(f"{entry}/less", entries.less, name="less"),
    path(f"{entry}/remove", entries.remove, name="remove"),
    path(f"{entry}/edit", entries.edit, name="edit"),
    path("recurring/", lists.recurring, name="recurring"),
    path("recurring/<uuid:recurring_id>/add", list.add_due, name="add_due"),
    re_path(
        r"^recurring/(?P<recurring_id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})/(?P<verb>pause|resume|stop)$",
        lists.recurring_change,
        name="recurring_change",
    ),
    path("money/", money.money, name="money"),
]
