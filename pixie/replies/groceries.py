"""Answers about lists, purchases and spending."""

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pantry.money import money
from pantry.text import quotable
from pixie.replies.forecasts import describe_forecasts
from pixie.replies.formats import format_day, format_when, join_names, local_time
from pixie.tools.registry import Result

MAX_LISTED = 25  # items of a list
MAX_IN_SENTENCE = 6  # longer lists are grouped by aisle


def _added(results: list[Result]) -> str:
    by_list: dict[str, list[Result]] = {}
    for result in results:
        by_list.setdefault(result.facts["list"], []).append(result)
    return " ".join([*map(_added_to_list, by_list.values()), *_details(results)])


def _details(results: list[Result]) -> list[str]:
    """Return sentences about expected prices, notes and members that were set."""
    sentences = []
    for result in results:
        note = result.facts.get("note")
        values = {"item": result.lines[0].name, **result.facts, "note": quotable(note or "")}
        if result.facts.get("price"):
            sentences.append(_("%(item)s should cost about %(price)s.") % values)
        if note:
            sentences.append(_("The note of %(item)s is “%(note)s”.") % values)
        elif note is not None:
            sentences.append(_("%(item)s has no note.") % values)
        if result.facts.get("assigned_to"):
            sentences.append(_("%(assigned_to)s gets %(item)s.") % values)
        elif "assigned_to" in result.facts:
            sentences.append(_("Anybody can get %(item)s.") % values)
    return sentences


def _added_to_list(results: list[Result]) -> str:
    aisles = [result.facts["aisle"] for result in results]
    values = {"count": len(results), "list": results[0].facts["list"], "aisle": aisles[0]}
    if len(results) == 1:
        line = results[0].lines[0]
        values |= {"item": line.name, "amount": line.amount}
        if results[0].facts["is_new"]:
            return _("Added %(item)s to %(list)s, under %(aisle)s.") % values
        return _("%(item)s: %(amount)s, on %(list)s.") % values
    if len(set(aisles)) > 1:
        sentence = _("Both are on %(list)s.") if len(results) == 2 else _("All %(count)d are on %(list)s.")
    elif len(results) == 2:
        sentence = _("Both are on %(list)s, under %(aisle)s.")
    else:
        sentence = _("All %(count)d are on %(list)s, under %(aisle)s.")
    return sentence % values


def _changed(results: list[Result]) -> str:
    lines = (line for result in results for line in result.lines)
    amounts = [_("%(item)s: %(amount)s") % {"item": line.name, "amount": line.amount} for line in lines]
    return " ".join([_("Changed. %(now)s.") % {"now": join_names(amounts)}, *_details(results)])


def _swapped(result: Result) -> str:
    line = result.lines[0]
    values = {"old": result.facts["old"], "item": line.name, "amount": line.amount, "list": result.facts["list"]}
    sentence = _("%(item)s (%(amount)s) is on %(list)s instead of %(old)s.") % values
    return " ".join([sentence, *_details([result])])


def _moved(result: Result) -> str:
    line = result.lines[0]
    values = {"item": line.name, "amount": line.amount, "from": result.facts["from_list"], "to": result.facts["list"]}
    return _("Moved %(item)s from %(from)s to %(to)s: %(amount)s.") % values


def _put_back(result: Result) -> str:
    line = result.lines[0]
    values = {"item": line.name, "amount": line.amount, "list": result.facts["list"]}
    return _("Back on %(list)s: %(item)s (%(amount)s).") % values


def _at_home(results: list[Result]) -> str:
    return _("Off the list, because you have it: %(names)s.") % {"names": _names(results)}


def _aisle_set(result: Result) -> str:
    return _("%(item)s is now under %(aisle)s.") % {"item": result.lines[0].name, "aisle": result.lines[0].amount}


def _cleared(result: Result) -> str:
    values = {"list": result.facts["list"], "names": _names([result])}
    return _("Off %(list)s: %(names)s.") % values


def _all_bought(result: Result) -> str:
    values = {"list": result.facts["list"], "names": _names([result])}
    return _("In the basket, from %(list)s: %(names)s.") % values


def _approved(result: Result) -> str:
    return _("%(list)s is approved.") % {"list": result.facts["list"]}


def _completed(result: Result) -> str:
    count = result.facts["not_bought"]
    values = {"list": result.facts["list"], "count": count}
    if not count:
        return _("%(list)s is complete.") % values
    sentence = ngettext(
        "%(list)s is complete. %(count)d item was not bought.",
        "%(list)s is complete. %(count)d items were not bought.",
        count,
    )
    return sentence % values


def _started(result: Result) -> str:
    if not result.facts["count"]:
        return _("%(list)s is a new list.") % result.facts
    sentence = ngettext(
        "%(list)s is a new list with %(count)d item.",
        "%(list)s is a new list with %(count)d items.",
        result.facts["count"],
    )
    return sentence % result.facts


def _renamed(result: Result) -> str:
    return _("%(old)s is called %(list)s now.") % result.facts


def _archived(result: Result) -> str:
    return _("%(list)s is in the archive.") % result.facts


def _deleted(result: Result) -> str:
    return _("%(list)s is deleted.") % result.facts


def _listed(result: Result) -> str:
    facts, lines = result.facts, result.lines
    if facts["list"] is None:
        return _("There is no list yet. Tell me what you need and I'll start one.")
    values = {"count": len(lines), "list": facts["list"], "filters": _filters(facts)}
    if not lines:
        nothing = _("Nothing %(filters)s is on %(list)s.") if values["filters"] else ""
        return (nothing or _("There's nothing left to get on %(list)s.")) % values
    if values["filters"]:
        head = ngettext(
            "%(count)d item %(filters)s is on %(list)s", "%(count)d items %(filters)s are on %(list)s", len(lines)
        )
    else:
        head = ngettext("%(count)d item is on %(list)s", "%(count)d items are on %(list)s", len(lines))
    head %= values
    if facts.get("count_only"):
        return f"{head}."
    names = [_with_amount(line.name, line.amount) for line in lines[:MAX_LISTED]]
    if len(lines) <= MAX_IN_SENTENCE:
        return f"{head}: {join_names(names)}."
    by_aisle: dict[str, list[str]] = {}
    for aisle, name in zip(facts["aisles"], names, strict=False):
        by_aisle.setdefault(aisle, []).append(name)
    rows = [f"{aisle}: {', '.join(items)}" for aisle, items in by_aisle.items()]
    if len(lines) > MAX_LISTED:
        rows.append(_("and %(count)d more") % {"count": len(lines) - MAX_LISTED})
    return "\n".join([f"{head}:", *rows])


def _filters(facts: dict[str, Any]) -> str:
    """Say what was asked for: “under Dairy and added by Ben”."""
    filters = {
        "name": _("like “%(value)s”"),
        "category": _("under %(value)s"),
        "member": _("added by %(value)s"),
    }
    return join_names([text % {"value": facts[key]} for key, text in filters.items() if facts.get(key)])


def _with_amount(name: str, amount: str) -> str:
    return f"{name} ({amount})" if amount != "1" else name


def _on_list(result: Result) -> str:
    if not result.facts["entries"]:
        denied = _("No, %(sentence)s") % {"sentence": _not_listed(result.facts)}
        return " ".join(filter(None, [denied, describe_forecasts(result.facts["forecasts"])]))
    rows = [_listed_row(row) for row in result.facts["entries"]]
    return " ".join([_("Yes: %(first)s") % {"first": rows[0]}, *rows[1:]])


def _listed_row(row: dict[str, Any]) -> str:
    values = {"item": _with_amount(row["name"], row["amount"]), "list": row["list"], **_adding(row)}
    if row["by"]:
        return _("%(item)s is on %(list)s, added by %(name)s %(when)s.") % values
    return _("%(item)s is on %(list)s, added automatically %(when)s.") % values


def _adding(row: dict[str, Any]) -> dict[str, str]:
    return {"name": row["by"], "when": format_when(row["at"])}


def _not_listed(facts: dict[str, Any]) -> str:
    values = {"item": facts["name"], "list": facts["list"]}
    for row in facts["bought"]:
        values |= {"item": row["name"], "list": row["list"], **_adding(row["purchase"])}
        if values["name"]:
            return _("%(item)s is in the basket of %(list)s: %(name)s bought it %(when)s.") % values
        return _("%(item)s is in the basket of %(list)s: it was bought %(when)s.") % values
    return (_("%(item)s is not on %(list)s.") if facts["list"] else _("%(item)s is not on any list.")) % values


def _adder(result: Result) -> str:
    rows = result.facts["entries"] or result.facts["bought"]
    if not rows:
        return _capitalized(_not_listed(result.facts))
    sentences = []
    for row in rows:
        values = {"item": row["name"], "list": row["list"], **_adding(row)}
        sentence = (
            _("%(name)s added %(item)s to %(list)s %(when)s.")
            if row["by"]
            else _("%(item)s was added to %(list)s automatically %(when)s.")
        )
        sentences.append(sentence % values)
    return " ".join(sentences)


def _purchased(result: Result) -> str:
    """Tell the newest purchase of an item, or list the purchases."""
    facts, rows = result.facts, result.facts["entries"]
    if not rows:
        sentence = _never_bought(facts)
    elif facts["name"] and len({row["name"] for row in rows}) == 1:
        sentence = _last_purchase(facts, rows[0])
    else:
        sentence = _purchase_list(facts, rows)
    span = _("since %(day)s") % {"day": format_day(facts["since"])} if facts["since"] else ""
    span = span or (_period_name(facts["period"]) if facts["period"] else "")
    return f"{_capitalized(span)}: {sentence}" if span else sentence


def _never_bought(facts: dict[str, Any]) -> str:
    values = {"item": facts["name"], "name": facts["member"]}
    if facts["name"]:
        sentence = _("%(name)s has not bought %(item)s.") if facts["member"] else _("%(item)s was not bought.")
        return _capitalized(sentence % values)
    return (_("%(name)s has bought nothing.") if facts["member"] else _("Nothing was bought.")) % values


def _last_purchase(facts: dict[str, Any], row: dict[str, Any]) -> str:
    values = {"item": row["name"], "amount": row["amount"], **_adding(row)}
    values["price"] = money(row["price"], facts["currency"])
    if row["by"]:
        sentence = _("%(name)s last bought %(item)s %(when)s: %(amount)s.")
    else:
        sentence = _("%(item)s was last bought %(when)s: %(amount)s.")
    cost = _("The price was not entered.") if row["price"] is None else _("It cost %(price)s.")
    return f"{sentence} {cost}" % values


def _purchase_list(facts: dict[str, Any], rows: list[dict[str, Any]]) -> str:
    """List the newest purchases, each with its amount, price, buyer and day."""
    values = {"count": facts["count"], "name": facts["member"]}
    if facts["member"]:
        head = ngettext("%(name)s bought %(count)d item:", "%(name)s bought %(count)d items:", facts["count"]) % values
    else:
        head = ngettext("%(count)d item was bought:", "%(count)d items were bought:", facts["count"]) % values
    lines = []
    for row in rows:
        buyer, price = "" if facts["member"] else row["by"], money(row["price"], facts["currency"])
        details = [row["amount"] if row["amount"] != "1" else "", price, buyer, format_when(row["at"])]
        lines.append(f"{row['name']} ({', '.join(filter(None, details))})")
    if more := facts["count"] - len(rows):
        lines.append(ngettext("one more", "%(n)d more", more) % {"n": more})
    return f"{head} {join_names(lines)}."


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]


def _bought(results: list[Result]) -> str:
    sentence = _("In the basket: %(names)s.") % {"names": _names(results)}
    if unlisted := [result for result in results if not result.facts["was_listed"]]:
        sentence += " " + _("Not on the list before: %(names)s.") % {"names": _names(unlisted)}
    return sentence


def _removed(results: list[Result]) -> str:
    return _("Off the list: %(names)s.") % {"names": _names(results)}


def _recurs(result: Result) -> str:
    day = formats.date_format(local_time(result.facts["next_due_at"]), "MONTH_DAY_FORMAT")
    line = result.lines[0]
    return _("%(item)s: %(how)s, first on %(day)s.") % {"item": line.name, "how": line.amount, "day": day}


def _rule_changed(result: Result) -> str:
    change, values = result.facts["change"], {"item": result.lines[0].name}
    if change == "pause":
        return _("%(item)s is paused.") % values
    if change == "stop":
        return _("%(item)s no longer comes back.") % values
    values["day"] = formats.date_format(local_time(result.facts["next_due_at"]), "MONTH_DAY_FORMAT")
    if change == "skip":
        return _("%(item)s is skipped once. It comes next on %(day)s.") % values
    return _("%(item)s goes on. It comes next on %(day)s.") % values


def _period_name(period: str) -> str:
    periods = {
        "week": _("this week"),
        "last_week": _("last week"),
        "last_month": _("last month"),
        "today": _("today"),
        "yesterday": _("yesterday"),
        "year": _("this year"),
    }
    return periods.get(period, _("this month"))


def _spent(results: list[Result]) -> str:
    facts = results[0].facts
    values = {
        "sum": money(facts["spent"], facts["currency"]),
        "period": _period_name(facts["period"]),
        "category": facts["category"],
    }
    in_aisle = facts["category"]
    sentence = _("You spent %(sum)s on %(category)s %(period)s.") if in_aisle else _("You spent %(sum)s %(period)s.")
    return " ".join([sentence % values, *_budget_left(facts), *_unpriced(facts)])


def _budget_left(facts: dict[str, Any]) -> list[str]:
    if facts["left"] is None:
        return []
    left = Decimal(facts["left"])
    if left < 0:
        return [_("That is %(sum)s over the month's budget.") % {"sum": money(-left, facts["currency"])}]
    days = ngettext("one more day", "%(days)d more days", facts["days_left"]) % {"days": facts["days_left"]}
    return [_("%(sum)s is left for %(days)s.") % {"sum": money(left, facts["currency"]), "days": days}]


def _unpriced(facts: dict[str, Any]) -> list[str]:
    if not facts["without_price"]:
        return []
    sentence = ngettext("One purchase has no price.", "%(count)d purchases have no price.", facts["without_price"])
    return [sentence % {"count": facts["without_price"]}]


def _names(results: Iterable[Result]) -> str:
    return join_names([line.name for result in results for line in result.lines])


def _each(describe: Callable[[Result], str]) -> Callable[[list[Result]], str]:
    return lambda results: " ".join(map(describe, results))


DESCRIPTIONS: dict[str, Callable[[list[Result]], str]] = {
    "add_item": _added,
    "approve_list": _each(_approved),
    "archive_list": _each(_archived),
    "budget_query": _spent,
    "change_item": _changed,
    "change_recurring": _each(_rule_changed),
    "clear_list": _each(_cleared),
    "complete_list": _each(_completed),
    "delete_list": _each(_deleted),
    "have_at_home": _at_home,
    "item_on_list": _each(_on_list),
    "list_items": lambda results: "\n\n".join(map(_listed, results)),
    "mark_all_purchased": _each(_all_bought),
    "mark_purchased": _bought,
    "move_item": _each(_moved),
    "purchases": _each(_purchased),
    "put_back": _each(_put_back),
    "remove_item": _removed,
    "rename_list": _each(_renamed),
    "set_aisle": _each(_aisle_set),
    "set_recurring": _each(_recurs),
    "start_list": _each(_started),
    "swap_item": _each(_swapped),
    "who_added": _each(_adder),
}

TITLES: dict[str, Callable[[int], str]] = {
    "add_item": lambda n: ngettext("Added %(n)d item", "Added %(n)d items", n) % {"n": n},
    "approve_list": lambda n: ngettext("Approved %(n)d list", "Approved %(n)d lists", n) % {"n": n},
    "archive_list": lambda n: ngettext("Archived %(n)d list", "Archived %(n)d lists", n) % {"n": n},
    "change_item": lambda n: ngettext("Changed %(n)d item", "Changed %(n)d items", n) % {"n": n},
    "change_recurring": lambda n: (
        ngettext("Changed %(n)d recurring item", "Changed %(n)d recurring items", n) % {"n": n}
    ),
    "clear_list": lambda n: ngettext("Removed %(n)d item", "Removed %(n)d items", n) % {"n": n},
    "complete_list": lambda n: ngettext("Completed %(n)d list", "Completed %(n)d lists", n) % {"n": n},
    "delete_list": lambda n: ngettext("Deleted %(n)d list", "Deleted %(n)d lists", n) % {"n": n},
    "have_at_home": lambda n: ngettext("Removed %(n)d item", "Removed %(n)d items", n) % {"n": n},
    "mark_all_purchased": lambda n: ngettext("Ticked off %(n)d item", "Ticked off %(n)d items", n) % {"n": n},
    "mark_purchased": lambda n: ngettext("Ticked off %(n)d item", "Ticked off %(n)d items", n) % {"n": n},
    "move_item": lambda n: ngettext("Moved %(n)d item", "Moved %(n)d items", n) % {"n": n},
    "put_back": lambda n: ngettext("Put back %(n)d item", "Put back %(n)d items", n) % {"n": n},
    "remove_item": lambda n: ngettext("Removed %(n)d item", "Removed %(n)d items", n) % {"n": n},
    "rename_list": lambda n: ngettext("Renamed %(n)d list", "Renamed %(n)d lists", n) % {"n": n},
    "set_aisle": lambda n: (
        ngettext("Changed the aisle of %(n)d item", "Changed the aisle of %(n)d items", n) % {"n": n}
    ),
    "set_recurring": lambda n: ngettext("Set %(n)d recurring item", "Set %(n)d recurring items", n) % {"n": n},
    "start_list": lambda n: ngettext("Started %(n)d list", "Started %(n)d lists", n) % {"n": n},
    "swap_item": lambda n: ngettext("Swapped %(n)d item", "Swapped %(n)d items", n) % {"n": n},
}
