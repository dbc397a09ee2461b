"""Tools that rename and merge the home's items, and take the lines of a text onto a list."""

from typing import Annotated, Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from pydantic import Field

from groceries import actions, file_imports
from groceries.models import Item
from groceries.parsing.foreign import FileLine
from groceries.paste import MAX_CHARS, MAX_LINES
from homes.events.actor import Actor
from pantry.errors import ActionError
from pantry.text import quotable
from pixie.tools import lookup
from pixie.tools.arguments import ItemName, ListName
from pixie.tools.lookup import entry_line
from pixie.tools.registry import Effects, Line, Result, tool

HomeItem = Annotated[ItemName, Field(description="Name of an item of the home; need not match exactly")]


def get_item(actor: Actor, name: str) -> Item:
    item = Item.objects.named(lookup.find_item_name(actor, name), actor.home).first()
    if item is None:
        raise ActionError(_("%(item)s was never on a list here.") % {"item": lookup.capitalized(name)})
    return item


def _resolve_renamed(actor: Actor, name: str, new: str) -> dict[str, Any]:
    return {"name": get_item(actor, name).name}


@tool(effects=Effects(takes_away=True), resolve=_resolve_renamed)
def rename_item(
    actor: Actor, name: HomeItem, new: Annotated[str, Field(min_length=1, max_length=100, description="The new name")]
) -> Result:
    """Rename an item of the home everywhere: on lists, in purchases and recurring items."""
    item = get_item(actor, name)
    old, renamed = item.name, actions.update_item(item, by=actor, name=new)
    return Result("rename_item", {"old": old, "item": renamed.name}, (Line(renamed.name),))


def _resolve_merged(actor: Actor, name: str, into: str) -> dict[str, Any]:
    return {"name": get_item(actor, name).name, "into": get_item(actor, into).name}


def _confirm_merge(actor: Actor, name: str, into: str) -> str:
    names = {"item": quotable(get_item(actor, name).name), "into": quotable(get_item(actor, into).name)}
    return _("Merge %(item)s into %(into)s? All that was bought as %(item)s counts as %(into)s then.") % names


@tool(effects=Effects(takes_away=True), confirm_reason=_confirm_merge, resolve=_resolve_merged)
def merge_items(
    actor: Actor,
    name: HomeItem,
    into: Annotated[ItemName, Field(description="Name of the item that it is the same as, and that stays")],
) -> Result:
    """Merge an item of the home into another one that is the same. Its name becomes another name of that."""
    item = get_item(actor, name)
    merged = actions.merge_items(item, get_item(actor, into), by=actor)
    return Result("merge_items", {"old": item.name, "item": merged.name}, (Line(item.name, merged.name),))


PastedText = Annotated[
    str, Field(min_length=1, max_length=MAX_CHARS, description="A list, a recipe, a CSV file or another app's export")
]


def _read(actor: Actor, text: str) -> list[FileLine]:
    """Return what the text has to buy. Raises ActionError if it makes no sense, or has too much."""
    chosen = file_imports.find_list(file_imports.read_lists(text.encode(), actor.home), "")
    lines = file_imports.lines_to_take(chosen, actor.home, MAX_LINES)
    if not lines:
        raise ActionError(_("There is nothing to buy in this text."))
    return lines


def _resolve_text(actor: Actor, text: str, list: str | None) -> dict[str, Any]:
    lines = _read(actor, text)
    resolved = {"count": len(lines), "items": ", ".join(line.name for line in lines)}
    return resolved | {"list": lookup.get_list(actor, list).name} if list else resolved


def _confirm_text(actor: Actor, text: str, list: str | None) -> str:
    lines = _read(actor, text)
    question = ngettext("Add %(count)d item: %(items)s?", "Add %(count)d items: %(items)s?", len(lines))
    return question % {"count": len(lines), "items": quotable(", ".join(line.name for line in lines))}


@tool(confirm_reason=_confirm_text, resolve=_resolve_text)
def add_text(actor: Actor, text: PastedText, list: ListName = None) -> Result:
    """Take all lines of a pasted text or file onto a grocery list, with their amounts: what is not bought in it."""
    lines = _read(actor, text)
    entries = actions.add_lines(lookup.list_for_adding(actor, list), lines, by=actor)
    target = entries[0].list.name if entries else lookup.list_for_adding(actor, list).name
    return Result("add_text", {"list": target, "count": len(entries)}, tuple(map(entry_line, entries)))
