"""What Pixie says: sentences made from what the tools really did."""

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homes.events.models import Event
from pantry.templatetags.look import money
from pixie.nlu.outcome import Proposal, Understanding
from pixie.replies import sayings, smalltalk
from pixie.runs.outcomes import Doubt, Refusal
from pixie.tools import Result

MOST_NAMED, FEW = 25, 6  # things of a list that are named, and that are named in one sentence
MOST_QUOTED = 3

Outcome = Result | Refusal | Doubt


def compose(understood: Understanding, outcomes: Sequence[Outcome]) -> str:
    """The whole answer to a message."""
    if outcomes:
        return tell(outcomes)
    if understood.question is not None:
        return str(understood.question)
    return smalltalk.reply(understood.text, understood.intent)


def tell(outcomes: Sequence[Outcome]) -> str:
    """What was done, what was refused, what is asked; in that order."""
    sentences = [SAY[tool](results) for tool, results in _by_tool(outcomes)]
    sentences += [outcome.sentence for outcome in outcomes if isinstance(outcome, Refusal)]
    doubts = [outcome for outcome in outcomes if isinstance(outcome, Doubt)]
    sentences += [doubt.why for doubt in doubts if doubt.why]
    if unclear := [describe(doubt.proposal) for doubt in doubts if not doubt.why]:
        sentences.append(_("Did you mean: %(what)s?") % {"what": _joined(unclear)})
    return " ".join(sentences)


def receipt(home_id: UUID, outcomes: Sequence[Outcome], ops: list[UUID]) -> dict[str, Any] | None:
    """What changed, line by line, with the events that undo needs; None when nothing changed."""
    changed = Event.objects.filter(home=home_id, op_id__in=ops).exclude(type="passage_forgotten").order_by("seq")
    events = list(changed.values_list("seq", flat=True))
    groups = _by_tool(outcomes)
    if not events or not groups:
        return None
    lines = [line for _tool, results in groups for result in results for line in result.lines]
    return {
        "title": "; ".join(TITLES[tool](len(results)) for tool, results in groups if tool in TITLES),
        "lines": [{"name": line.name, "amount": line.amount} for line in lines],
        "events": events,
    }


def describe(proposal: Proposal) -> str:
    """A call in the words of a question: “add 24 kg rice”."""
    what = proposal.payload
    thing = str(what.get("name", ""))
    if what.get("quantity"):
        thing = f"{what['quantity']} {what.get('unit') or ''} {thing}".replace("  ", " ")
    sentences = {
        "add_item": _("add %(thing)s"),
        "change_item": _("make it %(thing)s"),
        "mark_purchased": _("%(thing)s is bought"),
        "remove_item": _("take %(thing)s off the list"),
        "set_recurring": _("buy %(thing)s again and again"),
        "post_message": _("say “%(text)s” in %(room)s"),
        "undo": _("take back the last thing"),
        "remember": _("remember that %(what)s"),
        "forget": _("forget about %(what)s"),
        "search_memory": _("look for %(what)s"),
        "search": _("look for %(what)s"),
        "list_items": _("look at the list"),
        "budget_query": _("add up what was spent"),
        "add_reaction": _("react to a message"),
        "schedule_message": _("“%(text)s”, %(when)s"),
        "cancel_scheduled": _("cancel “%(what)s”"),
    }
    room = f"#{what['room']}" if what.get("room") else _("the first room")
    about = str(what.get("content") or what.get("query") or what.get("what") or "")
    said = {"thing": thing, "text": what.get("text") or what.get("prompt", ""), "room": room, "what": about}
    said["when"] = sayings.when(what["at"], what.get("rrule") or "") if "at" in what else ""
    return sentences[proposal.type] % said if proposal.type in sentences else proposal.type


def _by_tool(outcomes: Sequence[Outcome]) -> list[tuple[str, list[Result]]]:
    groups: dict[str, list[Result]] = {}
    for outcome in outcomes:
        if isinstance(outcome, Result):
            groups.setdefault(outcome.tool, []).append(outcome)
    return list(groups.items())


def _added(results: list[Result]) -> str:
    where = results[0].facts["list"]
    aisles = {result.facts["aisle"] for result in results}
    if len(results) == 1:
        line, is_new = results[0].lines[0], results[0].facts["is_new"]
        if not is_new:
            return _("%(item)s: %(amount)s, on %(list)s.") % {"item": line.name, "amount": line.amount, "list": where}
        said = {"item": line.name, "list": where, "aisle": aisles.pop()}
        return _("%(item)s: on %(list)s now, under %(aisle)s.") % said
    together = {"count": len(results), "list": where, "aisle": next(iter(aisles))}
    if len(aisles) > 1:
        return (
            _("Both are on %(list)s.") % together
            if len(results) == 2
            else _("All %(count)d are on %(list)s.") % together
        )
    if len(results) == 2:
        return _("Both are on %(list)s, under %(aisle)s.") % together
    return _("All %(count)d are on %(list)s, under %(aisle)s.") % together


def _changed(results: list[Result]) -> str:
    now = [
        _("%(item)s: %(amount)s") % {"item": line.name, "amount": line.amount}
        for result in results
        for line in result.lines
    ]
    return _("Changed. %(now)s.") % {"now": _joined(now)}


def _listed(results: list[Result]) -> str:
    facts, lines = results[0].facts, results[0].lines
    if facts["list"] is None:
        return _("There is no list yet. Tell me what you need, and I begin one.")
    if not lines:
        return _("Nothing is left to get on %(list)s.") % {"list": facts["list"]}
    named = [f"{line.name} ({line.amount})" if line.amount != "1" else line.name for line in lines[:MOST_NAMED]]
    head = ngettext("%(count)d thing is on %(list)s:", "%(count)d things are on %(list)s:", len(lines))
    head %= {"count": len(lines), "list": facts["list"]}
    if len(lines) <= FEW:
        return f"{head} {_joined(named)}."
    by_aisle: dict[str, list[str]] = {}
    for aisle, name in zip(facts["aisles"], named, strict=False):
        by_aisle.setdefault(aisle, []).append(name)
    told = [f"{aisle}: {', '.join(names)}" for aisle, names in by_aisle.items()]
    if len(lines) > MOST_NAMED:
        told.append(_("and %(count)d more") % {"count": len(lines) - MOST_NAMED})
    return "\n".join([head, *told])


def _bought(results: list[Result]) -> str:
    names = _joined([result.lines[0].name for result in results])
    unlisted = [result.lines[0].name for result in results if not result.facts["was_listed"]]
    said = _("In the basket: %(names)s.") % {"names": names}
    if unlisted:
        said += " " + _("%(names)s: not on the list before, kept for the record.") % {"names": _joined(unlisted)}
    return said


def _removed(results: list[Result]) -> str:
    return _("Off the list: %(names)s.") % {"names": _joined([result.lines[0].name for result in results])}


def _recurs(results: list[Result]) -> str:
    return " ".join(
        _("%(item)s: %(how)s, first on %(day)s.")
        % {
            "item": result.lines[0].name,
            "how": result.lines[0].amount,
            "day": formats.date_format(timezone.localtime(result.facts["next_due_at"]), "MONTH_DAY_FORMAT"),
        }
        for result in results
    )


def _spent(results: list[Result]) -> str:
    facts = results[0].facts
    currency = facts["currency"]
    periods = {
        "week": _("this week"),
        "last_week": _("last week"),
        "last_month": _("last month"),
        "today": _("today"),
        "yesterday": _("yesterday"),
        "year": _("this year"),
    }
    said = {"sum": money(facts["spent"], currency), "period": periods.get(facts["period"], _("this month"))}
    sentence = _("%(sum)s spent %(period)s.") % said
    if facts["category"]:
        sentence = _("%(sum)s spent on %(category)s %(period)s.") % {**said, "category": facts["category"]}
    return " ".join([sentence, *_left(facts), *_unpriced(facts)])


def _posted(results: list[Result]) -> str:
    return " ".join(
        _("Said in #%(room)s: “%(text)s”") % {"room": result.facts["room"], "text": result.lines[0].name}
        for result in results
    )


def _reacted(results: list[Result]) -> str:
    return _("%(signs)s: it stands there now.") % {"signs": _joined([result.facts["emoji"] for result in results])}


def _found(results: list[Result]) -> str:
    return "\n\n".join(_found_one(result.facts) for result in results)


def _found_one(facts: dict[str, Any]) -> str:
    asked = {"query": facts["query"], "name": facts["author"]}
    if not facts["found"]:
        if facts["author"] and not facts["query"]:
            return _("I found nothing that %(name)s said.") % asked
        return _("I found nothing about “%(query)s”.") % asked
    shown = [_quoted(found) for found in facts["found"][:MOST_QUOTED]]
    if more := facts["count"] - len(shown):
        shown.append(ngettext("And one more.", "And %(count)d more.", more) % {"count": more})
    return "\n".join(shown)


def _quoted(found: dict[str, Any]) -> str:
    if found["kind"] != "message":
        return _("“%(text)s”, under %(where)s.") % {"text": found["excerpt"], "where": found["where"]}
    day = formats.date_format(timezone.localtime(found["at"]), "MONTH_DAY_FORMAT")
    said = {"who": found["author"], "where": found["where"], "day": day, "text": found["excerpt"]}
    return _("%(who)s in %(where)s, %(day)s: “%(text)s”") % said


def _undone(results: list[Result]) -> str:
    names = [line.name for result in results for line in result.lines]
    return _("Undone: %(names)s.") % {"names": _joined(names) or _("the last thing")}


def _left(facts: dict[str, Any]) -> list[str]:
    if facts["left"] is None:
        return []
    if facts["left"] < 0:
        return [_("That is %(sum)s over the month's budget.") % {"sum": money(-facts["left"], facts["currency"])}]
    days = ngettext("one more day", "%(days)d more days", facts["days_left"]) % {"days": facts["days_left"]}
    return [_("%(sum)s is left for %(days)s.") % {"sum": money(facts["left"], facts["currency"]), "days": days}]


def _unpriced(facts: dict[str, Any]) -> list[str]:
    if not facts["without_price"]:
        return []
    sentence = ngettext("One purchase has no price.", "%(count)d purchases have no price.", facts["without_price"])
    return [sentence % {"count": facts["without_price"]}]


def _joined(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


SAY: dict[str, Callable[[list[Result]], str]] = {
    "add_item": _added,
    "change_item": _changed,
    "list_items": _listed,
    "mark_purchased": _bought,
    "remove_item": _removed,
    "set_recurring": _recurs,
    "budget_query": _spent,
    "post_message": _posted,
    "add_reaction": _reacted,
    "search": _found,
    "undo": _undone,
    "schedule_message": sayings.scheduled,
    "sum_up": sayings.news,
    "list_scheduled": sayings.waiting,
    "cancel_scheduled": sayings.cancelled,
    "search_memory": sayings.found,
    "remember": sayings.remembered,
    "forget": sayings.forgotten,
}

TITLES: dict[str, Callable[[int], str]] = {
    "add_item": lambda n: ngettext("Added one thing", "Added %(n)d things", n) % {"n": n},
    "change_item": lambda n: ngettext("Changed one thing", "Changed %(n)d things", n) % {"n": n},
    "mark_purchased": lambda n: ngettext("One thing bought", "%(n)d things bought", n) % {"n": n},
    "remove_item": lambda n: ngettext("Removed one thing", "Removed %(n)d things", n) % {"n": n},
    "remember": lambda n: ngettext("Remembered one thing", "Remembered %(n)d things", n) % {"n": n},
    "set_recurring": lambda n: ngettext("Set one to come back", "Set %(n)d to come back", n) % {"n": n},
    "schedule_message": lambda n: ngettext("Scheduled one thing", "Scheduled %(n)d things", n) % {"n": n},
    "cancel_scheduled": lambda n: ngettext("Cancelled one thing", "Cancelled %(n)d things", n) % {"n": n},
    "post_message": lambda n: ngettext("Said one thing", "Said %(n)d things", n) % {"n": n},
    "add_reaction": lambda n: ngettext("Reacted once", "Reacted %(n)d times", n) % {"n": n},
}
