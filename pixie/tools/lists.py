"""Tools for whole lists, and to move an item to another one."""

from collections.abc import Sequence
from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import Field

from groceries import actions
from groceries.models import EntryState, ListEntry, ListState
from homes.events.actor import Actor
from pantry.errors import ActionError
from pantry.text import quotable
from pixie.tools.arguments import AnyList, Kept, ListedName, ListName
from pixie.tools.lookup import entry_line, find_entry, get_any_list, get_entry, get_list, shown_name, split_kept
from pixie.tools.registry import Effects, Line, Result, tool


def _names(entries: Sequence[ListEntry]) -> str:
    return ", ".join(entry.item.name for entry in entries)


def _resolve_entries(actor: Actor, list: str | None, keep: Sequence[str]) -> dict[str, Any]:
    grocery_list, entries = split_kept(actor, list, keep)
    return {"list": grocery_list.name, "count": len(entries), "items": _names(entries)}


def _confirm_clear(actor: Actor, list: str | None, keep: Sequence[str]) -> str:
    grocery_list, entries = split_kept(actor, list, keep)
    question = ngettext("Take %(count)d item off %(list)s?", "Take %(count)d items off %(list)s?", len(entries))
    return _add_kept(question % {"count": len(entries), "list": quotable(grocery_list.name)}, keep)


def _add_kept(question: str, keep: Sequence[str]) -> str:
    exceptions = _("I would leave: %(names)s.") % {"names": quotable(", ".join(keep))}
    return f"{question} {exceptions}" if keep else question


@tool(effects=Effects(takes_away=True), confirm_reason=_confirm_clear, resolve=_resolve_entries)
def clear_list(actor: Actor, list: ListName = None, keep: Kept = ()) -> Result:
    """Remove all items that are left to get from a grocery list."""
    grocery_list, entries = split_kept(actor, list, keep)
    removed = actions.set_entry_states(entries, EntryState.REMOVED, by=actor)
    return Result("clear_list", {"list": grocery_list.name}, tuple(map(entry_line, removed)))


def _confirm_purchases(actor: Actor, list: str | None, keep: Sequence[str]) -> str:
    grocery_list, entries = split_kept(actor, list, keep)
    question = ngettext("Tick off %(count)d item on %(list)s?", "Tick off %(count)d items on %(list)s?", len(entries))
    return _add_kept(question % {"count": len(entries), "list": quotable(grocery_list.name)}, keep)


@tool(effects=Effects(takes_away=True), confirm_reason=_confirm_purchases, resolve=_resolve_entries)
def mark_all_purchased(actor: Actor, list: ListName = None, keep: Kept = ()) -> Result:
    """Mark all items that are left to get on a grocery list as bought."""
    grocery_list, entries = split_kept(actor, list, keep)
    bought = actions.set_entry_states(entries, EntryState.PURCHASED, by=actor)
    return Result("mark_all_purchased", {"list": grocery_list.name}, tuple(map(entry_line, bought)))


def _get_moved(actor: Actor, name: str, to_list: str, from_list: str | None) -> ListEntry:
    """Return the entry to move, which is on another list than `to_list`."""
    target = get_list(actor, to_list)
    entry = find_entry(actor, name, from_list, besides=target)
    if entry is None:
        listed = get_entry(actor, name, from_list)
        raise ActionError(_("%(item)s is on %(list)s already."), item=listed.item, list=target)
    return entry


def _resolve_moved(actor: Actor, name: str, to_list: str, from_list: str | None) -> dict[str, Any]:
    entry = _get_moved(actor, name, to_list, from_list)
    target = get_list(actor, to_list)
    return {"name": shown_name(name, entry), "to_list": target.name, "from_list": entry.list.name}


@tool(effects=Effects(takes_away=True), resolve=_resolve_moved)
def move_item(
    actor: Actor,
    name: ListedName,
    to_list: Annotated[str, Field(min_length=1, max_length=80, description="Name of the list to move it to")],
    from_list: AnyList = None,
) -> Result:
    """Move an item from one grocery list to another."""
    entry = _get_moved(actor, name, to_list, from_list)
    source = entry.list.name
    entry = actions.change_entry(entry, by=actor, list=get_list(actor, to_list))
    return Result("move_item", {"from_list": source, "list": entry.list.name}, (entry_line(entry),))


def _resolve_list(actor: Actor, list: str | None) -> dict[str, Any]:
    grocery_list = get_list(actor, list)
    return {"list": grocery_list.name, "count": grocery_list.entries.pending().count()}


@tool(effects=Effects(for_everyone=True), resolve=_resolve_list)
def approve_list(actor: Actor, list: ListName = None) -> Result:
    """Approve a grocery list: it is ready to be bought."""
    grocery_list = actions.change_list_state(get_list(actor, list), ListState.APPROVED, by=actor)
    return Result("approve_list", {"list": grocery_list.name}, (Line(grocery_list.name),))


def _confirm_complete(actor: Actor, list: str | None) -> str | None:
    grocery_list = get_list(actor, list)
    count = grocery_list.entries.pending().count()
    question = ngettext(
        "%(count)d item on %(list)s is not bought yet. Complete the list?",
        "%(count)d items on %(list)s are not bought yet. Complete the list?",
        count,
    )
    return question % {"count": count, "list": quotable(grocery_list.name)} if count else None


@tool(effects=Effects(takes_away=True), confirm_reason=_confirm_complete, resolve=_resolve_list)
def complete_list(actor: Actor, list: ListName = None) -> Result:
    """Complete a grocery list: the shopping is done. What is not bought can move to the next list."""
    grocery_list = get_list(actor, list)
    count = grocery_list.entries.pending().count()
    grocery_list = actions.change_list_state(grocery_list, ListState.COMPLETED, by=actor)
    return Result("complete_list", {"list": grocery_list.name, "not_bought": count}, (Line(grocery_list.name),))


NewListName = Annotated[str | None, Field(max_length=80, description="Its name; omit for that of the copied list")]
AnyListName = Annotated[str | None, Field(description="Name of the list or template; omit for the current list")]


def _resolve_started(actor: Actor, name: str | None, like: str | None) -> dict[str, Any]:
    return {"like": get_any_list(actor, like).name} if like else {}


@tool(resolve=_resolve_started)
def start_list(
    actor: Actor,
    name: NewListName = None,
    like: Annotated[
        str | None, Field(max_length=80, description="Name of the list or template whose items it gets")
    ] = None,
) -> Result:
    """Start a new grocery list, empty or with the items of another list or a template."""
    if like:
        grocery_list = actions.copy_list(get_any_list(actor, like), name or "", by=actor)
    else:
        grocery_list = actions.create_list(name or "", by=actor)
    facts = {"list": grocery_list.name, "count": grocery_list.entries.pending().count()}
    return Result("start_list", facts, (Line(grocery_list.name),))


def _resolve_any(actor: Actor, list: str | None, **_rest: Any) -> dict[str, Any]:
    grocery_list = get_any_list(actor, list)
    return {"list": grocery_list.name, "count": grocery_list.entries.pending().count()}


@tool(effects=Effects(takes_away=True), resolve=_resolve_any)
def rename_list(
    actor: Actor,
    name: Annotated[str, Field(min_length=1, max_length=80, description="The new name")],
    list: AnyListName = None,
) -> Result:
    """Rename a grocery list."""
    grocery_list = get_any_list(actor, list)
    renamed = actions.rename_list(grocery_list, name, by=actor)
    return Result("rename_list", {"old": grocery_list.name, "list": renamed.name}, (Line(renamed.name),))


@tool(effects=Effects(takes_away=True), resolve=_resolve_any)
def archive_list(actor: Actor, list: AnyListName = None) -> Result:
    """Put a grocery list out of sight, into the archive. What was bought stays in the spending."""
    grocery_list = actions.archive_list(get_any_list(actor, list), by=actor)
    return Result("archive_list", {"list": grocery_list.name}, (Line(grocery_list.name),))


def _confirm_delete(actor: Actor, list: str | None) -> str:
    grocery_list = get_any_list(actor, list)
    count = grocery_list.entries.pending().count()
    question = ngettext("Delete %(list)s, with %(count)d item?", "Delete %(list)s, with %(count)d items?", count)
    return question % {"list": quotable(grocery_list.name), "count": count}


@tool(effects=Effects(takes_away=True), confirm_reason=_confirm_delete, resolve=_resolve_any)
def delete_list(actor: Actor, list: AnyListName = None) -> Result:
    """Delete a grocery list of which nothing was bought. Others can only be archived."""
    grocery_list = get_any_list(actor, list)
    actions.delete_list(grocery_list, by=actor)
    return Result("delete_list", {"list": grocery_list.name}, (Line(grocery_list.name),))
