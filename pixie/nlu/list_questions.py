"""Questions about the list: what is on it, what is needed, is there milk, a summary of the day."""

import re
from collections.abc import Sequence

from pixie.nlu import phrases
from pixie.nlu.items import DOUBTFUL, Mention, is_certain_alone, mentions
from pixie.nlu.outcome import Proposal, Reading
from pixie.nlu.vocabulary import Vocabulary

LIST_ALONE = re.compile(
    rf"^(?:(?:the|my|our|current|full|whole) )*(?:{phrases.GROCERY} )?lists?(?: please| pls| plz| now)?[.!?]*$|^groceries\?$",
    re.I,
)
_WHAT_WE_NEED = re.compile(
    r"^(?:(?:so )?what(?:'?s| is| are| do| did| should| must| can| else| all| items| things| groceries| products)*(?: (?:i|we|you|else|am i|"
    r"are we|things?|items?|still|also))*(?: (?:do|did|should|am|are|need to)(?: (?:i|we))?(?: still)?)?"
    r" ?(?:need|buy|get|buying|pick(?:ing)? up|missing|out of|low on|left to (?:buy|get)|supposed to (?:get|buy|pick up)|"
    r"plan(?:ning)? to buy|going to buy|needed|still missing|purchase|shop for|shopping for|run out of|running low on|"
    r"(?:need|have|want) to (?:buy|get|pick up|purchase|shop for|go shopping for|shop))(?: (?:from|at|for|in|when|this|today|now|to "
    r"(?:buy|get|pick up|purchase|go shopping for)|for the|on|tomorrow|tonight)\b.*)?[?!. ]*$"
    r"|what (?:do|did|have|else do) (?:we|i|you)(?: still| already)? (?:have|got)(?: (?:at home|left|in (?:the|our) (?:fridge|"
    r"pantry|kitchen|cart|freezer|house)|so far|down|listed).*)?[?!. ]*$"
    r"|(?:do|does) (?:we|i|you|anyone|anybody) (?:still )?need (?:anything|something|stuff|groceries|to (?:go )?(?:shop|buy))\b.*$"
    r"|(?:(?:you )?(?:need|want) (?:anything|something)|"
    r"anything (?:else )?(?:we|i|you)(?: still)? need|anything (?:else )?(?:from|at|to buy|missing|"
    r"needed)|what(?:'?s| is) (?:still )?(?:missing|needed|left)(?: to (?:buy|get))?)\b.*$"
    r"|(?:is there )?anything(?: else)?[?!. ]*$|what to buy.*$|what else[?!. ]*$)",
    re.I,
)
_OVERVIEW = re.compile(
    r"^(?:(?:give|send|tell|show|read|bring|make|get)(?: (?:me|us))? |(?:(?:can|could|may) (?:i|we) )?(?:have|get|see) |(?:i|we)(?:'d| would)? (?:want|like|need) |"
    r"what(?:'?s| is) )?(?:(?:a|an|the|my|our|your|today'?s|daily|morning|quick|short|little) )*(?:summary|recap|briefing|overview|rundown|run-down)"
    r"(?: (?:of|for|on) (?:(?:the|this|our) )?(?:today|day|morning|home|house|household|week))?(?: (?:please|now|again))?[?.! ]*$"
    r"|^(?:sum(?:mari[sz]e|(?= .*\bup\b)| up)|recap)(?: (?:it|things|everything|today|the day|our day|all))?(?: up)?(?: (?:please|for (?:me|us|today)))*[?.! ]*$"
    r"|^(?:brief (?:me|us)|catch (?:me|us) up)(?: (?:please|on (?:today|everything|the day)))*[?.! ]*$"
    r"|^(?:ช่วย)?สรุป(?:ของ)?(?:วันนี้|ให้(?:หน่อย|ฟัง)?|หน่อย|ทั้งหมด|เรื่องบ้าน)*(?:หน่อย)?(?:ครับ|ค่ะ|คะ)?[? ]*$",
    re.I,
)
_SHOPPING = re.compile(
    r"\b(?:(?:my|our|the) (?:shopping|groceries|grocery)\b|(?:(?:i|we|me to)(?: still| also)? (?:need|have|want|plan|planned|supposed|meant)|left|remember(?:ed)?)"
    r" to (?:buy|shop for|purchase|get (?:from|at) the))",
    re.I,
)
_HAVE_WE = re.compile(
    r"^(?:and |if |whether )*(?:do|does|did|have|has|is|are|was|were|should)(?: (?:i|we|you|anyone|somebody|someone|there))(?: (?:already|still|have|got|"
    r"get|buy|bought|add|added|put|need|any|out of|run out of|enough|low on|some|more|to buy|remember|forget|to (?:get|buy|put|add)))+ "
    r"(?P<object>[^?]+?)(?: (?:left|at home|in the (?:fridge|freezer|pantry|cupboard|house|kitchen)|yet|already|today|anymore|now))*"
    r"[? ]*$|^how (?:many|much) (?P<object3>[^?]+?) (?:do|should|did|is|are|have) (?:(?:we|i|there)(?: still)? )?(?:left|need|buy|get|have|got|on the list)"
    r"\b[^?]{0,12}[? ]*$|^is there (?:any |still |enough )?(?P<object2>[^?]+?)(?: (?:left|at home|in the \w+))?[? ]*$",
    re.I,
)


def read_overview(sentence: str) -> Reading | None:
    """Read a request for the summary of the home, unlike “summarize the book”."""
    if _OVERVIEW.match(sentence) is None:
        return None
    return Reading("list_items", 0.9, actions=(Proposal("sum_up", {}, 0.9),))


def read_list_question(clause: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a question about the list."""
    if phrases.mentions_list(clause) and not _mentions_other_list(clause):
        return _list_reading(0.95, requested_items(clause, vocabulary))
    if _WHAT_WE_NEED.match(clause):
        return _list_reading(0.93, [])
    if (match := _HAVE_WE.match(clause)) is not None:
        if re.match(r"^(?:and )?should\b", clause, re.I):
            return Reading("chat", 0.7, topics=tuple(requested_items(clause, vocabulary)))
        items = mentions(match["object"] or match["object2"] or match["object3"], vocabulary, listed=True)
        if items and all(is_certain_alone(item) for item in items):
            return _list_reading(0.88, items)
    if _SHOPPING.search(clause) and not re.search(r"\b(?:your|stores?|online|mall|cost|spend|price)\b", clause, re.I):
        return _list_reading(0.85, [])
    return _list_reading(0.9, []) if LIST_ALONE.match(clause) else None


def _mentions_other_list(clause: str) -> bool:
    if re.search(r"\b(?:shopping|grocery|groceries) (?:list|cart)|list for shopping", clause, re.I):
        return False
    return bool(
        re.search(
            r"\b(?:price|best|top|contact|mailing|invite|guest|black|a|channel|track|dean'?s) lists?\b", clause, re.I
        )
    )


def requested_items(clause: str, vocabulary: Vocabulary) -> list[Mention]:
    match = phrases.first_match(phrases.ON_THE_LIST, clause)
    if match is None or re.match(r"^(?:what|anything|everything|it|me|you)\b", match["object"], re.I):
        return []
    return [item for item in mentions(match["object"], vocabulary, listed=True) if item.evidence > DOUBTFUL][:5]


def _list_reading(confidence: float, items: Sequence[Mention]) -> Reading:
    entities = tuple(entity for item in items for entity in item.entities())
    return Reading("list_items", confidence, entities, (Proposal("list_items", {}, confidence),), topics=tuple(items))
