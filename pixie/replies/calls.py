"""Descriptions of tool calls, as parts of questions."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groceries.templatetags import amounts
from pantry.recurrence import describe_rule, is_rule
from pantry.text import quotable
from pixie.nlu.outcome import Proposal
from pixie.nlu.reminders import read_reminder
from pixie.replies.formats import format_schedule, join_names


def describe_call(proposal: Proposal) -> str:
    """Describe a call as part of a question: “add 24 kg rice”, with everything that a yes would do.

    The payload may hold what its arguments stand for, see `pixie.tools.registry.Tool.resolve`.
    """
    payload = {
        name: quotable(value) if isinstance(value, str) and (proposal.type, name) != ("forget", "what") else value
        for name, value in proposal.payload.items()
    }
    amount = _amount(payload)
    item = f"{amount} {payload.get('name', '')}".strip()
    rule, room = str(proposal.payload.get("rrule") or ""), payload.get("room")
    values = {
        "item": item,
        "text": payload.get("text") or payload.get("prompt", ""),
        "room": f"#{room}" if room else _("the first room"),
        "what": str(payload.get("content") or payload.get("query") or ""),
        "when": format_schedule(payload["at"], rule) if "at" in payload else "",
        "price": payload.get("price"),
        "note": payload.get("note"),
        "emoji": payload.get("emoji", ""),
        "name": payload.get("name", ""),
        "list": payload.get("to_list") or payload.get("list") or _("the list"),
        "from_list": payload.get("from_list"),
        "like": payload.get("like", ""),
        "new": f"{amount} {payload['new']}".strip() if "new" in payload else "",
        "kept": quotable(", ".join(payload.get("keep", ()))),
        "count": payload.get("count", 0),
        "items": payload.get("items", ""),
        "aisle": payload.get("aisle") or payload.get("category", ""),
        "sum": payload.get("sum") or payload.get("amount") or payload.get("total", ""),
        "into": payload.get("into", ""),
        "payer": payload.get("payer", ""),
        "sharers": quotable(join_names(list(payload.get("sharers") or ()))),
        "often": describe_rule(rule) if is_rule(rule) else payload.get("frequency", ""),
    }
    values["what"] = payload.get("what") or values["what"]
    if payload.get("store") and not payload.get("note"):  # what it stands for has not been looked up
        payload["note"] = values["note"] = _("at %(store)s") % payload
    parts = [CALLS[proposal.type](payload) % values if proposal.type in CALLS else proposal.type]
    parts += [_("for %(price)s") % values] if payload.get("price") else []
    parts += [_("with the note “%(note)s”") % values] if payload.get("note") else []
    is_emptied = proposal.type != "add_item" and isinstance(payload.get("note"), str) and not payload["note"].strip()
    parts += [_("without a note")] if is_emptied else []
    parts += [_("tagged “%(tags)s”") % {"tags": quotable(", ".join(payload["tags"]))}] if payload.get("tags") else []
    return " ".join(parts)


def _amount(payload: dict[str, Any]) -> str:
    if isinstance(payload.get("quantity"), Decimal):
        return str(amounts.amount({**payload, "unit": payload.get("unit")}))
    return " ".join(filter(None, [str(payload.get("quantity") or ""), payload.get("unit")]))


def _describe_remember(payload: dict[str, Any]) -> str:
    readers = payload.get("readers") or ("home" if payload.get("for_home") else "")
    return {
        "home": _("remember for everyone in the home that %(what)s"),
        "room": _("remember for everyone in this room that %(what)s"),
        "you": _("remember, just for you, that %(what)s"),
    }.get(readers, _("remember that %(what)s"))


def _describe_schedule(payload: dict[str, Any]) -> str:
    """A reminder is posted as it is; any other prompt is a request, which may do anything at its time."""
    is_reminder = read_reminder(payload.get("prompt", "")) is not None
    if payload.get("room"):
        return (
            _("post “%(text)s” in %(room)s, %(when)s") if is_reminder else _("act on “%(text)s” in %(room)s, %(when)s")
        )
    return _("“%(text)s”, %(when)s") if is_reminder else _("act on “%(text)s”, %(when)s")


def _describe_swap(payload: dict[str, Any]) -> str:
    if payload.get("list"):
        return _("put %(new)s on %(list)s instead of %(name)s")
    return _("put %(new)s on the list instead of %(name)s")


def _describe_move(payload: dict[str, Any]) -> str:
    if payload.get("from_list"):
        return _("move %(item)s from %(from_list)s to %(list)s")
    return _("move %(item)s to %(list)s")


def _describe_clear(payload: dict[str, Any]) -> str:
    if "count" in payload:
        return ngettext(
            "take %(count)d item off %(list)s: %(items)s",
            "take %(count)d items off %(list)s: %(items)s",
            payload["count"],
        )
    return _("take everything off %(list)s but %(kept)s") if payload.get("keep") else _("take everything off %(list)s")


def _describe_all_purchased(payload: dict[str, Any]) -> str:
    if "count" in payload:
        return ngettext(
            "tick off %(count)d item on %(list)s: %(items)s",
            "tick off %(count)d items on %(list)s: %(items)s",
            payload["count"],
        )
    return (
        _("tick off everything on %(list)s but %(kept)s")
        if payload.get("keep")
        else _("tick off everything on %(list)s")
    )


def _describe_complete(payload: dict[str, Any]) -> str:
    if payload.get("count"):
        return ngettext(
            "complete %(list)s, with %(count)d item not bought",
            "complete %(list)s, with %(count)d items not bought",
            payload["count"],
        )
    return _("complete %(list)s")


def _describe_start(payload: dict[str, Any]) -> str:
    if payload.get("like"):
        has_name = payload.get("name")
        return _("start the list %(name)s with the items of %(like)s") if has_name else _("start a list like %(like)s")
    return _("start the list %(name)s") if payload.get("name") else _("start a list")


# What a call does, as part of a question.
def _describe_change_of_rule(payload: dict[str, Any]) -> str:
    return {
        "pause": _("pause %(item)s"),
        "resume": _("let %(item)s go on"),
        "skip": _("skip %(item)s once"),
        "stop": _("stop adding %(item)s automatically"),
    }[payload["change"]]


def _describe_answer(payload: dict[str, Any]) -> str:
    return {
        "not_yet": _("say that %(item)s is not needed yet"),
        "never": _("never suggest %(item)s"),
        "again": _("suggest %(item)s again"),
    }[payload["answer"]]


def _describe_expense(payload: dict[str, Any]) -> str:
    if payload.get("sharers"):
        return _("add the expense “%(what)s” of %(sum)s, paid by %(payer)s and shared by %(sharers)s")
    return _("add the expense “%(what)s” of %(sum)s")


def _describe_use(payload: dict[str, Any]) -> str:
    return _("take %(item)s out of the pantry") if payload.get("quantity") else _("say that %(name)s is used up")


def _describe_minimum(payload: dict[str, Any]) -> str:
    if payload.get("quantity"):
        return _("put %(name)s on the list when less than %(item)s is at home")
    return _("no longer keep a minimum of %(name)s")


def _describe_text(payload: dict[str, Any]) -> str:
    if "count" in payload:
        return ngettext(
            "add %(count)d item to %(list)s: %(items)s", "add %(count)d items to %(list)s: %(items)s", payload["count"]
        )
    return _("add what is in a text to %(list)s")


CALLS: dict[str, Callable[[dict[str, Any]], str]] = {
    "list_pantry": lambda _payload: _("look at what is at home"),
    "add_to_pantry": lambda _payload: _("put %(item)s into the pantry"),
    "use_from_pantry": _describe_use,
    "keep_in_stock": _describe_minimum,
    "add_expense": _describe_expense,
    "add_text": _describe_text,
    "correct_price": lambda _payload: _("say that %(item)s was bought"),
    "merge_items": lambda _payload: _("merge %(item)s into %(into)s"),
    "rename_item": lambda _payload: _("rename %(item)s to %(new)s"),
    "set_trip_total": lambda _payload: _("set the total of the shopping with %(list)s to %(sum)s"),
    "list_balances": lambda _payload: _("add up who owes whom"),
    "add_item": lambda payload: _("add %(item)s to %(list)s") if payload.get("list") else _("add %(item)s"),
    "approve_list": lambda _payload: _("approve %(list)s"),
    "archive_list": lambda _payload: _("archive %(list)s"),
    "change_item": lambda payload: (
        _("change it to %(item)s on %(list)s") if payload.get("list") else _("change it to %(item)s")
    ),
    "clear_list": _describe_clear,
    "complete_list": _describe_complete,
    "delete_list": lambda _payload: _("delete %(list)s"),
    "rename_list": lambda _payload: _("rename %(list)s to %(name)s"),
    "start_list": _describe_start,
    "have_at_home": lambda _payload: _("take %(item)s off the list"),
    "mark_all_purchased": _describe_all_purchased,
    "mark_purchased": lambda payload: (
        _("tick off %(item)s on %(list)s") if payload.get("list") else _("tick off %(item)s")
    ),
    "move_item": _describe_move,
    "put_back": lambda payload: _("put %(item)s back on %(list)s") if payload.get("list") else _("put %(item)s back"),
    "remove_item": lambda payload: (
        _("take %(item)s off %(list)s") if payload.get("list") else _("take %(item)s off the list")
    ),
    "set_aisle": lambda _payload: _("list %(item)s under %(aisle)s"),
    "swap_item": _describe_swap,
    "item_on_list": lambda _payload: _("look for %(item)s on the list"),
    "who_added": lambda _payload: _("look up who added %(item)s"),
    "purchases": lambda _payload: _("look up what was bought"),
    "change_recurring": _describe_change_of_rule,
    "answer_forecast": _describe_answer,
    "running_low": lambda _payload: _("look up what runs out"),
    "set_recurring": lambda _payload: _("buy %(item)s regularly (%(often)s)"),
    "post_message": lambda _payload: _("post “%(text)s” in %(room)s"),
    "undo": lambda payload: _("undo “%(what)s”") if payload.get("what") else _("undo the last change"),
    "remember": _describe_remember,
    "forget": lambda payload: _("forget for good: %(what)s") if payload.get("what") else _("forget about %(what)s"),
    "search_memory": lambda _payload: _("look up %(what)s"),
    "search": lambda _payload: _("search for %(what)s"),
    "list_items": lambda _payload: _("show the list"),
    "budget_query": lambda _payload: _("add up the spending"),
    "add_reaction": lambda payload: (
        _("react with %(emoji)s to “%(what)s”") if payload.get("what") else _("react to a message")
    ),
    "schedule_message": _describe_schedule,
    "create_task": lambda _payload: _("write down the task “%(text)s”"),
    "list_tasks": lambda _payload: _("look up the tasks"),
    "complete_task": lambda _payload: _("complete the task “%(task)s”"),
    "cancel_scheduled": lambda _payload: _("cancel “%(what)s”"),
}
