"""Clauses about the calendar: appointments, visits, birthdays, what is on."""

import re

from . import phrases
from .dates import When, find_when
from .frequencies import find_frequency
from .items import KNOWN, MEASURED, mentions
from .outcome import Entity, Proposal, Reading
from .vocabulary import Vocabulary

_CALENDAR = re.compile(r"\b(?:calend[ae]r|calander|schedule[ds]?|scheduling|agenda|diary|itinerary|planner)\b", re.I)
_EVENT = re.compile(
    r"\b(?:meetings?|meet(?:ing)? (?:with|up)|appoint?ments?|events?|conferences?|birthdays?|anniversar(?:y|ies)|gatherings?|interviews?|"
    r"haircut|party|parties|dinner (?:with|at)|lunch (?:with|at|date)|to (?:lunch|dinner|coffee|drinks)|brunch|date night|visit|concert|wedding|festival|picnic|"
    r"reunion|ceremony|tournament|holidays?|vacation|dentist|check-?up|reservation|get-?together|plans|engagements?|prayer|"
    r"is coming|are coming|comes over)\b",
    re.I,
)
_CREATES = re.compile(
    r"^(?:please )?(?:add|put|set(?: up)?|create|make|schedule|book|arrange|plan|mark|save|note|include|enter|insert|place|new|block|reserve|"
    r"organi[sz]e|hook up|get|log|write|jot|record|(?:i|we)(?:'d| would)? ?(?:need|want|like|wish) to (?:schedule|add|set|book|make|create|put|plan|have|meet|arrange)|(?:i|we)(?:'ve got| have| need| want)"
    r"(?= .*(?:meeting|appointment|interview|birthday|anniversary|to meet|added|scheduled|on my calendar))|"
    r"(?:i|we)(?:'ll| will|'m| am|'re| are)|see if you can (?:schedule|set|book)|for the calendar|on my calendar|send|call|invite|"
    r"update|change|move|start|fill|pencil|repeat|make a note|calendar)\b",
    re.I,
)
_ASKS = re.compile(
    r"^(?:what|whats|which|when|whens)\b.*\b(?:do (?:i|we) have|(?:have|got) (?:i|we) got|going on|happening|planned|scheduled|are we doing|"
    r"am i doing|(?:my|our|the) (?:day|week|plans)|looks? like|coming up|is on (?:for )?|am i (?:supposed|meeting|going)|are we (?:meeting|going))\b"
    r"|^(?:am|are) (?:i|we) (?:free|busy|doing anything|available|booked|scheduled|meeting|open|supposed to be)\b"
    r"|^(?:do|did|have) (?:i|we)(?: (?:already|got|have|make|made|put))* (?:plans|anything|any plans|something|stuff|things)"
    r"(?: (?:planned|going on|scheduled|on|for|happening|coming))*\b"
    r"|^is (?:my|our) (?:day|week|evening|morning|afternoon|saturday|sunday|weekend|time) (?:open|free|clear|busy|full)\b"
    r"|^is (?:anything|something|anyone) (?:happening|going on|planned|scheduled|coming)\b|^do i have (?:a|any) (?:busy|free|date|get)\b"
    r"|^(?:tell me |show me )?what(?:'?s| is) (?:happening|going on|planned|on for|up)\b|^how many (?:things|meetings|events)\b"
    r"|^(?:anything|something)(?: \w+)? (?:going on|happening|planned|on|up)\b",
    re.I,
)
_ABOUT_DAYS = re.compile(
    r"\b(?:my|our) (?:day|week|weekend|month|morning|afternoon|evening)(?: (?:is|going to|gonna|be))* (?:like|look|looks|looking|about)?$|^how busy (?:am|are)"
    r"|\bhow (?:does|do|is|are) (?:my|our) (?:day|week|weekend|month)\b|^(?:if |whether )(?:i am|i'?m|we are|i have anything)\b|^will (?:i|we) be (?:free|busy|available)\b"
    r"|^is [\w ]{2,30} (?:open|free|clear|available)\b|^(?:when|what day|what date)(?:'s| is| does)? .*\b(?:christmas|easter|thanksgiving|songkran|new year|halloween|"
    r"valentine'?s?|mother'?s day|father'?s day|ramadan|diwali|hanukkah|labou?r day|birthday)\b"
    r"|^(?:any ?thing|something)(?: \w+)? (?:going on|happening|planned|today|tomorrow|tonight|this (?:week|weekend|evening))\b"
    r"|^(?:show|tell) me (?:about )?(?:today|tomorrow|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\b",
    re.I,
)
_NAMED_ALONE = re.compile(
    r"^(?:(?:my|our|the|all|upcoming|up coming|next|today'?s|tomorrow'?s|weekly|daily|this week'?s|work|current|full|any)\s+)*(?:events?|meetings|"
    r"appointments|schedule|agenda|plans?|calendar)(?: (?:today|tomorrow|tonight|(?:for |on |in |near |around )?(?:this|next|the|my|me) ?\w*|coming up|please))*[?.]*$"
    r"|^on (?:my|the|our) calendar (?:is|are|do|what|did)\b|^i want my schedule\b",
    re.I,
)
# What is there already is not made a second time.
_DROPS = re.compile(
    r"^(?:remove|delete|cancel|clear|erase|wipe|move|change|reschedule|postpone|push|shift|update|rename|edit|delay|swap)\b",
    re.I,
)
_TAIL = re.compile(
    r"[\s,]*(?:and )?(?:(?:put|add|note)(?: (?:it|that|this))? )?(?:to|on|onto|in|into) (?:the |my |our )?(?:calend[ae]r|calander|schedule|agenda|diary)\b",
    re.I,
)
_HEAD = re.compile(
    r"^(?:please )?(?:(?:add|put|set(?: up)?|create|make|schedule|book|arrange|plan|mark|note|save|include|enter|insert|new)(?: down| up| in)?|"
    r"(?:i|we)(?:'d| would)? (?:need|want|like|have)(?: to (?:schedule|add|have|set up|book|meet))?|there is)\s+(?:an? |the |my |our )?",
    re.I,
)


def read_event(clause: str, known: Vocabulary, *, asks: bool) -> Reading | None:
    """Something for the calendar, or a question about it."""
    if re.search(rf"\b{phrases.GROCERY} (?:list|cart)\b", clause, re.I):
        return None
    calendar, event = _CALENDAR.search(clause), _EVENT.search(clause)
    if _DROPS.match(clause):
        return Reading("unclear", 0.5) if calendar or event and not phrases.names_list(clause) else None
    if not calendar and phrases.names_list(clause):
        return None
    if _NAMED_ALONE.match(clause):
        return _listed(0.8)
    if asks or phrases.SHOW.match(clause) or (calendar or event) and phrases.seeks(clause):
        return _asked(clause, known, bool(calendar), bool(event))
    if not calendar and _is_shopping(clause, known):
        return None
    when = find_when(clause, known.local_now()) if calendar or event else None
    if calendar and (_CREATES.match(clause) or _TAIL.search(clause)) or event and _CREATES.match(clause):
        return _planned(clause, when)
    if (
        event
        and when is not None
        and len(clause.split()) <= 14
        and not re.match(r"^(?:happy|the|that|my|how)\b", clause, re.I)
    ):
        return _planned(clause, when)
    if when is None and re.match(
        r"^(?:please )?(?:add|put|set|schedule|book|plan|mark|note|new|make|create|block)\b", clause, re.I
    ):
        return _dated(clause, known)
    return _listed(0.75) if calendar and len(clause.split()) <= 6 else None


_WISH = re.compile(
    rf"^(?:(?:i|we)(?:'d| would)? )?(?:{phrases.GET_VERB}|{phrases.ADD_VERB}|need|want|like|out of)(?: (?:some|to buy|to get))?\s+(?P<object>.+)$",
    re.I,
)


def _is_shopping(clause: str, known: Vocabulary) -> bool:
    """A cake for the birthday is bought, whatever the day; the birthday itself is not."""
    match = _WISH.match(clause)
    return match is not None and any(
        thing.evidence >= KNOWN and not _EVENT.search(thing.typed) for thing in mentions(match["object"], known)
    )


_OURS = re.compile(r"\b(?:i|my|me|i'm|we|our|us|am)\b", re.I)
_YOURS = re.compile(r"\b(?:you|your|you'?re|recipe)\b", re.I)
_MEETS = re.compile(r"^(?:what|when|where)\b.*\b(?:meet|meeting)\b", re.I)
_PLANS = re.compile(r"\b(?:plan|schedul|going on|meet|free|busy)", re.I)
_ASKS_OF_A_DAY = re.compile(
    r"^(?:what|whats|when|which|how many|do|am|are|is|have|any|anything) (?!should|is wrong)", re.I
)


def _asked(clause: str, known: Vocabulary, calendar: bool, event: bool) -> Reading | None:
    ours, yours = _OURS.search(clause), _YOURS.search(clause)
    if yours and not ours and not calendar:
        return None
    when = None if calendar else find_when(clause, known.local_now())
    if calendar or event and (when or ours or not yours):
        return _listed(0.92)
    if _ABOUT_DAYS.search(clause):
        return _listed(0.85)
    if not ours and not when:
        return None
    if _ASKS.match(clause) or _MEETS.match(clause):
        return _listed(0.88) if when or _PLANS.search(clause) else None
    if when and ours and _ASKS_OF_A_DAY.match(clause):
        things = mentions(clause, known)
        return None if any(thing.evidence >= KNOWN for thing in things) else _listed(0.75)
    return _listed(0.75) if _MY_APPOINTED.match(clause) else None


_MY_APPOINTED = re.compile(
    r"^(?:when|what (?:time|day|date)|on (?:what|which) day|at what time|where)(?:'?s| is| are| am| do| does| did| will)? (?:i|my|our|we)\b(?!.*\b(?:born|buy|bought|"
    r"put|last)\b)",
    re.I,
)


def _dated(clause: str, known: Vocabulary) -> Reading | None:
    """ "Add practice on friday at two" names no kind of event, but an hour of a day and nothing to buy."""
    if re.match(r"^(?:please )?(?:schedule|plan)\s+(?!of\b)", clause, re.I):
        return _planned(clause, find_when(clause, known.local_now()))
    when = find_when(clause, known.local_now())
    if when is None or re.search(
        r"\b(?:timer|alarm|countdown|music|volume|lights?|thermostat|temperature)\b", clause, re.I
    ):
        return None
    if any(thing.evidence >= MEASURED for thing in mentions(_HEAD.sub("", when.rest), known)):
        return None
    return _planned(clause, when) if when.timed or re.search(r"\d", when.phrase) else None


def _listed(confidence: float) -> Reading:
    return Reading("list_events", confidence, actions=(Proposal("list_events", {}, confidence),))


def _planned(clause: str, when: When | None) -> Reading:
    frequency = find_frequency(clause)
    rest = _TAIL.sub("", when.rest if when and not frequency else clause)
    title = re.sub(r"\s+(?:at|on|for|by|from|in|to|that|is)$", "", _HEAD.sub("", rest).strip(" ,.!?"), flags=re.I)[:200]
    payload, entities = {"title": title}, [Entity("event", title, 0.8)] if title else []
    if when is not None:
        payload["starts_at"] = when.moment.isoformat()
        entities.append(Entity("datetime", when.phrase, 0.85, when.moment.isoformat()))
    intent = "create_event"
    if frequency is not None:
        intent, payload["rrule"] = "set_recurring", frequency.rrule
        entities.append(Entity("recurring_frequency", frequency.phrase, 0.9, frequency.name))
    # Without a day there is nothing to put anywhere yet.
    confidence = 0.88 if when is not None and title else 0.7
    return Reading(
        intent, confidence, tuple(entities), (Proposal("create_event", payload, confidence),) if title else ()
    )
