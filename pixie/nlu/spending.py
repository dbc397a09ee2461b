"""Questions about spending and the budget."""

import re

from groceries.parsing.categories import find_category
from pixie.nlu.outcome import Proposal, Reading

_WHO = r"(?:i|we|you and i|us|me|my|our|he|she|they|ben|the (?:family|house|household|home)|everyone|all of us)"
_ASKED = re.compile(
    rf"^(?:.*\b)?(?:how much (?:money |cash |in total |have |did |do |was |were |of |total |lately |went |on |overall )*(?:has |have |did |do )?{_WHO}\b"
    rf".*\b(?:spen[dt]|spending|paid|pay|blown?|blew|drop(?:ped)?|use|used|shell(?:ed)? out|cost|splurge)"
    rf"|(?:what|total|how much|amount|sum)\b.*\b{_WHO}\b.*\b(?:spen[dt]|spending|spendings|paid|expenses?|expenditures?|blew)\b"
    rf"|(?:what|show|tell|give|list|check|how)\b.*\b(?:my|our)\b.*\b(?:spending|spendings|expenses?|expenditures?|budget|outgoings?)\b"
    rf"|(?:have|did|do|am|are) {_WHO} (?:have )?(?:been )?(?:spend(?:ing)?|spent|overspen[dt]|pay(?:ing)?|paid|go(?:ne)? over|over)\b"
    rf"|(?:what|how much) (?:did|do|does|has|have) .{{1,40}}\b(?:cost|run|set)(?:ting|s)? (?:me|us)?\b"
    rf"|how much (?:did|does|do|was|were|is|are) (?:the|our|my) .{{1,30}}\bcost\b"
    rf"|where (?:did|has|does|is) (?:all )?(?:of )?(?:my|our|the) (?:money|budget|cash)\b"
    r"|(?:total|overall|monthly|weekly|recent|my|our) (?:spending|spendings|expenses?|expenditures?)\b"
    r"|(?:how much|what)(?: money| budget|'s| is| do we have| have we got)* (?:is |do we have |have we |we have )?(?:left|remaining)"
    r"(?: over)? (?:for|in|of|from|on) (?:this|the|our|my|today)? ?(?:month|week|budget|year|groceries|food|account balance)\b"
    r"|how much (?:money|budget|cash) (?:is|do we have|have we got|do i have)(?: still)? left\b"
    r"|(?:are|am|is|were|did) (?:we|i|it|us) (?:go |going |still )?(?:over|under|within|above|on)(?: the| our| my)? budget\b"
    r"|(?:what(?:'s| is)|how(?:'s| is| are)|check|show|how are we doing).*\bbudget\b"
    r"|(?:can|could) we (?:still )?afford\b"
    r"|(?:i|we)(?:'ve| have)? (?:spent|spend) (?:a lot|too much|so much|loads)\b"
    r"|budget(?: left| status| please| pls)?[?.! ]*$"
    r"|(?:show|check|view|see|get|pull up|give|tell|what(?:'s| is| are| was)?|list)?\s*(?:me )?(?:the |a |all |our |my )*(?:recent |total |money |amount |monthly |weekly |i |we )*"
    r"(?:spending|spent|expenses|expenditures)\b(?! (?:\d|time|hours|the|a))"
    r")",
    re.I,
)
_TIME_SPENT = re.compile(
    r"\b(?:time|weekend|holiday|vacation|night|day|hours?|evening|christmas|life|the summer)\s*(?:do|did|have|with|at|on|doing|"
    r"playing|watching|in)?\b.*\bspen|\bspen[dt](?:ing)? (?:my |your |the |more |so much |our |a lot of )?(?:time|weekend|holiday|day|night|life)\b",
    re.I,
)
_PERIODS = (
    ("last_month", r"(?:last|past|previous) month"), ("last_week", r"(?:last|past|previous) week(?!end)"), ("today", r"today"),
    ("yesterday", r"yesterday"), ("week", r"(?:this |the )?week\b|lately|recently|\d+ days|few days"), ("year", r"year"), ("month", r"month"),
)  # fmt: skip
_ON = re.compile(r"\b(?:spen[dt]|spending|paid|money)\b.*?\b(?:on|for)\s+(?P<thing>[a-z' -]+?)(?:\s+(?:this|last|in|the|so|recently|lately|over|"
                 r"for|during|yesterday|today|since|past|a|two|\d).*)?[?.! ]*$", re.I)  # fmt: skip
_CATEGORY_WORDS = {
    "food": None, "groceries": None, "vegetables": "produce", "fruit": "produce", "veggies": "produce", "dairy": "dairy",
    "meat": "protein", "cleaning": "household", "snacks": "other", "household": "household",
}  # fmt: skip


def read_spending(clause: str) -> Reading | None:
    """Read a question about spending or the budget, with its period and category."""
    if not (_ASKED.match(clause) or _mentions_spending(clause)) or _TIME_SPENT.search(clause):
        return None
    if re.search(r"\b(?:you|your)\b", clause, re.I) and not re.search(r"\b(?:i|we|my|our|us|me)\b", clause, re.I):
        return None
    payload = {"period": period(clause)}
    if (match := _ON.search(clause)) is not None:
        thing = match["thing"].strip().casefold()
        category = _CATEGORY_WORDS.get(thing) if thing in _CATEGORY_WORDS else find_category(thing)
        if category is not None:
            payload["category"] = category
    return Reading("budget_query", 0.92, actions=(Proposal("budget_query", payload, 0.92),))


_SUM = re.compile(
    r"\b(?:how much|what|where|total|amount|sum|history|report|summary|breakdown|overview|show|tell|check|list|review|see|know|lot|too much|more|less|"
    r"have i|did i|did we|have we|am i|are we|recent|lately|recently)\b",
    re.I,
)
_WORDS = re.compile(
    r"\b(?:spen[dt]|spended|spending|spendings|expenses?|expenditures?|splurged?|outgoings|budget|(?:my|our) (?:purchases|bills?|tab|costs)|"
    r"money (?:go|went|gone)|(?:cost|costing|costs|paid|paying) (?:me|us|for|on|in)|tab (?:this|last)|(?:did|have) (?:i|we) (?:pay|paid))\b",
    re.I,
)
_OURS = re.compile(r"\b(?:i|i've|we|we've|us|me|my|our|everyone|nok|ben)\b", re.I)


def _mentions_spending(clause: str) -> bool:
    """Return whether the clause asks for an amount that the household spent."""
    return bool(_WORDS.search(clause) and _OURS.search(clause) and _SUM.search(clause)) and not re.search(
        r"\b(?:transfer|pay (?:my|the)|set (?:a|up)|increase|remind|payment due|due|minimum|balance|credit|spend (?:a|the) (?:day|night|week|weekend))\b",
        clause,
        re.I,
    )


def period(text: str) -> str:
    """Return today, yesterday, week, last_week, month (the default), last_month or year."""
    return next((name for name, pattern in _PERIODS if re.search(pattern, text, re.I)), "month")
