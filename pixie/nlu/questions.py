"""Requests for the summary of the home, and the period and category of a question about spending."""

import re
from dataclasses import replace

from groceries.parsing.categories import find_category
from pixie.nlu.outcome import Reading, call
from pixie.nlu.patterns import first_match, patterns

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
    """Read a request for the summary of the home, unlike “summarize the book”."""
    return replace(call("sum_up", {}, 0.9), intent="list_items") if first_match(_OVERVIEW, sentence) else None


def period(text: str) -> str:
    """Return today, yesterday, week, last_week, month (the default), last_month or year."""
    return next((name for name, words in _PERIODS.items() if re.search(words, text, re.I)), "month")


def spending_category(words: str) -> str | None:
    """Return the category of goods that the words name; None for all of them."""
    name = words.strip().casefold()
    return _CATEGORIES[name] if name in _CATEGORIES else find_category(name)
