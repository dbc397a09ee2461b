"""Pixie's answers, composed from the outcomes of tool calls."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groceries.templatetags.amounts import amount
from homes.events.models import Event
from pantry.money import money
from pantry.recurrence import describe_rule, is_rule
from pantry.text import quotable
from pixie.models import Source
from pixie.nlu.outcome import SURE, Proposal, Understanding
from pixie.nlu.reminders import read_reminder
from pixie.replies.small_talk import make_smalltalk
from pixie.runs.outcomes import Doubt, Outcome, Refusal, is_act
from pixie.tools import TOOLS, Result

MAX_LISTED = 25  # items of a list
MAX_IN_SENTENCE = 6  # longer lists are grouped by aisle
MAX_MATCHES = 3


def compose(understood: Understanding, outcomes: Sequence[Outcome]) -> str:
    """Return the answer to a message."""
    if outcomes:
        return describe_outcomes(outcomes)
    if understood.question is not None:
        return str(understood.question)
    return make_smalltalk(understood.text, understood.intent)


def describe_outcomes(outcomes: Sequence[Outcome]) -> str:
    """Describe what was done, what was refused and what needs confirmation, in that order."""
    requests = [outcome.request for outcome in outcomes if isinstance(outcome, Result) and outcome.request]
    results = [outcome for outcome in outcomes if isinstance(outcome, Result) and not outcome.request]
    sentences = [DESCRIPTIONS[tool](done) for tool, done in _by_tool(results)]
    sentences += [_("Done: %(what)s.") % {"what": _joined(requests)}] if requests else []
    sentences += dict.fromkeys(outcome.sentence for outcome in outcomes if isinstance(outcome, Refusal))
    return " ".join([*sentences, *describe_doubts([outcome for outcome in outcomes if isinstance(outcome, Doubt)])])


def describe_doubts(doubts: Sequence[Doubt]) -> list[str]:
    """Return the question that one yes answers: it shows every act, with its amount, price and readers."""
    if len(doubts) < 2:
        return [_single_question(doubt) for doubt in doubts]
    head = _("Should I do all %(count)d of these?") % {"count": len(doubts)}
    return ["\n".join([head, *(f"{number}. {_listed_act(doubt)}" for number, doubt in enumerate(doubts, 1))])]


def _single_question(doubt: Doubt) -> str:
    """Return why it is asked, and the act unless it is the person's own wish and the reason says all of it."""
    if not doubt.why:
        return _("Did you mean: %(what)s?") % {"what": doubt.act}
    is_plain = doubt.proposal.confidence >= SURE and not doubt.proposal.payload.get("note")
    is_whole = is_plain or not TOOLS[doubt.proposal.type].effects.amount
    return doubt.why if is_whole else " ".join([doubt.why, _("A yes would %(what)s.") % {"what": doubt.act}])


def _listed_act(doubt: Doubt) -> str:
    is_unusual = doubt.why and TOOLS[doubt.proposal.type].effects.amount
    return _("%(act)s (that is a lot)") % {"act": doubt.act} if is_unusual else doubt.act


def describe_account(outcomes: Sequence[Outcome]) -> str:
    """Say what a run with a language model has done and what not. It follows the model's own words, which may claim
    anything, in any language."""
    acts = [outcome for outcome in outcomes if is_act(outcome)]
    last_act = max((index for index, outcome in enumerate(outcomes) if is_act(outcome)), default=-1)
    refusals = [
        outcome for outcome in outcomes[last_act + 1 :] if isinstance(outcome, Refusal) and outcome.must_be_told
    ]
    end = _("Nothing else was changed or sent.") if acts else _("Nothing was changed. Nothing was sent.")
    return " ".join(filter(None, [describe_outcomes([*acts, *refusals]), end]))


def build_receipt(home_id: UUID, outcomes: Sequence[Outcome], ops: list[UUID]) -> dict[str, Any] | None:
    """Return the changes by line, with the events to undo; None when nothing changed."""
    log = Event.objects.filter(home=home_id, op_id__in=ops).exclude(type="passage_forgotten")
    events = sorted(log.values_list("seq", flat=True))  # with ORDER BY, SQLite would read the home's whole log
    groups = _by_tool([outcome for outcome in outcomes if is_act(outcome)])
    if not events or not groups:
        return None
    lines = [line for _tool, results in groups for result in results for line in result.lines]
    return {
        "title": "; ".join(TITLES[tool](len(results)) for tool, results in groups if tool in TITLES),
        "lines": [line._asdict() for line in lines],
        "events": events,
    }


def describe_call(proposal: Proposal) -> str:
    """Describe a call as part of a question: “add 24 kg rice”, with everything that a yes would do.

    The payload may hold what its arguments stand for, see `pixie.tools.registry.Tool.resolve`.
    """
    payload = {
        name: quotable(value) if isinstance(value, str) and (proposal.type, name) != ("forget", "what") else value
        for name, value in proposal.payload.items()
    }
    item = str(payload.get("name", ""))
    if isinstance(payload.get("quantity"), Decimal):
        item = f"{amount({**payload, 'unit': payload.get('unit')})} {item}"
    elif payload.get("quantity") or payload.get("unit"):
        item = " ".join(filter(None, [str(payload.get("quantity") or ""), payload.get("unit"), item]))
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
        "often": describe_rule(rule) if is_rule(rule) else payload.get("frequency", ""),
    }
    values["what"] = payload.get("what") or values["what"]
    parts = [CALLS[proposal.type](payload) % values if proposal.type in CALLS else proposal.type]
    parts += [_("for %(price)s") % values] if payload.get("price") else []
    parts += [_("with the note “%(note)s”") % values] if payload.get("note") else []
    parts += [_("tagged “%(tags)s”") % {"tags": quotable(", ".join(payload["tags"]))}] if payload.get("tags") else []
    return " ".join(parts)


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


def _by_tool(outcomes: Sequence[Outcome]) -> list[tuple[str, list[Result]]]:
    groups: dict[str, list[Result]] = {}
    for outcome in outcomes:
        if isinstance(outcome, Result):
            groups.setdefault(outcome.tool, []).append(outcome)
    return list(groups.items())


def _added(results: list[Result]) -> str:
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
    return _("Changed. %(now)s.") % {"now": _joined(amounts)}


def _listed(results: list[Result]) -> str:
    facts, lines = results[0].facts, results[0].lines
    if facts["list"] is None:
        return _("There is no list yet. Tell me what you need and I'll start one.")
    if not lines:
        return _("There's nothing left to get on %(list)s.") % {"list": facts["list"]}
    names = [f"{line.name} ({line.amount})" if line.amount != "1" else line.name for line in lines[:MAX_LISTED]]
    head = ngettext("%(count)d item is on %(list)s:", "%(count)d items are on %(list)s:", len(lines))
    head %= {"count": len(lines), "list": facts["list"]}
    if len(lines) <= MAX_IN_SENTENCE:
        return f"{head} {_joined(names)}."
    by_aisle: dict[str, list[str]] = {}
    for aisle, name in zip(facts["aisles"], names, strict=False):
        by_aisle.setdefault(aisle, []).append(name)
    rows = [f"{aisle}: {', '.join(items)}" for aisle, items in by_aisle.items()]
    if len(lines) > MAX_LISTED:
        rows.append(_("and %(count)d more") % {"count": len(lines) - MAX_LISTED})
    return "\n".join([head, *rows])


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


def _spent(results: list[Result]) -> str:
    facts = results[0].facts
    periods = {
        "week": _("this week"),
        "last_week": _("last week"),
        "last_month": _("last month"),
        "today": _("today"),
        "yesterday": _("yesterday"),
        "year": _("this year"),
    }
    values = {
        "sum": money(facts["spent"], facts["currency"]),
        "period": periods.get(facts["period"], _("this month")),
        "category": facts["category"],
    }
    in_aisle = facts["category"]
    sentence = _("You spent %(sum)s on %(category)s %(period)s.") if in_aisle else _("You spent %(sum)s %(period)s.")
    return " ".join([sentence % values, *_budget_left(facts), *_unpriced(facts)])


def _posted(result: Result) -> str:
    return _("Posted in #%(room)s: “%(text)s”") % {"room": result.facts["room"], "text": result.lines[0].name}


def _reacted(results: list[Result]) -> str:
    return _("Reacted with %(emoji)s.") % {"emoji": _names(results)}


def _matches(result: Result) -> str:
    facts = result.facts
    values = {"query": facts["query"], "name": facts["author"]}
    if not facts["found"]:
        if facts["author"] and not facts["query"]:
            return _("I found no messages from %(name)s.") % values
        return _("I found nothing about “%(query)s”.") % values
    lines = [_quoted(match) for match in facts["found"][:MAX_MATCHES]]
    if more := facts["count"] - len(lines):
        lines.append(ngettext("And one more.", "And %(count)d more.", more) % {"count": more})
    return "\n".join(lines)


def _quoted(match: dict[str, Any]) -> str:
    if match["kind"] != "message":
        return _("“%(text)s”, under %(where)s.") % {"text": match["excerpt"], "where": match["where"]}
    day = formats.date_format(local_time(match["at"]), "MONTH_DAY_FORMAT")
    values = {"name": match["author"], "where": match["where"], "day": day, "text": match["excerpt"]}
    return _("%(name)s in %(where)s, %(day)s: “%(text)s”") % values


def _undone(results: list[Result]) -> str:
    return _("Undone: %(names)s.") % {"names": _names(results) or _("the last change")}


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
    return _joined([line.name for result in results for line in result.lines])


def _joined(names: list[str]) -> str:
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s") % {"first": ", ".join(names[:-1]), "last": names[-1]}


def _each(describe: Callable[[Result], str], separator: str = " ") -> Callable[[list[Result]], str]:
    return lambda results: separator.join(map(describe, results))


def describe_passages(results: list[Result]) -> str:
    passages = {row["id"]: row for result in results for row in result.facts["found"]}
    if not passages:
        return _("I don't know anything about that. Say “remember that …” and I will.")
    return "\n".join(_describe_passage(passage) for passage in passages.values())


def _describe_passage(passage: dict[str, Any]) -> str:
    values = {"name": passage["who"], "text": passage["content"], "day": format_day(passage["said_at"])}
    if passage["source"] in (Source.PURCHASE, Source.TASK, Source.EVENT):
        return _("%(day)s: %(text)s") % values
    if not passage["who"]:
        return _("On %(day)s: “%(text)s”") % values
    return _("%(name)s, on %(day)s: “%(text)s”") % values


def describe_remembered(result: Result) -> str:
    if not result.facts["is_new"]:
        sentence = _("I already knew that: “%(text)s”")
    elif result.facts["for"] == "you":
        sentence = _("I'll remember that, just for you: “%(text)s”")
    elif result.facts["for"] == "room":
        sentence = _("I'll remember that for everyone in this room: “%(text)s”")
    else:
        sentence = _("I'll remember that for the home: “%(text)s”")
    return sentence % {"text": result.facts["content"]}


def describe_forgotten(results: list[Result]) -> str:
    count = sum(result.facts["count"] for result in results)
    return ngettext("Forgotten.", "Forgotten, all %(count)d.", count) % {"count": count}


def describe_day(results: list[Result]) -> str:
    lines: list[str] = results[0].facts["news"]
    return "\n".join(lines) or _("All is quiet: there's nothing to get, and nothing was bought yesterday.")


def describe_scheduled(result: Result) -> str:
    facts = result.facts
    when = format_schedule(facts["at"], facts["rrule"])
    values = {"text": facts["what"].rstrip("."), "when": when, "room": facts["room"]}
    if not facts["is_reminder"]:
        in_room, here = (
            _("I'll act on this in #%(room)s, %(when)s: “%(text)s”"),
            _("I'll act on this, %(when)s: “%(text)s”"),
        )
    else:
        in_room, here = (
            _("I'll post this in #%(room)s, %(when)s: “%(text)s”"),
            _("I'll post this here, %(when)s: “%(text)s”"),
        )
    return (in_room if facts["room"] else here) % values


def list_scheduled(results: list[Result]) -> str:
    rows = results[0].facts["scheduled"]
    if not rows:
        return _("Nothing is scheduled. Try “remind us every Monday at 8 to take the bins out”.")
    return "\n".join(f"{format_schedule(row['at'], row['rrule'])}: {row['what']}" for row in rows)


def describe_cancelled(result: Result) -> str:
    return _("Cancelled: %(what)s.") % {"what": result.facts["what"].rstrip(".")}


def format_schedule(at: datetime | str, rrule: str) -> str:
    """Format a time and its recurrence: “every Monday, next on 9 March, 08:00”."""
    local = local_time(at)
    day_and_time = f"{format_day(local)}, {formats.date_format(local, 'TIME_FORMAT')}"
    rule = rrule.removeprefix("RRULE:").upper()
    if not is_rule(rule):
        return day_and_time
    return _("%(often)s, next on %(day)s") % {"often": describe_rule(rule), "day": day_and_time}


def local_time(at: datetime | str) -> datetime:
    """Return the time in the active time zone. A time without a zone is local already."""
    moment = datetime.fromisoformat(at) if isinstance(at, str) else at
    return timezone.localtime(moment) if timezone.is_aware(moment) else moment


def format_day(at: datetime | str) -> str:
    """Format a date, with the year unless it is this one."""
    local = local_time(at)
    same_year = local.year == timezone.localtime().year
    return formats.date_format(local, "MONTH_DAY_FORMAT" if same_year else "DATE_FORMAT")


DESCRIPTIONS: dict[str, Callable[[list[Result]], str]] = {
    "add_item": _added,
    "change_item": _changed,
    "list_items": _listed,
    "mark_purchased": _bought,
    "remove_item": _removed,
    "set_recurring": _each(_recurs),
    "budget_query": _spent,
    "post_message": _each(_posted),
    "add_reaction": _reacted,
    "search": _each(_matches, "\n\n"),
    "undo": _undone,
    "schedule_message": _each(describe_scheduled),
    "sum_up": describe_day,
    "list_scheduled": list_scheduled,
    "cancel_scheduled": _each(describe_cancelled),
    "search_memory": describe_passages,
    "remember": _each(describe_remembered),
    "forget": describe_forgotten,
}

# What a call does, as part of a question.
CALLS: dict[str, Callable[[dict[str, Any]], str]] = {
    "add_item": lambda _payload: _("add %(item)s"),
    "change_item": lambda _payload: _("change it to %(item)s"),
    "mark_purchased": lambda _payload: _("tick off %(item)s"),
    "remove_item": lambda _payload: _("take %(item)s off the list"),
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
    "cancel_scheduled": lambda _payload: _("cancel “%(what)s”"),
}

TITLES: dict[str, Callable[[int], str]] = {
    "add_item": lambda n: ngettext("Added %(n)d item", "Added %(n)d items", n) % {"n": n},
    "change_item": lambda n: ngettext("Changed %(n)d item", "Changed %(n)d items", n) % {"n": n},
    "mark_purchased": lambda n: ngettext("Ticked off %(n)d item", "Ticked off %(n)d items", n) % {"n": n},
    "remove_item": lambda n: ngettext("Removed %(n)d item", "Removed %(n)d items", n) % {"n": n},
    "remember": lambda n: ngettext("Remembered %(n)d thing", "Remembered %(n)d things", n) % {"n": n},
    "set_recurring": lambda n: ngettext("Set %(n)d recurring item", "Set %(n)d recurring items", n) % {"n": n},
    "schedule_message": lambda n: ngettext("Scheduled %(n)d message", "Scheduled %(n)d messages", n) % {"n": n},
    "cancel_scheduled": lambda n: ngettext("Cancelled %(n)d message", "Cancelled %(n)d messages", n) % {"n": n},
    "post_message": lambda n: ngettext("Posted %(n)d message", "Posted %(n)d messages", n) % {"n": n},
    "add_reaction": lambda n: ngettext("Added %(n)d reaction", "Added %(n)d reactions", n) % {"n": n},
}
