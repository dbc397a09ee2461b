from django.urls import path

from groceries.views import (
    aisles,
    expenses,
    files,
    forecasts,
    guests,
    history,
    items,
    lines,
    lists,
    money,
    pantry,
    recurring,
    sorting,
    stores,
    whole_lists,
)

app_name = "groceries"

entry = "lists/<uuid:list_id>/<uuid:entry_id>"
store = "stores/<uuid:store_id>"
rule = "recurring/<uuid:recurring_id>"
forecast = "forecasts/<uuid:item_id>"

urlpatterns = [
    path("list/", lists.current, name="current"),
    path("lists/", lists.lists, name="lists"),
    path("lists/archived/", whole_lists.archived, name="archived"),
    path("operations/<uuid:op_id>/undo", whole_lists.undo, name="undo"),
    path("lists/<uuid:list_id>/", lists.list_page, name="list"),
    path("lists/<uuid:list_id>/add", lists.add, name="add"),
    path("lists/<uuid:list_id>/understood", lists.preview, name="understood"),
    path("lists/<uuid:list_id>/suggestions", lists.suggestions, name="suggestions"),
    path("lists/<uuid:list_id>/state", lists.state, name="state"),
    path("lists/<uuid:list_id>/next", lists.start_next, name="start_next"),
    path("lists/<uuid:list_id>/paste", lines.paste, name="paste"),
    path("lists/<uuid:list_id>/recipe", lines.recipe, name="recipe"),
    path("lists/<uuid:list_id>/import", files.import_file, name="import"),
    path("lists/<uuid:list_id>/text", lines.text, name="text"),
    path("lists/<uuid:list_id>/select", lines.select, name="select"),
    path("lists/<uuid:list_id>/history", history.history, name="history"),
    path("lists/<uuid:list_id>/past", history.past, name="past"),
    path("lists/<uuid:list_id>/copy", whole_lists.copy, name="copy"),
    path("lists/<uuid:list_id>/clear", whole_lists.clear, name="clear"),
    path("lists/<uuid:list_id>/archive", whole_lists.archive, name="archive"),
    path("lists/<uuid:list_id>/restore", whole_lists.restore, name="restore"),
    path("lists/<uuid:list_id>/delete", whole_lists.delete, name="delete"),
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
    *(
        path(f"{entry}/{direction}", sorting.move, {"direction": direction}, name=f"entry_{direction}")
        for direction in ("up", "down")
    ),
    path("lists/<uuid:list_id>/guests", guests.guests, name="guests"),
    path("lists/<uuid:list_id>/guests/<uuid:link_id>/revoke", guests.revoke, name="guest_revoke"),
    path("lists/<uuid:list_id>/store", stores.choose, name="list_store"),
    path("stores/", stores.stores, name="stores"),
    path(f"{store}/", stores.store, name="store"),
    path(f"{store}/sort", stores.sort, name="store_sort"),
    path(f"{store}/learn", stores.learn, name="store_learn"),
    path(f"{store}/remove", stores.remove, name="store_remove"),
    path("pantry/", pantry.pantry, name="pantry"),
    path("pantry/scan", pantry.scan, name="scan"),
    path("pantry/barcodes/<uuid:barcode_id>/forget", pantry.forget, name="barcode_forget"),
    path("pantry/fill", pantry.fill, name="pantry_fill"),
    path("pantry/items/<uuid:item_id>/", pantry.item, name="pantry_item"),
    path("pantry/items/<uuid:item_id>/minimum", pantry.minimum, name="pantry_minimum"),
    path("pantry/items/<uuid:item_id>/used-up", pantry.item_used_up, name="pantry_item_used_up"),
    path("pantry/batches/<uuid:batch_id>/", pantry.batch, name="batch"),
    path("pantry/batches/<uuid:batch_id>/use", pantry.use, name="batch_use"),
    path("pantry/batches/<uuid:batch_id>/used-up", pantry.used_up, name="batch_used_up"),
    path("recurring/", recurring.recurring, name="recurring"),
    path(f"{rule}/edit", recurring.edit, name="recurring_edit"),
    path(f"{rule}/snooze", recurring.snooze, name="recurring_snooze"),
    path(f"{rule}/add", recurring.add_due, name="add_due"),
    *(path(f"{rule}/{verb}", recurring.change, {"verb": verb}, name=f"recurring_{verb}") for verb in recurring.CHANGES),
    path("items/", items.items, name="items"),
    path("items/<uuid:item_id>/", items.item, name="item"),
    path("items/<uuid:item_id>/merge", items.merge, name="item_merge"),
    path("items/<uuid:item_id>/delete", items.delete, name="item_delete"),
    path("aisles/", aisles.aisles, name="aisles"),
    path("aisles/order", aisles.order, name="aisles_order"),
    path("aisles/<uuid:category_id>/", aisles.aisle, name="aisle"),
    path("aisles/<uuid:category_id>/merge", aisles.merge, name="aisle_merge"),
    path("aisles/<uuid:category_id>/delete", aisles.delete, name="aisle_delete"),
    *(
        path(f"{forecast}/{verb}", forecasts.answer, {"verb": verb}, name=f"forecast_{verb}")
        for verb in forecasts.ANSWERS
    ),
    *(
        path(
            f"lists/<uuid:list_id>/{forecast}/{verb}",
            forecasts.answer_on_list,
            {"verb": verb},
            name=f"list_{verb}_item",
        )
        for verb in ("add", "snooze", "refuse")
    ),
    path("money/", money.money, name="money"),
    path("money/csv", money.download, name="csv"),
    path("money/expenses/new", expenses.create, name="expense_new"),
    path("money/expenses/<uuid:expense_id>/", expenses.edit, name="expense"),
    path("money/expenses/<uuid:expense_id>/remove", expenses.remove, name="expense_remove"),
    *(
        path(f"money/expenses/<uuid:expense_id>/{verb}", expenses.change, {"verb": verb}, name=f"expense_{verb}")
        for verb in expenses.CHANGES
    ),
    path("money/settle", expenses.settle, name="settle"),
]
