"""Reminders and other schedules: create, list, cancel. Tasks and events are only told apart from groceries.

A reminder with a time is a message that Pixie sends later; without a time it is a task.
"""

import re
from datetime import datetime, time

from django.utils.translation import gettext_lazy as _

from pixie.nlu import phrases
from pixie.nlu.dates import When, find_when
from pixie.nlu.frequencies import Frequency, find_frequency
from pixie.nlu.items import KNOWN, mentions
from pixie.nlu.outcome import Entity, Proposal, Reading, call
from pixie.nlu.patterns import BLANKS, first_match, in_order, pattern, patterns, searches
from pixie.nlu.shopping import propose_recurrence
from pixie.nlu.vocabulary import Vocabulary

PLAN = Reading("plan", 0.9)
DEFAULT_TIME = time(9)  # without an hour

_ME = r"(?:me|myself|ฉัน|ผม|หนู)"
_US = r"(?:us|everyone|everybody|all of us|the (?:home|house|family)|เรา|พวกเรา|ทุกคน)"
_WHOM = pattern(rf"\b(?:remind|notify|alert|nudge|ping|let)\s+(?:(?P<me>{_ME})|(?P<us>{_US})|(?P<who>[^\W\d_]+))\b")
_PROMPT = patterns(
    rf"(?:please )?remind (?:{_ME}|{_US}|(?P<who>[^\W\d_]+))(?:\s*:\s*|\s+(?:to|about|of|that)\s+)(?P<what>(?s:.+))$",
    rf"(?:ช่วย)?เตือน(?:{_ME}|{_US})?(?P<who>)(?:\s*:\s*|\s*(?:ให้|ว่า|เรื่อง)\s*)(?P<what>(?s:.+))$",
)
_REMINDER = pattern(
    r"\b(?:remind(?:ed|s|er)?|don'?t let (?:me|us) forget|remember me|notify (?:me|us)|(?:be|being) notified|"
    r"make a (?:note|reminder) (?:to|of|about)|ping me|nudge (?:me|us)|alert me|send (?:me )?a? ?(?:reminder|notification))\b"
)
_TITLES = searches(
    r"\b(?:remind(?:ed|s)?|notify|alert|don'?t let) (?:(?:me|us|him|her|them|everyone|[a-z]+) )?(?:again )?(?:forget )?"
    r"(?:(?:to|about|of|that|for|when|if)\b)?\s*(?P<title>.*)$",
    r"\breminders?(?: alarm)?(?:\s*[:\-]\s*| (?:to|for|about|of|that) )(?P<title>.*)$",
    r"^(?:please )?(?:add|put|write|include|place|jot down|note) (?P<title>.+?) (?:to|on|onto|in|into) (?:the|my|our|a)\b.*$",
)
_BUY = pattern(rf"^(?:{phrases.GET_VERB}|add)\s+(?P<object>.+)$")
_CANCEL = patterns(
    r"(?:please )?(?:cancel|delete|remove|stop|drop|turn off|dismiss|clear|forget|erase)\s++(?:(?:the|my|our|that|this|all) )*"
    rf"(?:(?P<before>.+?){BLANKS})?(?:reminders?|scheduled (?:message|question)s?)(?:\s++(?:about|to|for|of|on)\s++(?:the )?(?P<behind>.+)|[.!? ]*$)",
    rf"(?:please )?(?:stop|don'?t) remind(?:ing)? (?:{_ME}|{_US})(?: (?:to|about|of))?\s++(?:the )?(?P<what>.+)$",
    r"(?:ช่วย)?(?:ยกเลิก|ลบ)(?:การ)?เตือน(?:ความจำ)?\s*(?:เรื่อง|ให้|ว่า)?\s*(?P<what>.+)$",
)
_LIST = patterns(
    r"(?:and |so )?what(?:'?s| is| have (?:you|we)(?: got)?)? (?:all |currently |already )?scheduled"
    r"(?: (?:by|for|with) (?:you|us|pixie|the home))?[?. ]*$",
    r"(?:show|list|tell)(?: me| us)? (?:what(?:'?s| is) scheduled|(?:all |my |our |the )*(?:scheduled (?:messages|things|reminders)|reminders))[?. ]*$",
    r"(?:what|which) (?:scheduled )?reminders (?:are there|are set|are (?:scheduled|planned|waiting)|do (?:we|i|you) have(?: set| scheduled)?)[?. ]*$",
    r"(?:มี)?(?:อะไร)?(?:ตั้ง|กำหนด)(?:เวลา|เตือน)(?:อะไร)?ไว้(?:บ้าง|อะไรบ้าง)[? ]*$",
)


def read_schedules(sentence: str) -> Reading | None:
    """Read an explicit question about schedules, or a command to cancel one."""
    if first_match(_LIST, sentence):
        return call("list_scheduled", {}, 0.9)
    if (match := first_match(_CANCEL, sentence)) is None:
        return None
    what = next((text for text in match.groups() if text), "").strip(" .!?\"'")
    return call("cancel_scheduled", {"what": what}, 0.7 if phrases.CONDITION.search(sentence) else 0.9)


def _read_reminder_request(clause: str, vocabulary: Vocabulary) -> Reading | None:
    """Return the reading of "remind me tomorrow at 9 to ..."; None without a time.

    "Remind us to buy rice monthly" is about rice, not about reminding.
    """
    title, now = _title(clause), vocabulary.local_now()
    frequency, when = find_frequency(clause), find_when(clause, now)
    if frequency is not None and (bought := _read_recurring_purchase(title, frequency, vocabulary)) is not None:
        return bought
    reminds = _REMINDER.search(clause) or re.search(r"\breminders\b", clause, re.I)
    if not reminds or title and when is None and frequency is None:
        return None
    title = _clean(title, frequency)
    if when is not None and (named := find_when(title, now)) is not None:
        title = _clean(named.rest, frequency)
    entities = [Entity("task", title, 0.85)] if title else []
    if when is not None:
        entities.append(Entity("datetime", when.phrase, 0.85, when.moment.isoformat()))
    if frequency is not None:
        entities.append(frequency.entity())
    if not title:
        return Reading("schedule_message", 0.6, tuple(entities), question=_("What should I remind you of?"))
    match = _WHOM.search(clause)
    for_home = match is not None and match["me"] is None
    whom = match["who"].title() if match and match["who"] else "us" if for_home else "me"
    reminder = propose_reminder(f"Remind {whom}: {title}", _first_time(when, frequency, now), frequency, for_home)
    return Reading("schedule_message", 0.9, tuple(entities), (reminder,))


def _title(clause: str) -> str:
    return next((match["title"].strip() for form in _TITLES if (match := form.search(clause))), "")


def _clean(title: str, frequency: Frequency | None) -> str:
    if frequency is not None:
        title = title.replace(frequency.phrase, " ")
    title = " ".join(title.split()).strip(" ,.!?:-")
    title = re.sub(r"^(?:to|about|of|that|for) ", "", title, flags=re.I)
    return re.sub(r" (?:at|by|of|to|the|every)$", "", title, flags=re.I)[:200]


def _read_recurring_purchase(title: str, frequency: Frequency, vocabulary: Vocabulary) -> Reading | None:
    if (match := _BUY.match(_clean(title, frequency))) is None:
        return None
    when = find_when(match["object"], vocabulary.local_now())
    items = mentions(when.rest if when else match["object"], vocabulary)
    return propose_recurrence([item for item in items if item.evidence >= KNOWN], frequency)


def propose_reminder(
    prompt: str, at: datetime, frequency: Frequency | None, for_home: bool, confidence: float = 0.9
) -> Proposal:
    payload: dict[str, object] = {"prompt": prompt, "at": at.isoformat()}
    payload |= {"rrule": frequency.rrule} if frequency else {}
    return Proposal("schedule_message", payload | ({"for_home": True} if for_home else {}), confidence)


def _first_time(when: When | None, frequency: Frequency | None, now: datetime) -> datetime:
    """Return the first time. A rule with weekdays starts today; its first occurrence is the next of them."""
    if frequency is None:
        assert when is not None
        return when.moment
    hour = when.moment.time() if when is not None and when.timed else DEFAULT_TIME
    first = now if when is None or re.search(r"BYDAY|BYMONTHDAY", frequency.rrule) else when.moment
    return datetime.combine(first.date(), hour, now.tzinfo)


def read_reminder(prompt: str) -> tuple[str, str] | None:
    """Return the member and text of a reminder prompt; None for a command or question."""
    match = first_match(_PROMPT, prompt.strip())
    return (match["who"] or "", match["what"].strip()) if match else None


# Tasks and events

_TASK = pattern(
    r"\b(?:reminders?|to[- ]do'?s? list|todo'?s?|to-do'?s?|(?:my|the|our|list of) to do'?s?|tasks?|chores?|"
    r"(?:my|the|our|lists? of) (?:things|stuff) (?:to|that need to be) (?:do|done|remember))\b"
)
_ASKS_FOR_TASKS = pattern(
    r"^(?:what|which)\b.*\b(?:(?:do|did|have|must|should|am|are) (?:i|we) (?:\w+ ){0,5}?to (?:do|get done|accomplish|finish|remember|complete)|"
    r"left to do|to be done|to (?:remember|recall)|(?:is|was) (?:it )?(?:that )?i (?:wanted|was|needed))\b",
    r"^(?:what (?:are|were) the things (?:that )?i (?:have|had|need)|what(?:'s| is) (?:left|next) (?:for me )?to do|tell me what to do)\b",
    r"\bwhat i (?:have|need|am supposed|wanted|was supposed|should|'m supposed) (?:to )?(?:do|remember|get done|finish)\b",
    in_order(
        r"\b(?:things|something|stuff)(?: that)? i (?:was|wanted|needed|need|asked)\b", r"\b(?:remember|remind|do)\b"
    ),
    r"^i (?:wanted|was trying|needed) to remember\b",
    r"^who (?:has|needs|is supposed) to (?:take|do|clean|wash|buy|cook|pick|feed|pay|water|walk|bring|call)\b",
)
_ASSIGNED = pattern(
    r"^(?:someone|somebody|whoever|one of (?:us|you)) (?:needs? to|has to|should|must|please|can) (?!buy|get|grab|pick up).",
    r"^(?:todo|to-do|to do|new task|task|chore|reminder)\s*[:\-–]\s*.",
)
# A request to show the reminders, not to set one.
_ASKS_FOR_REMINDERS = pattern(
    r"^remind (?:me|us) (?:(?:again |of )*(?:what|which|everything|how many)|(?:of )?(?:the things|my tasks|my list))\b"
)
_SETS_REMINDER = pattern(
    r"^(?:(?:do )?remind|don'?t let|(?:i )?(?:need|want|would like) (?:a|to be)|set|add|create|put)\b"
)
_DROPS = pattern(
    r"^(?:remove|delete|cancel|clear|erase|dismiss|turn off|stop|cross|complete|finish|take .+ off|mark|check off|tick|scratch|drop)\b"
)
_CALENDAR = pattern(r"\b(?:calend[ae]r|calander|schedule[ds]?|scheduling|agenda|diary|itinerary|planner)\b")
_EVENT = pattern(
    r"\b(?:meetings?|meet(?:ing)? (?:with|up)|appoint?ments?|events?|conferences?|birthdays?|anniversar(?:y|ies)|gatherings?|interviews?|"
    r"haircut|party|parties|dinner (?:with|at)|lunch (?:with|at|date)|brunch|date night|visit|concert|wedding|festival|picnic|reunion|"
    r"ceremony|tournament|holidays?|vacation|dentist|check-?up|reservation|get-?together|plans|engagements?|prayer|"
    r"(?:is|are) coming|comes over)\b"
)
_ASKS_FOR_EVENTS = pattern(
    r"^(?:what|whats|which|when|whens)\b.*\b(?:(?:have|got) (?:i|we) got|going on|happening|planned|scheduled|are we doing|am i doing|"
    r"(?:my|our|the) (?:day|week|plans)|do (?:i|we) have|looks? like|coming up|is on\b|am i (?:supposed|meeting|going)|are we (?:meeting|going))",
    r"^(?:am|are) (?:i|we) (?:free|busy|doing anything|available|booked|scheduled|meeting|open|supposed to be)\b",
    r"^(?:do|did|have) (?:i|we) (?:\w+ )*?(?:plans|anything|something|stuff|things)\b|^how many (?:things|meetings|events)\b",
    r"^is (?:my|our) \w+ (?:open|free|clear|busy|full)\b|^do i have (?:a|any) (?:busy|free|date|get)\b",
    r"^(?:is )?(?:anything|something|anyone)(?: \w+)? (?:happening|going on|planned|scheduled|coming|on|up)\b",
)
_ABOUT_DAYS = pattern(
    r"\b(?:my|our) (?:day|week|weekend|month|morning|afternoon|evening) (?:(?:is|going to|gonna|be) )*(?:like|looks?|looking|about)$",
    r"^how busy (?:am|are)\b|\bhow (?:does|do|is|are) (?:my|our) (?:day|week|weekend|month)\b",
    r"^(?:if |whether )(?:i am|i'?m|we are|i have anything)\b|^will (?:i|we) be (?:free|busy|available)\b",
    r"^is [\w ]{2,30} (?:open|free|clear|available)\b|^(?:show|tell) me (?:about )?(?:today|tomorrow|\w+day)\b",
    r"^(?:when|what day|what date)(?:'s| is| does)? .*\b(?:christmas|easter|thanksgiving|songkran|new year|halloween|valentine'?s?|"
    r"(?:mother|father)'?s day|ramadan|diwali|hanukkah|labou?r day|birthday)\b",
    r"^(?:any ?thing|something) (?:going on|happening|planned|today|tomorrow|tonight|this (?:week|weekend|evening))\b",
)
_CREATES = pattern(
    r"^(?:please )?(?:add|put|set(?: up)?|create|make|schedule|book|arrange|plan|mark|save|note|include|enter|insert|place|new|block|reserve|"
    r"organi[sz]e|log|write|jot|record|(?:i|we)(?:'d| would)? ?(?:need|want|like|wish) to|(?:i|we)(?:'ve got|'ll| will|'m| am|'re| are| have)|"
    r"call|invite|remove|delete|cancel|clear|erase|move|change|reschedule|postpone|push|shift|update|rename|edit|delay|swap|start|repeat)\b"
)
_WISH = pattern(
    rf"^(?:(?:i|we)(?:'d| would)? )?(?:{phrases.GET_VERB}|{phrases.ADD_VERB}|need|want|like|out of)(?: some| to buy| to get)?\s+(?P<object>.+)$"
)
_OURS = pattern(r"\b(?:i|my|me|i'm|we|our|us|am)\b")
_YOURS = pattern(r"\b(?:you|your|you'?re|recipe)\b")
_PLANNED = pattern(r"\b(?:plan|schedul|going on|meet|free|busy)")
_GROCERIES = pattern(rf"\b{phrases.GROCERY} (?:list|cart)\b|\blist for shopping\b")


def read_plan(clause: str, vocabulary: Vocabulary, *, asks: bool) -> Reading | None:
    """Return the reading of a clause about a task or a date, or None."""
    if _ASSIGNED.match(clause):
        return PLAN
    if _GROCERIES.search(clause) and not re.match(r"remind (?:me|us) to\b", clause, re.I):
        return None
    if _ASKS_FOR_TASKS.search(clause):
        return PLAN
    if _TASK.search(clause) or _REMINDER.search(clause):
        is_request = not _asks_for_reminders(clause, asks=asks) and not _DROPS.match(clause)
        return is_request and _read_reminder_request(clause, vocabulary) or PLAN
    return PLAN if _CALENDAR.search(clause) or _names_event(clause, vocabulary, asks=asks) else None


def _asks_for_reminders(clause: str, *, asks: bool) -> bool:
    is_query = asks or phrases.SHOW.match(clause) or phrases.is_query(clause)
    return bool(_ASKS_FOR_REMINDERS.search(clause) or is_query and not _SETS_REMINDER.match(clause))


def _names_event(clause: str, vocabulary: Vocabulary, *, asks: bool) -> bool:
    if phrases.mentions_list(clause) or _is_shopping(clause, vocabulary):
        return False
    event = _EVENT.search(clause) is not None
    if asks or phrases.SHOW.match(clause) or event and phrases.is_query(clause):
        return _asks_for_events(clause, vocabulary, event=event)
    return event and bool(_CREATES.match(clause) or find_when(clause, vocabulary.local_now()))


def _asks_for_events(clause: str, vocabulary: Vocabulary, *, event: bool) -> bool:
    ours, now = _OURS.search(clause) is not None, vocabulary.local_now()
    if _YOURS.search(clause) and not ours:  # "Which dentist would you take?"
        return event and find_when(clause, now) is not None
    if event or _ABOUT_DAYS.search(clause):
        return True
    is_planned = ours and _PLANNED.search(clause) or find_when(clause, now)
    return bool(_ASKS_FOR_EVENTS.match(clause) and is_planned)


def _is_shopping(clause: str, vocabulary: Vocabulary) -> bool:
    """Return whether the clause is about buying something for an event, such as a birthday cake."""
    match = _WISH.match(clause)
    items = mentions(match["object"], vocabulary) if match else []
    return any(item.evidence >= KNOWN and not _EVENT.search(item.typed) for item in items)
