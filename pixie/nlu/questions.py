"""Requests for the summary of the home and for what runs out, and the period and category of a question about spending."""

import re
from dataclasses import replace

from groceries.parsing.categories import find_category
from pantry.patterns import first_match, patterns
from pixie.nlu.outcome import Reading, call

_OVERVIEW = patterns(
    r"(?:(?:give|send|tell|show|read|bring|make|get)(?: (?:me|us))? |(?:(?:can|could|may) (?:i|we) )?(?:have|get|see) |"
    r"(?:i|we)(?:'d| would)? (?:want|like|need) |what(?:'?s| is) )?"
    r"(?:(?:a|an|the|my|our|your|today'?s|daily|morning|quick|short|little) )*(?:summary|recap|briefing|overview|run-?down)"
    r"(?: (?:of|for|on) (?:(?:the|this|our) )?(?:today|day|morning|home|house|household|week))?(?: (?:please|now|again))?[?.! ]*$",
    r"(?:sum(?:mari[sz]e|(?= .*\bup\b)| up)|recap)(?: (?:it|things|everything|today|the day|our day|all))?(?: up)?"
    r"(?: (?:please|for (?:me|us|today)))*[?.! ]*$",
    r"(?:brief (?:me|us)|catch (?:me|us) up)(?: (?:please|on (?:today|everything|the day)))*[?.! ]*$",
    r"(?:ช่วย)?สรุป(?:ของ)?(?:วันนี้|ให้(?:หน่อย|ฟัง)?|หน่อย|ทั้งหมด|เรื่องบ้าน)*(?:ครับ|ค่ะ|คะ)?[? ]*$",
)
_SOON = r"(?: (?:soon|next|now|at the moment|this week|in the next (?:few )?days|bald|gerade|pronto|ya))*[?.! ]*$"
_RUNNING_LOW = patterns(
    r"what(?:'?s| is| are we| will we| do we| are you thinking we)? (?:(?:likely|probably|about|going|nearly|almost) )*"
    rf"(?:to )?(?:be )?(?:run|running|runs|get|getting) (?:low|short|out)(?: (?:on|of))?{_SOON}",
    rf"(?:are we|are you|is anything|anything) (?:running|getting) (?:low|short|out)(?: (?:on|of) (?:anything|something))?{_SOON}",
    rf"was (?:geht|wird)(?: uns)?(?: bald| gerade)? (?:aus|knapp|alle){_SOON}",
    rf"¿?qué (?:se )?(?:nos )?(?:está (?:acabando|agotando)|estamos quedando sin|va a acabar){_SOON}",
    r"(?:มี)?อะไร(?:ที่)?(?:ใกล้(?:จะ)?|กำลังจะ)หมด(?:บ้าง|แล้ว|ไหม|มั้ย)*(?:ครับ|ค่ะ|คะ)?[? ]*$",
)
_OVERVIEWS = {"sum_up": _OVERVIEW, "running_low": _RUNNING_LOW}
_PERIODS = {
    "last_month": r"(?:last|past|previous) month|เดือนที่แล้ว|เดือนก่อน",
    "last_week": r"(?:last|past|previous) week(?!end)|(?:สัปดาห์|อาทิตย์)(?:ที่แล้ว|ก่อน)",
    "today": r"today|วันนี้",
    "yesterday": r"yesterday|เมื่อวาน",
    "week": r"(?:this |the )?week\b|lately|recently|\d days|few days|สัปดาห์|อาทิตย์",
    "year": r"year|ปี",
}
_CATEGORIES = {
    "food": None, "groceries": None, "vegetables": "produce", "fruit": "produce", "veggies": "produce", "dairy": "dairy",
    "meat": "protein", "cleaning": "household", "snacks": "other", "household": "household",
}  # fmt: skip


def read_overview(sentence: str) -> Reading | None:
    """Read a request for the summary of the home, unlike “summarize the book”, or for what it runs out of."""
    tools = (tool for tool, forms in _OVERVIEWS.items() if first_match(forms, sentence))
    return next((replace(call(tool, {}, 0.9), intent="list_items") for tool in tools), None)


def period(text: str) -> str:
    """Return today, yesterday, week, last_week, month (the default), last_month or year."""
    return next((name for name, words in _PERIODS.items() if re.search(words, text, re.I)), "month")


def spending_category(words: str) -> str | None:
    """Return the category of goods that the words name; None for all of them."""
    name = words.strip().casefold()
    return _CATEGORIES[name] if name in _CATEGORIES else find_category(name)
