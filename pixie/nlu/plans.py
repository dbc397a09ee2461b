"""Tasks, chores and events. They are not supported yet, only told apart from groceries.

A reminder with a time is the exception: it is a message that Pixie sends later.
"""

import re

from pixie.nlu import phrases
from pixie.nlu.dates import find_when
from pixie.nlu.items import KNOWN, mentions
from pixie.nlu.outcome import Reading
from pixie.nlu.reminders import REMINDER, read_reminder_request
from pixie.nlu.vocabulary import Vocabulary

PLAN = Reading("plan", 0.9)

_TASK = re.compile(
    r"\b(?:reminders?|to[- ]?do'?s? list|todo'?s?|to-do'?s?|(?:my|the|our|list of) to do'?s?|tasks?(?: list)?|chores?(?: list)?|(?:my|the|our|list of) things (?:to|that need to be) (?:do|done|"
    r"remember)|lists? of (?:things|stuff) to (?:do|remember))\b",
    re.I,
)
_ASKS_FOR_TASKS = re.compile(
    r"^(?:what|which)\b.*\b(?:(?:do|did|have|must|should|am|are) (?:i|we)(?: still| also| got)* (?:have |need |got |supposed |want |plan )*to "
    r"(?:do|get done|accomplish|finish|remember|complete)|left to do|to be done|(?:trying|wanted|supposed|meant|need(?:ing)?|have|had)"
    r" to (?:remember|recall)|(?:is|was) (?:it )?(?:that )?i (?:wanted|was|needed)|plan for (?:the day|today|tomorrow)|"
    r"should i (?:not )?(?:remember|be doing)|i (?:wanted|asked|told|needed) (?:you )?to (?:remember|remind))\b"
    r"|^(?:what (?:are|were) the things (?:that )?i (?:have|had|need)|what(?:'s| is) (?:left|next) (?:to do|for me to do)|"
    r"(?:do|did) (?:i|we) (?:have|need) (?:anything|something|stuff|things)(?: left)? to do|tell me what to do)\b"
    r"|\bwhat i (?:have|need|am supposed|wanted|was (?:trying|supposed)|should|'m supposed)(?: to)? (?:to )?(?:do|remember|get done|finish)\b"
    r"|\b(?:things|something|somethings|stuff)(?: that)? i (?:was|wanted|needed|need|asked)\b.*\b(?:remember|remind|do)\b"
    r"|^(?:i (?:wanted|was trying|needed) to remember)\b|^who (?:has|needs|is supposed) to (?:take|do|clean|wash|buy|cook|pick|feed|pay|water|walk|bring|call)\b",
    re.I,
)
_ASSIGNED = re.compile(
    r"^(?:someone|somebody|whoever|one of (?:us|you)) (?:needs? to|has to|should|must|please|can) (?:(?!buy|get|grab|pick up).+)$"
    r"|^(?:todo|to-do|to do|new task|task|chore|reminder)\s*[:\-–]\s*(?:.+)$",
    re.I,
)
# A request to show the reminders, not to set one.
_ASKS_FOR_REMINDERS = re.compile(
    r"^remind (?:me|us) (?:(?:again |of )*(?:what|which|everything|how many)|(?:of )?(?:the things|my tasks|my list))\b"
    r"|\b(?:have i|i have) been reminded\b|\bremind(?:ed)? (?:me|us) (?:of|about)? ?(?:what|which)\b",
    re.I,
)
_SETS_REMINDER = re.compile(
    r"^(?:(?:do )?remind|don'?t let|(?:i )?(?:need|want|would like) (?:a|to be)|set|add|create|put)\b", re.I
)
_DROPS = re.compile(
    r"^(?:remove|delete|cancel|clear|erase|dismiss|turn off|stop|cross|complete|finish|take .+ off|mark|check off|tick|scratch|strike|wipe|drop)\b",
    re.I,
)
_CALENDAR = re.compile(r"\b(?:calend[ae]r|calander|schedule[ds]?|scheduling|agenda|diary|itinerary|planner)\b", re.I)
_EVENT = re.compile(
    r"\b(?:meetings?|meet(?:ing)? (?:with|up)|appoint?ments?|events?|conferences?|birthdays?|anniversar(?:y|ies)|gatherings?|interviews?|"
    r"haircut|party|parties|dinner (?:with|at)|lunch (?:with|at|date)|to (?:lunch|dinner|coffee|drinks)|brunch|date night|visit|concert|wedding|festival|picnic|"
    r"reunion|ceremony|tournament|holidays?|vacation|dentist|check-?up|reservation|get-?together|plans|engagements?|prayer|"
    r"is coming|are coming|comes over)\b",
    re.I,
)
_ASKS_FOR_EVENTS = re.compile(
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
_CREATES = re.compile(
    r"^(?:please )?(?:add|put|set(?: up)?|create|make|schedule|book|arrange|plan|mark|save|note|include|enter|insert|place|new|block|reserve|"
    r"organi[sz]e|log|write|jot|record|(?:i|we)(?:'d| would)? ?(?:need|want|like|wish) to|(?:i|we)(?:'ve got|'ll| will|'m| am|'re| are| have)|call|invite|"
    r"remove|delete|cancel|clear|erase|move|change|reschedule|postpone|push|shift|update|rename|edit|delay|swap|start|repeat)\b",
    re.I,
)
_WISH = re.compile(
    rf"^(?:(?:i|we)(?:'d| would)? )?(?:{phrases.GET_VERB}|{phrases.ADD_VERB}|need|want|like|out of)(?: (?:some|to buy|to get))?\s+(?P<object>.+)$",
    re.I,
)
_OURS = re.compile(r"\b(?:i|my|me|i'm|we|our|us|am)\b", re.I)
_YOURS = re.compile(r"\b(?:you|your|you'?re|recipe)\b", re.I)
_PLANNED = re.compile(r"\b(?:plan|schedul|going on|meet|free|busy)", re.I)
_GROCERIES = re.compile(rf"\b{phrases.GROCERY} (?:list|cart)\b|\blist for shopping\b", re.I)


def read_plan(clause: str, vocabulary: Vocabulary, *, asks: bool) -> Reading | None:
    """Return the reading of a clause about a task or a date, or None."""
    names_task, reminds = bool(_TASK.search(clause)), bool(REMINDER.search(clause))
    if _ASSIGNED.match(clause):
        return PLAN
    if _GROCERIES.search(clause) and not re.match(r"^remind (?:me|us) to\b", clause, re.I):
        return None
    if _ASKS_FOR_TASKS.search(clause):
        return PLAN
    if (reminds or names_task) and not _asks_for_reminders(clause, asks=asks) and not _DROPS.match(clause):
        return read_reminder_request(clause, vocabulary) or PLAN
    if reminds or names_task or _CALENDAR.search(clause):
        return PLAN
    return PLAN if _names_event(clause, vocabulary, asks=asks) else None


def _asks_for_reminders(clause: str, *, asks: bool) -> bool:
    if _ASKS_FOR_REMINDERS.search(clause):
        return True
    is_query = asks or phrases.SHOW.match(clause) is not None or phrases.is_query(clause)
    return is_query and not _SETS_REMINDER.match(clause)


def _names_event(clause: str, vocabulary: Vocabulary, *, asks: bool) -> bool:
    if phrases.mentions_list(clause) or _is_shopping(clause, vocabulary):
        return False
    event = _EVENT.search(clause) is not None
    if asks or phrases.SHOW.match(clause) or event and phrases.is_query(clause):
        return _asks_for_events(clause, vocabulary, event=event)
    return event and (_CREATES.match(clause) is not None or find_when(clause, vocabulary.local_now()) is not None)


def _asks_for_events(clause: str, vocabulary: Vocabulary, *, event: bool) -> bool:
    ours, now = _OURS.search(clause) is not None, vocabulary.local_now()
    if _YOURS.search(clause) and not ours:  # "Which dentist would you take?"
        return event and find_when(clause, now) is not None
    if event or _ABOUT_DAYS.search(clause):
        return True
    if not _ASKS_FOR_EVENTS.match(clause):
        return False
    return ours and _PLANNED.search(clause) is not None or find_when(clause, now) is not None


def _is_shopping(clause: str, vocabulary: Vocabulary) -> bool:
    """Return whether the clause is about buying something for an event, such as a birthday cake."""
    match = _WISH.match(clause)
    return match is not None and any(
        item.evidence >= KNOWN and not _EVENT.search(item.typed) for item in mentions(match["object"], vocabulary)
    )
