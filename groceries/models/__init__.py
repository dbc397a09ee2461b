from groceries.models.expense import (
    DEFAULT_EXPENSE_CATEGORIES,
    EXPENSE_GROUPINGS,
    OTHER_EXPENSES,
    Expense,
    ExpenseShare,
    Person,
    expense_category,
    expense_category_label,
    expense_group_label,
)
from groceries.models.guest import GuestLink
from groceries.models.item import OTHER_FREQUENCY, Category, Frequency, Item, ItemAlias, RecurringItem, due_time
from groceries.models.list import AisleClaim, EntryState, GroceryList, ListEntry, ListState, Trip
from groceries.models.pantry import Barcode, PantryBatch, Place
from groceries.models.store import Store
