"""Reminders and other schedules: create, list, cancel."""

import re
from datetime import datetime, time

from django.utils.translation import gettext_lazy as _

from pixie.nlu import phrases
from pixie.nlu.dates import When, find_when
from pixie.nlu.frequencies import Frequency, find_frequency
from pixie.nlu.items import KNOWN, mentions
from pixie.nlu.outcome import Entity, Proposal, Reading
from pixie.nlu.shopping import read_recurring_purchase
from pixie.nlu.vocabulary import Vocabulary

DEFAULT_TIME = time(9)  # without an hour
_ME = r"(?:me|myself|ฉัน|ผม|หนู)"
_US = r"(?:us|everyone|everybody|all of us|the (?:home|house|family)|เรา|พวกเรา|ทุกคน)"
_WHOM = re.compile(
    rf"\b(?:remind|notify|alert|nudge|ping|let)\s+(?:(?P<me>{_ME})|(?P<us>{_US})|(?P<who>[^\W\d_]+))\b", re.I
)
_SAID = re.compile(
    rf"^(?:please )?remind (?:{_ME}|{_US}|(?P<who>[^\W\d_]+))(?:\s*:\s*|\s+(?:to|about|of|that)\s+)(?P<what>.+)$"
    rf"|^(?:ช่วย)?เตือน(?:{_ME}|{_US})?(?:\s*:\s*|\s*(?:ให้|ว่า|เรื่อง)\s*)(?P<thai>.+)$",
    re.I | re.S,
)
REMINDER = re.compile(
    r"\b(?:remind(?:ed|s|er)?|don'?t let (?:me|us) forget|remember me|notify (?:me|us)|(?:be|being) notified|make a (?:note|reminder) (?:to|of|about)|ping me|nudge (?:me|us)|alert me|send (?:me )?a? ?"
    r"(?:reminder|notification))\b",
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
]
_BUY = re.compile(rf"^(?:{phrases.GET_VERB}|add)\s+(?P<object>.+)$", re.I)
_DROP = r"^(?:please )?(?:cancel|delete|remove|stop|drop|turn off|dismiss|clear|forget|erase)\s+(?:(?:the|my|our|that|this|all) )*"
_CANCEL = re.compile(
    rf"{_DROP}(?:(?P<before>.+?)\s+)?(?:reminders?|scheduled (?:message|question)s?)(?:\s+(?:about|to|for|of|on)\s+(?:the )?(?P<behind>.+?))?[.!? ]*$"
    rf"|^(?:please )?(?:stop|don'?t) remind(?:ing)? (?:{_ME}|{_US})(?: (?:to|about|of))?\s+(?:the )?(?P<stop>.+?)[.!? ]*$"
    r"|^(?:ช่วย)?(?:ยกเลิก|ลบ)(?:การ)?เตือน(?:ความจำ)?\s*(?:เรื่อง|ให้|ว่า)?\s*(?P<thai>.+)$",
    re.I,
)
_LIST = re.compile(
    r"^(?:and |so )?what(?:'?s| is| have (?:you|we)(?: got)?)? (?:all |currently |already )?scheduled(?: (?:by|for|with) (?:you|us|pixie|the home))?[?. ]*$"
    r"|^(?:show|list|tell)(?: me| us)? (?:what(?:'?s| is) scheduled|(?:all |my |our |the )*(?:scheduled (?:messages|things|reminders)|reminders))[?. ]*$"
    r"|^(?:what|which) (?:scheduled )?reminders (?:are there|are set|are (?:scheduled|planned|waiting)|do (?:we|i|you) have(?: set| scheduled)?)[?. ]*$"
    r"|^(?:มี)?(?:อะไร)?(?:ตั้ง|กำหนด)(?:เวลา|เตือน)(?:อะไร)?ไว้(?:บ้าง|อะไรบ้าง)[? ]*$",
    re.I,
)

_THAI_HOUR = re.compile(
    r"(?P<clock>\d{1,2})[.:](?P<minute>\d{2})\s*(?:น|$|\s)|บ่าย\s*(?P<after>[1-5])|(?P<evening>[1-5])\s*ทุ่ม"
    r"|(?P<hour>\d{1,2})\s*โมง(?P<late>เย็น)?|(?P<noon>เที่ยง(?!คืน))"
)


def read_schedules(sentence: str) -> Reading | None:
    """Read an explicit question about schedules, or a command to cancel one."""
    if _LIST.match(sentence):
        return Reading("list_scheduled", 0.9, actions=(Proposal("list_scheduled", {}, 0.9),))
    if (match := _CANCEL.match(sentence)) is None:
        return None
    what = next((text for text in match.groups() if text), "").strip(" .!?\"'")
    return Reading("cancel_scheduled", 0.9, actions=(Proposal("cancel_scheduled", {"what": what}, 0.9),))


def read_reminder_request(clause: str, vocabulary: Vocabulary) -> Reading | None:
    """Return the reading of "remind me tomorrow at 9 to ..."; None without a time.

    "Remind us to buy rice monthly" is about rice, not about reminding.
    """
    title, now = _title(clause), vocabulary.local_now()
    frequency = find_frequency(clause)
    if frequency is not None and (bought := _recurring_purchase(title, frequency, vocabulary)) is not None:
        return bought
    reminds = REMINDER.search(clause) or re.search(r"\breminders?\b", clause, re.I)
    when = find_when(clause, now)
    if not reminds or title and when is None and frequency is None:
        return None
    title = _clean(title, frequency)
    if when is not None and (named := find_when(title, now)) is not None:
        title = _clean(named.rest, frequency)
    if not title:
        return Reading("schedule_message", 0.6, question=_("What should I remind you of?"))
    return Reading(
        "schedule_message", 0.9, _entities(title, when, frequency), (_reminder(title, clause, when, frequency, now),)
    )


def _title(clause: str) -> str:
    return next((match["title"].strip() for pattern in _TITLES if (match := pattern.search(clause))), "")


def _entities(title: str, when: When | None, frequency: Frequency | None) -> tuple[Entity, ...]:
    entities = [Entity("task", title, 0.85)]
    if when is not None:
        entities.append(Entity("datetime", when.phrase, 0.85, when.moment.isoformat()))
    if frequency is not None:
        entities.append(Entity("recurring_frequency", frequency.phrase, 0.9, frequency.name))
    return tuple(entities)


def _clean(title: str, frequency: Frequency | None) -> str:
    if frequency is not None:
        title = title.replace(frequency.phrase, " ")
    title = re.sub(r"\s+", " ", title).strip(" ,.!?:-")
    title = re.sub(r"^(?:to|about|of|that|for)\s+", "", title, flags=re.I)
    return re.sub(r"\s+(?:at|by|of|to|the|every)$", "", title, flags=re.I)[:200]


def _recurring_purchase(title: str, frequency: Frequency, vocabulary: Vocabulary) -> Reading | None:
    if (match := _BUY.match(_clean(title, frequency))) is None:
        return None
    when = find_when(match["object"], vocabulary.local_now())
    things = [
        thing for thing in mentions(when.rest if when else match["object"], vocabulary) if thing.evidence >= KNOWN
    ]
    return read_recurring_purchase(things, frequency)


def _reminder(title: str, clause: str, when: When | None, frequency: Frequency | None, now: datetime) -> Proposal:
    """Return the call that schedules a reminder. Needs `when` or `frequency`."""
    match = _WHOM.search(clause)
    who = match["who"] if match is not None else None
    for_home = match is not None and match["me"] is None
    whom = who.title() if who else "us" if for_home else "me"
    payload = {"prompt": f"Remind {whom}: {title}", "at": _first_time(when, frequency, now).isoformat()}
    payload |= {"rrule": frequency.rrule} if frequency else {}
    return Proposal("schedule_message", {**payload, **({"for_home": True} if for_home else {})}, 0.9)


def thai_reminder(
    text: str, title: str, when: datetime | None, frequency: Frequency | None, now: datetime
) -> Proposal | None:
    """Return the proposal of a Thai reminder. Without a recognized hour it needs confirmation."""
    if not title or (when is None and frequency is None):
        return None
    hour = _thai_hour(text)
    first = when if when is not None and frequency is None else now
    payload: dict[str, object] = {"prompt": f"เตือน: {title}"}
    payload["at"] = datetime.combine(first.date(), hour or DEFAULT_TIME, now.tzinfo).isoformat()
    payload |= {"rrule": frequency.rrule} if frequency else {}
    payload |= {"for_home": True} if re.search(r"เตือน(?:พวก)?(?:เรา|ทุกคน)", text) else {}
    return Proposal("schedule_message", payload, 0.88 if hour else 0.8)


def read_reminder(prompt: str) -> tuple[str, str] | None:
    """Return the member and text of a reminder prompt; None for a command or question."""
    match = _SAID.match(prompt.strip())
    if match is None:
        return None
    what = (match["what"] or match["thai"]).strip()
    return match["who"] or "", what


def _thai_hour(text: str) -> time | None:
    """Parse “8 โมงเช้า”, “บ่าย 2”, “2 ทุ่ม”, “เวลา 7.30 น.”"""
    match = _THAI_HOUR.search(text)
    if match is None:
        return None
    if match["noon"]:
        return time(12)
    hour, minute = int(match["hour"] or match["after"] or match["evening"] or match["clock"]), int(match["minute"] or 0)
    if match["after"] or (match["hour"] and match["late"]):
        hour += 12 if hour < 12 else 0
    elif match["evening"]:
        hour += 18
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _first_time(when: When | None, frequency: Frequency | None, now: datetime) -> datetime:
    """Return the first time. A rule with weekdays starts today; its first occurrence is the next of them."""
    if frequency is None:
        assert when is not None
        return when.moment
    hour = when.moment.time() if when is not None and when.timed else DEFAULT_TIME
    days = {"BYDAY", "BYMONTHDAY"} & {part.split("=")[0] for part in frequency.rrule.split(";")}
    first = now if when is None or days else when.moment
    return datetime.combine(first.date(), hour, now.tzinfo)
