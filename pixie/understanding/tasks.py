"""Clauses about what somebody has to do: reminders, chores, the to-do list."""

import re

from django.utils.translation import gettext_lazy as _

from . import phrases
from .dates import find_when
from .frequencies import Frequency, find_frequency
from .items import KNOWN, mentions
from .outcome import SURE, Entity, Proposal, Reading
from .reminders import reminder
from .shopping import ask
from .vocabulary import Vocabulary

_NOUN = re.compile(
    r"\b(?:reminders?|to[- ]?do'?s? list|todo'?s?|to-do'?s?|(?:my|the|our|list of) to do'?s?|tasks?(?: list)?|chores?(?: list)?|(?:my|the|our|list of) things (?:to|that need to be) (?:do|done|"
    r"remember)|lists? of (?:things|stuff) to (?:do|remember))\b",
    re.I,
)
_REMIND = re.compile(
    r"\b(?:remind(?:ed|s|er)?|don'?t let (?:me|us) forget|remember me|notify (?:me|us)|(?:be|being) notified|make a (?:note|reminder) (?:to|of|about)|ping me|nudge (?:me|us)|alert me|send (?:me )?a? ?"
    r"(?:reminder|notification))\b",
    re.I,
)
_ASKS_PLAN = re.compile(
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
_CREATES = re.compile(
    r"^(?:(?:on|to|in|for) (?:my|the|our) [\w' -]*?list|add|put|set|create|make|new|write|include|schedule|place|jot|note|enter|start|give (?:me|us) an?|insert|i(?:'d| would)? ?(?:need|want|"
    r"like|have to)|need|log|reminder|todo|to-do|task|don'?t|append|leave|program|record|save)\b",
    re.I,
)
_ASSIGNED = re.compile(
    r"^(?:someone|somebody|whoever|one of (?:us|you)) (?:needs? to|has to|should|must|please|can) (?P<title>(?!buy|get|grab|pick up).+)$"
    r"|^(?:todo|to-do|to do|new task|task|chore|reminder)\s*[:\-–]\s*(?P<title2>.+)$",
    re.I,
)
_TITLES = [
    re.compile(
        r"\b(?:remind(?:ed|s)?|notify|alert|don'?t let) (?:(?:me|us|him|her|them|everyone|[a-z]+) )?(?:again )?(?:forget )?"
        r"(?:(?:to|about|of|that|for|when|if)\b)?\s*(?P<title>.*)$",
        re.I,
    ),
    re.compile(r"\breminders?(?: alarm)?(?:\s*[:\-]\s*| (?:to|for|about|of|that) )(?P<title>.*)$", re.I),
    re.compile(
        r"^(?:please )?(?:add|put|write|include|place|jot down|note) (?P<title>.+?) (?:to|on|onto|in|into) (?:the|my|our|a)\b.*$",
        re.I,
    ),
    re.compile(
        r"(?:to[- ]?do(?: list)?|tasks?|chores?|list)[,:]? (?:please )?(?:add|put|i need|:)? ?(?P<title>.+)$", re.I
    ),
]
_BUY = re.compile(rf"^(?:{phrases.GET_VERB}|add)\s+(?P<object>.+)$", re.I)
_DROPS = re.compile(
    r"^(?:remove|delete|cancel|clear|erase|dismiss|turn off|stop|cross|complete|finish|take .+ off|mark|check off|tick|scratch|strike|wipe|drop)\b",
    re.I,
)


def read_task(clause: str, known: Vocabulary, *, asks: bool) -> Reading | None:
    """A reminder or chore to note, or a question about them."""
    if match := _ASSIGNED.match(clause):
        return _noted(match["title"] or match["title2"], clause, known)
    named, reminds = _NOUN.search(clause), _REMIND.search(clause)
    groceries = re.search(rf"\b{phrases.GROCERY} (?:list|cart)\b|\blist for shopping\b", clause, re.I)
    if groceries and not (reminds and re.match(r"^remind (?:me|us) to\b", clause, re.I)):
        return None
    if _ASKS_PLAN.search(clause):
        return Reading("list_tasks", 0.85, actions=(Proposal("list_tasks", {}, 0.85),))
    if not named and not reminds:
        return None
    if _DROPS.match(clause):
        # Tasks and groceries are not the same list, and taking tasks off is not offered yet.
        return Reading("unclear", 0.5)
    if _asks_for_list(clause, asks, bool(named)):
        return Reading("list_tasks", 0.92, actions=(Proposal("list_tasks", {}, 0.92),))
    if reminds or _CREATES.match(clause) and named:
        return _noted(_title(clause), clause, known)
    return Reading("list_tasks", 0.7, actions=(Proposal("list_tasks", {}, 0.7),)) if len(clause.split()) < 6 else None


def _asks_for_list(clause: str, asks: bool, named: bool) -> bool:
    if re.match(r"^(?:remind|i (?:need|want) (?:a|to be)|set|add|create|put)\b", clause, re.I):
        if re.match(r"^i need my .* read\b", clause, re.I):
            return True
        return bool(
            re.match(
                r"^remind (?:me|us) (?:(?:again |of )*(?:what|which|everything|how many)|(?:of )?(?:the things|my tasks|my list))\b",
                clause,
                re.I,
            )
        )
    if re.match(r"^(?:how about|what about) (?:a|setting)\b", clause, re.I):
        return False
    if not named:
        return asks and bool(
            re.search(
                r"\bremind(?:ed)? (?:me|us) (?:of|about)? ?(?:what|which)\b|\bto be reminded\b|\bbeen reminded\b",
                clause,
                re.I,
            )
        )
    return (asks or phrases.SHOW.match(clause) is not None or phrases.seeks(clause)) and not re.match(
        r"^(?:can|could|will|would) you (?:set|add|make|create)", clause, re.I
    )


def _title(clause: str) -> str:
    for pattern in _TITLES:
        if (match := pattern.search(clause)) is not None:
            return match["title"].strip()
    return ""


def _noted(title: str, clause: str, known: Vocabulary) -> Reading:
    frequency = find_frequency(clause)
    if frequency is not None and (bought := _recurring_purchase(title, clause, frequency, known)) is not None:
        return bought
    when = find_when(clause, known.local_now())
    if frequency is not None:
        title = title.replace(frequency.phrase, " ")
    stripped = find_when(title, known.local_now()) if when else None
    title = _clean(stripped.rest if stripped else title, frequency)
    entities, payload = [], {"title": title}
    if title:
        entities.append(Entity("task", title, 0.85))
    if when is not None:
        entities.append(Entity("datetime", when.phrase, 0.85, when.moment.isoformat()))
        payload["due_at"] = when.moment.isoformat()
    intent = "create_task"
    if frequency is not None:
        intent, payload["rrule"] = "set_recurring", frequency.rrule
        entities.append(Entity("recurring_frequency", frequency.phrase, 0.9, frequency.name))
    if not title:
        return Reading(intent, 0.6, tuple(entities), question=_("What should I remind you of?"))
    noted = Proposal("create_task", payload, 0.9)
    if _REMIND.search(clause) or re.search(r"\breminders?\b", clause, re.I):
        noted = reminder(title, clause, when, frequency, known.local_now()) or noted
    return Reading(intent, 0.9, tuple(entities), (noted,))


def _clean(title: str, frequency: Frequency | None) -> str:
    if frequency is not None:
        title = title.replace(frequency.phrase, " ")
    title = re.sub(r"\s+", " ", title).strip(" ,.!?:-")
    title = re.sub(r"^(?:to|about|of|that|for)\s+", "", title, flags=re.I)
    return re.sub(r"\s+(?:at|by|of|to|the|every)$", "", title, flags=re.I)[:200]


def _recurring_purchase(title: str, clause: str, frequency: Frequency, known: Vocabulary) -> Reading | None:
    """ "Remind us to buy rice monthly" is about rice, not about reminding."""
    match = _BUY.match(_clean(title, frequency))
    if match is None:
        return None
    when = find_when(match["object"], known.local_now())
    things = [thing for thing in mentions(when.rest if when else match["object"], known) if thing.evidence >= KNOWN]
    if not things:
        return None
    entities = [entity for thing in things for entity in thing.entities()]
    entities.append(Entity("recurring_frequency", frequency.phrase, 0.95, frequency.name))
    rule = {"frequency": frequency.nearest, "rrule": frequency.rrule}
    sure = 0.93 if frequency.name == frequency.nearest else 0.8
    actions = tuple(
        Proposal("set_recurring", {"name": thing.name, **rule, **_amount(thing.payload())}, sure) for thing in things
    )
    question = None if sure >= SURE else ask(actions)
    return Reading("set_recurring", sure, tuple(entities), actions, question, tuple(things))


def _amount(payload: dict[str, str | None]) -> dict[str, str]:
    return {key: value for key in ("quantity", "unit") if (value := payload.get(key)) is not None}
