"""Admin pages of lists, items, the pantry, trips and expenses."""

from django.contrib import admin

from groceries.models import (
    Barcode,
    Category,
    Expense,
    ExpenseShare,
    GroceryList,
    GuestLink,
    Item,
    ItemAlias,
    ListEntry,
    PantryBatch,
    RecurringItem,
    Store,
    Trip,
)
from pantry.admin import ReadOnlyAdmin, ReadOnlyInline


class EntryInline(ReadOnlyInline):
    model = ListEntry
    readonly_fields = fields = (
        "item", "quantity", "unit", "state", "price_paid", "added_by", "assigned_to", "purchased_by", "version",
    )  # fmt: skip


@admin.register(GroceryList)
class GroceryListAdmin(ReadOnlyAdmin):
    list_display = ["name", "home", "state", "is_template", "created_at", "completed_at", "archived_at"]
    list_filter = ["state", "is_template"]
    list_select_related = ["home"]
    search_fields = ["name", "home__name"]
    date_hierarchy = "created_at"
    inlines = [EntryInline]


@admin.register(ListEntry)
class ListEntryAdmin(ReadOnlyAdmin):
    list_display = ["item", "list", "home", "quantity", "unit", "state", "price_paid", "purchased_by", "purchased_at"]
    list_filter = ["state"]
    list_select_related = ["item", "list", "home", "purchased_by"]
    search_fields = ["item__name", "home__name"]


class AliasInline(ReadOnlyInline):
    model = ItemAlias
    readonly_fields = fields = ("name", "created_at")


@admin.register(Item)
class ItemAdmin(ReadOnlyAdmin):
    list_display = [
        "name", "home", "category", "default_quantity", "default_unit", "estimated_price", "last_purchased_at",
    ]  # fmt: skip
    list_select_related = ["home", "category"]
    search_fields = ["name", "aliases__name", "home__name"]
    inlines = [AliasInline]


@admin.register(Category)
class CategoryAdmin(ReadOnlyAdmin):
    list_display = ["name", "home", "position"]
    list_select_related = ["home"]
    search_fields = ["name", "home__name"]


@admin.register(Store)
class StoreAdmin(ReadOnlyAdmin):
    list_display = ["name", "home", "is_sorted_by_hand"]
    list_select_related = ["home"]
    search_fields = ["name", "home__name"]


@admin.register(PantryBatch)
class PantryBatchAdmin(ReadOnlyAdmin):
    list_display = ["item", "home", "quantity", "unit", "best_before", "place", "created_at"]
    list_filter = ["place"]
    list_select_related = ["item", "home"]
    search_fields = ["item__name", "home__name"]
    date_hierarchy = "best_before"


@admin.register(Barcode)
class BarcodeAdmin(ReadOnlyAdmin):
    list_display = ["code", "item", "home", "quantity", "unit"]
    list_select_related = ["item", "home"]
    search_fields = ["code", "item__name", "home__name"]


@admin.register(GuestLink)
class GuestLinkAdmin(ReadOnlyAdmin):
    list_display = ["name", "list", "home", "can_change", "created_by", "expires_at", "revoked_at"]
    list_select_related = ["list", "home", "created_by"]
    search_fields = ["name", "home__name"]
    exclude = ["token_hash"]


@admin.register(RecurringItem)
class RecurringItemAdmin(ReadOnlyAdmin):
    list_display = ["item", "home", "quantity", "unit", "how_often", "starts_on", "next_due_at", "paused_at"]
    list_select_related = ["item", "home"]
    search_fields = ["item__name", "home__name"]


@admin.register(Trip)
class TripAdmin(ReadOnlyAdmin):
    list_display = ["list", "user", "home", "created_at", "ended_at", "total"]
    list_select_related = ["list", "user", "home"]
    search_fields = ["list__name", "user__name", "home__name"]


class ShareInline(ReadOnlyInline):
    model = ExpenseShare
    readonly_fields = fields = ("user", "name", "amount")


@admin.register(Expense)
class ExpenseAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "home", "amount", "spent_on", "category", "is_payment", "payer"]
    list_filter = ["is_payment"]
    list_select_related = ["home", "paid_by"]
    search_fields = ["title", "home__name"]
    date_hierarchy = "spent_on"
    inlines = [ShareInline]
