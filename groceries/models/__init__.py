from groceries.models.item import Category, Item
from groceries.models.list import EntryState, GroceryList, ListEntry, ListState
from groceries.models.recurring import Frequency, RecurringItem

__all__ = ["Category", "EntryState", "Frequency", "GroceryList", "Item", "ListEntry", "ListState", "RecurringItem"]
