"""Pixie's answers, composed from the outcomes of tool calls."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any
from uuid import UUID

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homes.events.models import Event
from homes.events.undo import undo_handlers
from pixie.models import Source
from pixie.nlu.outcome import SURE, Understanding
from pixie.replies import expenses, forecasts, groceries, items, pantry, tasks
from pixie.replies.formats import format_day, format_schedule, join_names, local_time
from pixie.replies.small_talk import make_smalltalk
from pixie.runs.outcomes import Doubt, Outcome, Refusal, is_act
from pixie.tools import TOOLS, Result

MAX_MATCHES = 3


def compose(understood: Understanding, outcomes: Sequence[Outcome]) -> str:
    """Return the answer to a message."""
    if outcomes:
        return " ".join([describe_outcomes(outcomes), *describe_unused(understood, outcomes)])
    if understood.question is not None:
        return str(understood.question)
    return make_smalltalk(understood.text, understood.intent)


def describe_unused(understood: Understanding, outcomes: Sequence[Outcome]) -> list[str]:
    """Name the words that had no use in what was done."""
    has_acted = any(is_act(outcome) for outcome in outcomes)
    if not understood.unused or not has_acted:
        return []
    return [_("I didn't use: %(words)s.") % {"words": ", ".join(understood.unused)}]


def describe_outcomes(outcomes: Sequence[Outcome]) -> str:
    """Describe what was done, what was refused and what needs confirmation, in that order."""
    requests = [outcome.request for outcome in outcomes if isinstance(outcome, Result) and outcome.request]
    results = [outcome for outcome in outcomes if isinstance(outcome, Result) and not outcome.request]
    sentences = [DESCRIPTIONS[tool](done) for tool, done in _by_tool(results)]
    sentences += [_("Done: %(what)s.") % {"what": join_names(requests)}] if requests else []
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
    payload = doubt.proposal.payload
    has_details = any(payload.get(name) for name in ("note", "store", "list")) or (
        payload.get("quantity") and payload.get("price")  # the reason may name only one of them
    )
    is_plain = doubt.proposal.confidence >= SURE and not has_details
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
    log = Event.objects.filter(home=home_id, op_id__in=ops, type__in=undo_handlers)
    events = sorted(log.values_list("seq", flat=True))  # with ORDER BY, SQLite would read the home's whole log
    groups = _by_tool([outcome for outcome in outcomes if is_act(outcome)])
    if not events or not groups:
        return None
    lines = [line for _tool, results in groups for result in results for line in result.lines]
    return {
        "title": "; ".join(
            TITLES[tool](sum(len(result.lines) or 1 for result in results))
            for tool, results in groups
            if tool in TITLES
        ),
        "lines": [line._asdict() for line in lines],
        "events": events,
    }


def _by_tool(outcomes: Sequence[Outcome]) -> list[tuple[str, list[Result]]]:
    groups: dict[str, list[Result]] = {}
    for outcome in outcomes:
        if isinstance(outcome, Result):
            groups.setdefault(outcome.tool, []).append(outcome)
    return list(groups.items())


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
    reverted = [result for result in results if not result.facts.get("is_changed", True)]
    if reverted:
        return _("%(names)s: that was changed back already.") % {"names": _names(reverted) or reverted[0].facts["what"]}
    return _("Undone: %(names)s.") % {"names": _names(results) or _("the last change")}


def _names(results: Iterable[Result]) -> str:
    return join_names([line.name for result in results for line in result.lines])


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


DESCRIPTIONS: dict[str, Callable[[list[Result]], str]] = {
    **groceries.DESCRIPTIONS,
    **forecasts.DESCRIPTIONS,
    **expenses.DESCRIPTIONS,
    **pantry.DESCRIPTIONS,
    **items.DESCRIPTIONS,
    **tasks.DESCRIPTIONS,
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

TITLES: dict[str, Callable[[int], str]] = {
    **groceries.TITLES,
    **forecasts.TITLES,
    **expenses.TITLES,
    **pantry.TITLES,
    **items.TITLES,
    **tasks.TITLES,
    "remember": lambda n: ngettext("Remembered %(n)d thing", "Remembered %(n)d things", n) % {"n": n},
    "schedule_message": lambda n: ngettext("Scheduled %(n)d message", "Scheduled %(n)d messages", n) % {"n": n},
    "cancel_scheduled": lambda n: ngettext("Cancelled %(n)d message", "Cancelled %(n)d messages", n) % {"n": n},
    "post_message": lambda n: ngettext("Posted %(n)d message", "Posted %(n)d messages", n) % {"n": n},
    "add_reaction": lambda n: ngettext("Added %(n)d reaction", "Added %(n)d reactions", n) % {"n": n},
}
