from groceries.models.item import Category, Frequency, Item, RecurringItem
from groceries.models.list import AisleClaim, EntryState, GroceryList, ListEntry, ListState, Trip
