"""Reminders and other schedules: create, list, cancel.

A reminder with a time is a message that Pixie sends later; without a time it is a task.
"""

import re
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from pantry.patterns import BLANKS, first_match, pattern, patterns, searches
from pantry.when.dates import DEFAULT_TIME, When, find_when
from pantry.when.frequencies import Frequency, find_frequency
from pixie.nlu import phrases
from pixie.nlu.outcome import Entity, Proposal, Reading, call, frequency_entity
from pixie.nlu.vocabulary import Vocabulary

PLAN = Reading("plan", 0.9)

_ME = r"(?:me|myself|ฉัน|ผม|หนู)"
_US = r"(?:us|everyone|everybody|all of us|the (?:home|house|family)|เรา|พวกเรา|ทุกคน)"
_WHOM = pattern(rf"\b(?:remind|notify|alert|nudge|ping|let)\s+(?:(?P<me>{_ME})|(?P<us>{_US})|(?P<who>[^\W\d_]+))\b")
_PROMPT = patterns(
    rf"(?:please )?remind (?:{_ME}|{_US}|(?P<who>[^\W\d_]+))(?:\s*:\s*|\s+(?:to|about|of|that)\s+)(?P<what>(?s:.+))$",
    rf"(?:ช่วย)?เตือน(?:{_ME}|{_US})?(?P<who>)(?:\s*:\s*|\s*(?:ให้|ว่า|เรื่อง)\s*)(?P<what>(?s:.+))$",
)
_REMINDER = pattern(
    r"\b(?:remind(?:ed|s|ers?)?|don'?t let (?:me|us) forget|remember me|notify (?:me|us)|(?:be|being) notified|"
    r"make a (?:note|reminder) (?:to|of|about)|ping me|nudge (?:me|us)|alert me|send (?:me )?a? ?(?:reminder|notification))\b"
)
_TITLES = searches(
    r"\b(?:remind(?:ed|s)?|notify|alert|don'?t let) (?:(?:me|us|him|her|them|everyone|[a-z]+) )?(?:again )?(?:forget )?"
    r"(?:(?:to|about|of|that|for|when|if)\b)?\s*(?P<title>.*)$",
    r"\breminders?(?: alarm)?(?:\s*[:\-]\s*| (?:to|for|about|of|that) )(?P<title>.*)$",
    r"^(?:please )?(?:add|put|write|include|place|jot down|note) (?P<title>.+?) (?:to|on|onto|in|into) (?:the|my|our|a)\b.*$",
)
# A request to show the reminders, not to set one.
_ASKS = pattern(
    r"^remind (?:me|us) (?:(?:again |of )*(?:what|which|everything|how many)|(?:of )?(?:the things|my tasks|my list))\b"
)
_SETS = pattern(r"^(?:(?:do )?remind|don'?t let|(?:i )?(?:need|want|would like) (?:a|to be)|set|add|create|put)\b")
_DROPS = pattern(
    r"^(?:remove|delete|cancel|clear|erase|dismiss|turn off|stop|cross|complete|finish|take .+ off|mark|check off|tick|scratch|drop)\b"
)
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


def read_reminder_request(clause: str, vocabulary: Vocabulary) -> Reading | None:
    """Return the reading of "remind me tomorrow at 9 to ..."; None without a time."""
    is_query = phrases.QUESTION.match(clause) or phrases.SHOW.match(clause) or phrases.is_query(clause)
    if not _REMINDER.search(clause) or _ASKS.match(clause) or _DROPS.match(clause):
        return None
    if is_query and not _SETS.match(clause):
        return None
    title, now = _title(clause), vocabulary.local_now()
    frequency, when = find_frequency(clause), find_when(clause, now)
    if title and when is None and frequency is None:
        return None
    title = _clean(title, frequency)
    if when is not None and (named := find_when(title, now)) is not None:
        title = _clean(named.rest, frequency)
    entities = [Entity("task", title, 0.85)] if title else []
    if when is not None:
        entities.append(Entity("datetime", when.phrase, 0.85, when.moment.isoformat()))
    if frequency is not None:
        entities.append(frequency_entity(frequency))
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
