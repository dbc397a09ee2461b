"""Find the lists, entries, aisles and members that a call names, allowing for typos.

Raises ActionError if there is none, or if the name fits several.
"""

from collections.abc import Iterable, Sequence

from django.utils.translation import gettext as _

from groceries import actions
from groceries.labels import dated_name, label_lists
from groceries.models import Category, EntryState, GroceryList, Item, ListEntry
from groceries.parsing.names import normalize, singular
from groceries.templatetags.amounts import amount
from homes.events.actor import Actor
from homes.models import Membership
from pantry.errors import ActionError, ChoiceNeeded
from pixie.nlu.vocabulary import find_item
from pixie.tools.registry import Line

MAX_NAMES = 10  # in a refusal
# Names of no list in particular, without “list”.
_ANY_LIST = frozenset((
    "shopping", "grocery", "groceries", "food", "list", "market", "store", "supermarket", "einkauf", "einkaufsliste",
    "liste", "compra", "compras", "súper", "lista", "รายการ", "รายการซื้อของ", "ลิสต์",
))  # fmt: skip
SELF = {"me", "i", "myself"}


def find_list(actor: Actor, name: str | None = None) -> GroceryList | None:
    """Return the open list of that name; the current list, or None, without a name."""
    lists = label_lists(_open_lists(actor))
    if not name:
        return lists[0] if lists else None
    labels = {normalize(label): each for each in lists for label in (dated_name(each), each.label)}
    if normalize(name) in labels:
        return labels[normalize(name)]
    names = tuple(each.name for each in lists)
    short = normalize(name).removeprefix("the ").removesuffix(" list")
    match = find_item(name, names, partly=True) or find_item(short, names, partly=True)
    matches = [each for each in lists if match and normalize(each.name) == normalize(match)]
    if not matches and short in _ANY_LIST:
        return lists[0] if lists else None
    if not matches:
        raise ActionError(
            _("There is no list “%(name)s”. There are: %(lists)s.") if lists else _("There is no list yet."),
            name=name,
            lists=", ".join(dict.fromkeys(names[:MAX_NAMES])),
        )
    if len(matches) > 1:
        choices = [each.label for each in matches]
        raise ChoiceNeeded(
            _("Which list: %(lists)s?"), name, {each: each for each in choices}, lists=quote_names(choices)
        )
    return matches[0]


def get_list(actor: Actor, name: str | None = None) -> GroceryList:
    grocery_list = find_list(actor, name)
    if grocery_list is None:
        raise ActionError(_("There is no list yet."))
    return grocery_list


def get_any_list(actor: Actor, name: str | None = None) -> GroceryList:
    """Return the open list of that name, else the newest completed one or template; the current list without a name."""
    try:
        return get_list(actor, name)
    except ChoiceNeeded:
        raise
    except ActionError:
        lists = list(GroceryList.objects.visible_to(member_of(actor)).order_by("-created_at", "-id"))
        match = find_item(name, tuple(each.name for each in lists), partly=True) if name else None
        if match is None:
            raise
        return next(each for each in lists if each.name == match)


def list_for_adding(actor: Actor, name: str | None = None) -> GroceryList:
    """Return the open list of that name; the current list without a name, creating it if there is none."""
    return get_list(actor, name) if name else actions.current_list(by=actor)


def _open_lists(actor: Actor) -> Iterable[GroceryList]:
    lists: Iterable[GroceryList] = GroceryList.objects.visible_to(member_of(actor)).open()
    return lists


def find_entries(actor: Actor, grocery_list: str | None = None, *states: EntryState) -> list[ListEntry]:
    """Return the entries of the list of that name, of all open lists without one, the newest list first."""
    lists = [get_list(actor, grocery_list)] if grocery_list else _open_lists(actor)
    return list(
        ListEntry.objects.filter(list__in=lists, state__in=states or [EntryState.PENDING])
        .select_related("item__category", "list", "added_by", "added_by_agent", "purchased_by")
        .prefetch_related("item__aliases")
        .order_by("-list__created_at", "created_at")
    )


def find_entry(
    actor: Actor, name: str, grocery_list: str | None = None, *, besides: GroceryList | None = None
) -> ListEntry | None:
    """Return the pending entry that matches `name`, on any list but `besides`."""
    entries = [entry for entry in find_entries(actor, grocery_list) if entry.list != besides]
    match = match_name(name, [entry.item for entry in entries])
    return next((entry for entry in entries if entry.item.name == match), None) if match else None


def get_entry(actor: Actor, name: str, grocery_list: str | None = None) -> ListEntry:
    entry = find_entry(actor, name, grocery_list)
    if entry is None and grocery_list:
        values = {"item": capitalized(name), "list": get_list(actor, grocery_list)}
        raise ActionError(_("%(item)s is not on %(list)s."), **values)
    if entry is None:
        raise ActionError(_("%(item)s is not on the list.") % {"item": capitalized(name)})
    return entry


def match_entries(entries: Sequence[ListEntry], name: str) -> list[ListEntry]:
    """Return the entries of the item that `name` refers to, else of all items that have its words."""
    names = _match_names(name, [entry.item for entry in entries])
    return [entry for entry in entries if entry.item.name in names]


def match_name(name: str, items: Iterable[Item]) -> str | None:
    """Return the name of the one of the items that `name` refers to, exactly by an alias. Needs their aliases."""
    names = tuple(dict.fromkeys(item.name for item in items))
    aliases = {alias.normalized_name: item.name for item in items for alias in item.aliases.all()}
    return aliases.get(normalize(name)) or find_item(name, names, partly=True)


def _match_names(name: str, items: Sequence[Item]) -> set[str]:
    if (match := match_name(name, items)) is not None:
        return {match}
    words = _words(name)
    return {item.name for item in items if words and words <= _words(item.name)}


def _words(name: str) -> set[str]:
    return {singular(word) for word in normalize(name).split()}


def matching_items(actor: Actor, name: str) -> list[Item]:
    """Return the home's items that `name` refers to, see `match_entries`."""
    items = {item.name: item for item in Item.objects.filter(home=actor.home).prefetch_related("aliases")}
    return [items[each] for each in _match_names(name, list(items.values()))]


def split_kept(actor: Actor, grocery_list: str | None, keep: Sequence[str]) -> tuple[GroceryList, list[ListEntry]]:
    """Return the list and its pending entries without those to keep. Raises ActionError if there are none."""
    chosen = get_list(actor, grocery_list)
    entries = [entry for entry in find_entries(actor) if entry.list_id == chosen.pk]
    excepted: set[ListEntry] = set()
    for name in keep:
        matches = match_entries(entries, name)
        if not matches:
            raise ActionError(_("%(item)s is not on %(list)s."), item=capitalized(name), list=chosen)
        excepted.update(matches)
    others = [entry for entry in entries if entry not in excepted]
    if not others:
        raise ActionError(_("There's nothing left to get on %(list)s."), list=chosen)
    return chosen, others


def find_item_name(actor: Actor, name: str) -> str:
    """Return the name of the home's item that `name` refers to, else `name`."""
    rows = list(Item.objects.filter(home=actor.home).values_list("name", "aliases__normalized_name"))
    aliases = {alias: each for each, alias in rows if alias}
    return aliases.get(normalize(name)) or find_item(name, tuple(dict.fromkeys(each for each, _alias in rows))) or name


def find_category(actor: Actor, name: str) -> Category | None:
    categories = list(Category.objects.filter(home=actor.home))
    by_label = {label: each for each in categories for label in (each.name, each.label)}
    match = find_item(name, tuple(by_label))
    return by_label[match] if match else None


def get_category(actor: Actor, name: str) -> Category:
    category = find_category(actor, name)
    if category is None:
        labels = [each.label for each in Category.objects.filter(home=actor.home)[:MAX_NAMES]]
        raise ActionError(
            _("There is no aisle “%(name)s”. There are: %(aisles)s."), name=name, aisles=", ".join(labels)
        )
    return category


def get_members(actor: Actor, name: str) -> list[Membership]:
    """Return the members of that name; there may be several. “me” is the person who asks."""
    if name.casefold().strip() in SELF:
        return [member_of(actor)]
    members = list(Membership.objects.filter(home=actor.home).select_related("user").order_by("number"))
    match = find_item(name, tuple(member.user.name for member in members), partly=True)
    if match is None:
        names = ", ".join(member.user.name for member in members[:MAX_NAMES])
        raise ActionError(_("There is nobody called “%(name)s” here. There are: %(names)s."), name=name, names=names)
    return [member for member in members if normalize(member.user.name) == normalize(match)]


def get_member(actor: Actor, name: str) -> Membership:
    """Return the member of that name. Raises ActionError if there are none or several."""
    members = get_members(actor, name)
    if len(members) > 1:
        raise ActionError(_("Several people here are called “%(name)s”. Choose the right one on the page."), name=name)
    return members[0]


def member_of(actor: Actor) -> Membership:
    assert actor.member is not None
    return actor.member


def quote_names(names: Iterable[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)


def shown_name(name: str, entry: ListEntry) -> str:
    """Return the item's name if it is another one than `name`."""
    return name if normalize(name) == normalize(entry.item.name) else entry.item.name


def entry_line(entry: ListEntry) -> Line:
    return Line(entry.item.name, amount(entry))


def capitalized(name: str) -> str:
    return name[:1].upper() + name[1:]
