"""State of a client: what it loaded of a home, updated by the events since."""

from typing import Any

from chat.hooks import private_audiences
from chat.models import Channel, Message, Reaction
from chat.schemas import ChannelSnapshot, MessageSnapshot
from groceries.models import (
    AisleClaim,
    Barcode,
    Category,
    Expense,
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
from groceries.schemas import (
    AliasSnapshot,
    BarcodeSnapshot,
    BatchSnapshot,
    CategorySnapshot,
    ClaimSnapshot,
    EntrySnapshot,
    ExpenseSnapshot,
    GuestLinkSnapshot,
    ItemSnapshot,
    ListSnapshot,
    RecurringSnapshot,
    StoreSnapshot,
    TripSnapshot,
)
from homes.events.schemas import SCHEMAS
from homes.files.models import StoredFile
from homes.files.schemas import FileSnapshot
from homes.models import Agent, Home, Invitation, Membership
from homes.schemas import HomeSnapshot, InvitationSnapshot, MemberSnapshot
from pixie.models import Lesson, MemoryBlock, ModelAccess, Passage, ScheduledMessage, Suggestion, SummaryChoice
from pixie.schemas import (
    AgentSnapshot,
    BlockSnapshot,
    LessonSnapshot,
    ModelAccessSnapshot,
    PassageSnapshot,
    ScheduledSnapshot,
    SuggestionSnapshot,
    SummarySnapshot,
)
from planner.models import CalendarEvent, Task
from planner.schemas import CalendarEventSnapshot, TaskSnapshot

KINDS = {
    "category": (CategorySnapshot, Category.objects),
    "item": (ItemSnapshot, Item.objects),
    "store": (StoreSnapshot, Store.objects),
    "batch": (BatchSnapshot, PantryBatch.objects),
    "barcode": (BarcodeSnapshot, Barcode.objects),
    "guest_link": (GuestLinkSnapshot, GuestLink.objects),
    "alias": (AliasSnapshot, ItemAlias.objects),
    "list": (ListSnapshot, GroceryList.objects),
    "entry": (EntrySnapshot, ListEntry.objects),
    "recurring": (RecurringSnapshot, RecurringItem.objects),
    "expense": (ExpenseSnapshot, Expense.objects),
    "trip": (TripSnapshot, Trip.objects),
    "file": (FileSnapshot, StoredFile.objects.attached()),
    "claim": (ClaimSnapshot, AisleClaim.objects),
    "invitation": (InvitationSnapshot, Invitation.objects),
    "member": (MemberSnapshot, Membership.objects),
    "channel": (ChannelSnapshot, Channel.objects),
    "message": (MessageSnapshot, Message.objects.finished()),
    "agent": (AgentSnapshot, Agent.objects),
    "block": (BlockSnapshot, MemoryBlock.objects),
    "passage": (PassageSnapshot, Passage.objects),
    "lesson": (LessonSnapshot, Lesson.objects),
    "scheduled": (ScheduledSnapshot, ScheduledMessage.objects),
    "summary": (SummarySnapshot, SummaryChoice.objects),
    "suggestion": (SuggestionSnapshot, Suggestion.objects),
    "model_access": (ModelAccessSnapshot, ModelAccess.objects),
    "task": (TaskSnapshot, Task.objects),
    "calendar_event": (CalendarEventSnapshot, CalendarEvent.objects),
}
REMOVALS = {
    "member_left",
    "recurring_stopped",
    "item_removed",
    "item_alias_removed",
    "category_removed",
    "aisle_released",
    "passage_forgotten",
    "lesson_forgotten",
    "agent_removed",
    "list_deleted",
    "store_removed",
    "expense_removed",
    "task_removed",
    "calendar_event_removed",
    "pantry_removed",
    "barcode_removed",
    "file_removed",
}


class State(dict[str, Any]):
    """State of a home: snapshots by kind and key, and sets of members of private rooms and of reactions."""

    @classmethod
    def empty(cls):
        return cls({kind: {} for kind in KINDS} | {"inside": set(), "reactions": set()})

    @classmethod
    def fetched(cls, home_id):
        state = cls.empty()
        state["home"] = HomeSnapshot.model_validate(Home.objects.get(pk=home_id))
        for kind, (schema, rows) in KINDS.items():
            for row in rows.filter(home=home_id):
                state.put(kind, schema.model_validate(row))
        state["inside"] = {(room, user) for room, users in private_audiences(home_id).items() for user in users}
        reactions = Reaction.objects.filter(message__home=home_id)
        state["reactions"] = {
            (each.message_id, each.emoji, each.user_id, each.agent_id, each.name) for each in reactions
        }
        return state

    def put(self, kind, snapshot):
        if inner := getattr(snapshot, "item", None):
            self.put("item", inner)
            snapshot = snapshot.model_copy(update={"item": inner.id})
        self[kind][self.key(kind, snapshot)] = snapshot

    @staticmethod
    def key(kind, snapshot):
        return snapshot.user_id if kind == "member" else snapshot.id

    def refer(self, kind, old, new, among=None):
        """Let the rows that refer to a row of the kind, or those `among` them, refer to another one."""
        for rows in (self[each] for each in KINDS):
            for key, row in rows.items():
                for name in (kind, f"{kind}_id"):
                    if getattr(row, name, None) == old and (among is None or key in among):
                        rows[key] = row.model_copy(update={name: new})

    def apply(self, event):
        """Apply an event of the log."""
        data = SCHEMAS[event.type].model_validate(event.data)
        if event.type.startswith("reaction_"):
            change = self["reactions"].add if event.type == "reaction_added" else self["reactions"].discard
            change((data.message_id, data.emoji, data.user_id, data.agent_id, data.name))
        elif event.type in ("channel_joined", "channel_left"):
            change = self["inside"].add if event.type == "channel_joined" else self["inside"].discard
            if event.channel_id:  # membership of public rooms is not part of the state
                change((data.channel_id, data.user_id))
        elif event.type == "summary_told":
            assert data.message_id in self["message"]
        elif event.type in ("items_merged", "items_split"):
            self.put("item", data.item)
            if event.type == "items_merged":
                self.refer("item", data.merged.id, data.item.id)
                del self["item"][data.merged.id]
            else:
                self.put("item", data.merged)
                self.refer("item", data.item.id, data.merged.id, among=data.moved)
            if data.alias and event.type == "items_merged":
                self.put("alias", data.alias)
            elif data.alias:
                del self["alias"][data.alias.id]
        elif event.type in ("categories_merged", "categories_split"):
            self.put("category", data.category)
            if event.type == "categories_merged":
                self.refer("category", data.merged.id, data.category.id)
                del self["category"][data.merged.id]
            else:
                self.put("category", data.merged)
                self.refer("category", data.category.id, data.merged.id, among=data.moved)
        elif data.subject == "home":
            self["home"] = data.home
        elif event.type in REMOVALS:
            key = self.key(data.subject, getattr(data, data.subject))
            del self[data.subject][key]
            if data.subject == "item":  # its removed entries are deleted with it
                self["entry"] = {pk: entry for pk, entry in self["entry"].items() if entry.item != key}
            if data.subject == "list":  # its entries and past trips are deleted with it
                for kind in ("entry", "trip"):
                    self[kind] = {pk: row for pk, row in self[kind].items() if row.list_id != key}
            if data.subject == "agent":  # its memory blocks are deleted with it
                self["block"] = {pk: block for pk, block in self["block"].items() if block.agent_id != key}
        else:
            self.put(data.subject, getattr(data, data.subject))
