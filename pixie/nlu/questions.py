"""Questions about the list, about spending and to memory, and small talk."""

import re
from collections.abc import Sequence
from dataclasses import replace

from groceries.parsing.categories import find_category
from pixie.nlu import phrases
from pixie.nlu.items import DOUBTFUL, Mention, is_certain_alone, mentions
from pixie.nlu.outcome import Reading, call
from pixie.nlu.patterns import first_match, in_order, pattern, patterns
from pixie.nlu.vocabulary import Vocabulary

# The list

LIST_ALONE = pattern(
    rf"^(?:(?:the|my|our|current|full|whole) )*(?:{phrases.GROCERY} )?lists?(?: please| pls| plz| now)?[.!?]*$",
    r"^groceries\?$",
)
_NEEDED_ITEMS = patterns(
    r"(?:so )?what(?:'?s| is| are| do| did| should| must| can| else| all| items| things| groceries| products)*"
    r"(?: (?:i|we|you|else|am i|are we|things?|items?|still|also|do|did|should|am|are))*(?: (?:need|have|want|supposed|plan|planning|going|left) to)?"
    r" ?(?:need|buy|get|buying|pick(?:ing)? up|missing|out of|low on|needed|purchase|shop(?:ping)?(?: for)?|go shopping for|run out of|running low on)"
    r"(?: (?:from|at|for|in|when|this|today|now|to (?:buy|get|pick up|purchase|go shopping for)|on|tomorrow|tonight)\b.*)?[?!. ]*$",
    r"what (?:do|did|have|else do) (?:we|i|you)(?: still| already)? (?:have|got)"
    r"(?: (?:at home|left|in (?:the|our) (?:fridge|pantry|kitchen|cart|freezer|house)|so far|down|listed).*)?[?!. ]*$",
    r"(?:do|does) (?:we|i|you|anyone|anybody) (?:still )?need (?:anything|something|stuff|groceries|to (?:go )?(?:shop|buy))\b",
    r"(?:you )?(?:need|want) (?:anything|something)\b|anything (?:else )?(?:we|i|you)(?: still)? need\b|what to buy",
    r"anything (?:else )?(?:from|at|to buy|missing|needed)\b|what(?:'?s| is) (?:still )?(?:missing|needed|left)\b",
    r"(?:(?:is there )?anything(?: else)?|what else)[?!. ]*$",
)
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
_SHOPPING = pattern(
    r"\b(?:(?:my|our|the) (?:shopping|groceries|grocery)\b|(?:(?:i|we|me to)(?: still| also)? (?:need|have|want|plan|planned|supposed|meant)|"
    r"left|remember(?:ed)?) to (?:buy|shop for|purchase|get (?:from|at) the))"
)
_NOT_THE_LIST = pattern(r"\b(?:your|stores?|online|mall|cost|spend|price)\b")
_HAVE_WE = patterns(
    r"(?:and |if |whether )*(?:do|does|did|have|has|is|are|was|were|should)(?: (?:i|we|you|anyone|somebody|someone|there))(?: (?:already|still|have|"
    r"got|get|buy|bought|add|added|put|need|any|out of|run out of|enough|low on|some|more|to buy|remember|forget|to (?:get|buy|put|add)))+ "
    r"(?P<object>[^?]+?)(?<! )(?: (?:left|at home|in the (?:fridge|freezer|pantry|cupboard|house|kitchen)|yet|already|today|anymore|now)){0,3}[? ]*+$",
    r"how (?:many|much) (?P<object>[^?]+?) (?:do|should|did|is|are|have) (?:(?:we|i|there)(?: still)? )?"
    r"(?:left|need|buy|get|have|got|on the list)\b[^?]{0,12}[? ]*$",
    r"is there (?:any |still |enough )?(?P<object>[^?]+?)(?<! )(?: (?:left|at home|in the \w+))?[? ]*+$",
)
_GROCERY_LIST = pattern(r"\b(?:shopping|grocery|groceries) (?:list|cart)|list for shopping")
_OTHER_LIST = pattern(r"\b(?:price|best|top|contact|mailing|invite|guest|black|a|channel|track|dean'?s) lists?\b")


def read_overview(sentence: str) -> Reading | None:
    """Read a request for the summary of the home, unlike “summarize the book”."""
    return replace(call("sum_up", {}, 0.9), intent="list_items") if first_match(_OVERVIEW, sentence) else None


def read_list_question(clause: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a question about the list."""
    is_other = _OTHER_LIST.search(clause) and not _GROCERY_LIST.search(clause)
    if phrases.mentions_list(clause) and not is_other:
        return list_items(0.95, requested_items(clause, vocabulary))
    if first_match(_NEEDED_ITEMS, clause):
        return list_items(0.93)
    if (match := first_match(_HAVE_WE, clause)) is not None:
        if re.match(r"(?:and )?should\b", clause, re.I):
            return Reading("chat", 0.7, topics=tuple(requested_items(clause, vocabulary)))
        items = mentions(match["object"], vocabulary, listed=True)
        if items and all(map(is_certain_alone, items)):
            return list_items(0.88, items)
    if _SHOPPING.search(clause) and not _NOT_THE_LIST.search(clause):
        return list_items(0.85)
    return list_items(0.9) if LIST_ALONE.match(clause) else None


def requested_items(clause: str, vocabulary: Vocabulary) -> list[Mention]:
    """Return the items that a question such as "is there milk on the list?" is about."""
    match = first_match(phrases.ON_THE_LIST, clause)
    if match is None or re.match(r"(?:what|anything|everything|it|me|you)\b", match["object"], re.I):
        return []
    return [item for item in mentions(match["object"], vocabulary, listed=True) if item.evidence > DOUBTFUL][:5]


def list_items(confidence: float, items: Sequence[Mention] = ()) -> Reading:
    entities = tuple(entity for item in items for entity in item.entities())
    return replace(call("list_items", {}, confidence, entities), topics=tuple(items))


# Spending

_WHO = r"(?:i|we|you and i|us|me|my|our|he|she|they|ben|the (?:family|house|household|home)|everyone|all of us)"
_SPENDING = pattern(
    in_order(
        rf"\bhow much (?:money |cash |in total |have |did |do |was |were |of |total |lately |went |on |overall )*(?:has |have |did |do )?{_WHO}\b",
        r"\b(?:spen[dt]|spending|paid|pay|blown?|blew|drop(?:ped)?|use|used|shell(?:ed)? out|cost|splurge)",
    ),
    in_order(
        r"\b(?:what|total|how much|amount|sum)\b",
        rf"\b{_WHO}\b",
        r"\b(?:spen[dt]|spending|spendings|paid|expenses?|expenditures?|blew)\b",
    ),
    in_order(
        r"\b(?:what|show|tell|give|list|check|how)\b",
        r"\b(?:my|our)\b",
        r"\b(?:spending|spendings|expenses?|expenditures?|budget|outgoings?)\b",
    ),
    rf"\b(?:have|did|do|am|are) {_WHO} (?:have )?(?:been )?(?:spend(?:ing)?|spent|overspen[dt]|pay(?:ing)?|paid|go(?:ne)? over|over)\b",
    r"\b(?:what|how much) (?:did|do|does|has|have) .{1,40}\b(?:cost|run|set)(?:ting|s)? (?:me|us)?\b",
    r"\bhow much (?:did|does|do|was|were|is|are) (?:the|our|my) .{1,30}\bcost\b",
    r"\bwhere (?:did|has|does|is) (?:all )?(?:of )?(?:my|our|the) (?:money|budget|cash)\b",
    r"\b(?:total|overall|monthly|weekly|recent|my|our) (?:spending|spendings|expenses?|expenditures?)\b",
    r"\b(?:how much|what)(?: money| budget|'s| is| do we have| have we got)* (?:is |do we have |have we |we have )?(?:left|remaining)"
    r"(?: over)? (?:for|in|of|from|on) (?:this|the|our|my|today)? ?(?:month|week|budget|year|groceries|food|account balance)\b",
    r"\bhow much (?:money|budget|cash) (?:is|do we have|have we got|do i have)(?: still)? left\b",
    r"\b(?:are|am|is|were|did) (?:we|i|it|us) (?:go |going |still )?(?:over|under|within|above|on)(?: the| our| my)? budget\b",
    in_order(r"\b(?:what(?:'s| is)|how(?:'s| is| are)|check|show|how are we doing)", r"\bbudget\b"),
    r"\b(?:can|could) we (?:still )?afford\b",
    r"\bspend (?:so much|loads)\b",
    r"\bbudget(?: left| status| please| pls)?[?.! ]*$",
    r"\b(?:spending|spent|expenses|expenditures)\b(?! (?:\d|time|hours|the|a))",
)
_SPENT = pattern(
    r"\b(?:spen[dt]|spended|spending|spendings|expenses?|expenditures?|splurged?|outgoings|budget|(?:my|our) (?:purchases|bills?|tab|costs)|"
    r"money (?:go|went|gone)|(?:cost|costing|costs|paid|paying) (?:me|us|for|on|in)|tab (?:this|last)|(?:did|have) (?:i|we) (?:pay|paid))\b"
)
_AMOUNT = pattern(
    r"\b(?:how much|what|where|total|amount|sum|history|report|summary|breakdown|overview|show|tell|check|list|review|see|know|lot|too much|more|"
    r"less|have i|did i|did we|have we|am i|are we|recent|lately|recently)\b"
)
_HOUSEHOLD = pattern(r"\b(?:i|i've|we|we've|us|me|my|our|everyone|nok|ben)\b")
_BANKING = pattern(
    r"\b(?:transfer|pay (?:my|the)|set (?:a|up)|increase|remind|payment due|due|minimum|balance|credit|spend (?:a|the) (?:day|night|week|weekend))\b"
)
_TIME_SPENT = pattern(
    in_order(r"\b(?:time|weekend|holiday|vacation|night|day|hours?|evening|christmas|life|the summer)\b", r"\bspen"),
    r"\bspen[dt](?:ing)? (?:my |your |the |more |so much |our |a lot of )?(?:time|weekend|holiday|day|night|life)\b",
)
_PERIODS = {
    "last_month": r"(?:last|past|previous) month|เดือนที่แล้ว|เดือนก่อน",
    "last_week": r"(?:last|past|previous) week(?!end)|(?:สัปดาห์|อาทิตย์)(?:ที่แล้ว|ก่อน)",
    "today": r"today|วันนี้",
    "yesterday": r"yesterday|เมื่อวาน",
    "week": r"(?:this |the )?week\b|lately|recently|\d days|few days|สัปดาห์|อาทิตย์",
    "year": r"year|ปี",
}
_ON = pattern(
    r"\A(?>.*?\b(?:spen[dt]|spending|paid|money)\b)(?>.*?\b(?:on|for)\s+(?=[a-z]))(?P<item>[a-z' -]+?)(?<! )"
    r"(?: +(?:this|last|in|the|so|recently|lately|over|for|during|yesterday|today|since|past|a|two|\d).*)?[?.! ]*+$"
)
_CATEGORIES = {
    "food": None, "groceries": None, "vegetables": "produce", "fruit": "produce", "veggies": "produce", "dairy": "dairy",
    "meat": "protein", "cleaning": "household", "snacks": "other", "household": "household",
}  # fmt: skip


def read_spending(clause: str) -> Reading | None:
    """Read a question about spending or the budget, with its period and category."""
    if not _asks_for_spending(clause) or _TIME_SPENT.search(clause):
        return None
    if re.search(r"\byour?\b", clause, re.I) and not re.search(r"\b(?:i|we|my|our|us|me)\b", clause, re.I):
        return None
    payload = {"period": period(clause)}
    if (match := _ON.search(clause)) is not None:
        item = match["item"].strip().casefold()
        category = _CATEGORIES[item] if item in _CATEGORIES else find_category(item)
        payload |= {"category": category} if category else {}
    return call("budget_query", payload, 0.92)


def _asks_for_spending(clause: str) -> bool:
    if _SPENDING.search(clause):
        return True
    return all(form.search(clause) for form in (_SPENT, _HOUSEHOLD, _AMOUNT)) and not _BANKING.search(clause)


def period(text: str) -> str:
    """Return today, yesterday, week, last_week, month (the default), last_month or year."""
    return next((name for name, words in _PERIODS.items() if re.search(words, text, re.I)), "month")


# Memory

_DETAIL = r"(?:name|brand|number|recipe|code|size|colou?r|address)"
_MEMORY = pattern(
    r"\b(?:do (?:you|u|we|i) (?:still )?remember (?:which|what|where|who|when|how|if|the)|remember (?:which|what|where|when|who) )",
    r"^(?:which|what|whose) (?:[\w-]+ ){1,4}?(?:did|do|does|was|were|is) (?:it that )?(?:we|us|i|he|she|they) (?:\w+ )*?(?:liked?|loved?|"
    r"prefer|preferred|used?|using|usually|buy|bought|have last|hated?|call|drink|eat|get|recommend|say|said|want|order)\b",
    rf"^what (?:was the {_DETAIL} (?:of|for|from) (?:the|our|that|my)|is the {_DETAIL} (?:of|for|from) (?:our|my))\b",
    r"^what(?:'?s| is| was) (?:the |our )?(?:wi-?fi|door|gate|landlord'?s|plumber'?s|electrician'?s|building)\b",
    r"^when did (?:we|i|someone|anyone) (?:last |first )?(?:buy|get|order|pay|have|clean|change|replace|use|call|do|see)\b",
    r"^when was the last time (?:we|i)\b|^when is (?:our|the) (?:rent|deposit|lease) (?:due|paid)\b",
    r"^what did (?:we|i|he|she|you|they|someone) (?:say|said|write|decide|agree|tell|cook|mention|ask|add|buy|get|order|remove|bring|pay)\b",
    r"^where (?:did|do) (?:we|i) (?:\w+ )?(?:put|keep|leave|store|buy|get|hide)\b|^(?:did|has) (?:someone|anyone|we) (?:say|mention|said)\b",
    r"^where (?:is|are|'s) (?:the|our|my) (?:spare|keys?|remote|charger|manual|receipt)|^what(?:'?s| is| was| were) the price of\b",
    r"^(?:what )?do we (?:usually|normally|always|ever)\b|^who (?:likes?|hates?|added|bought|got|put|ordered|paid|removed|wanted)\b",
    r"^(?:did|have|has) (?:we|i|someone|anyone) (?:ever |already )?(?:buy|bought|get|got|order|pay|use|try|tried)\b.*"
    r"\b(?:last|yesterday|ago|recently|ever|before|this (?:week|month))\b|^(?:what|who) (?:is|are|am|'s) (?:(?:we|i|he|she) )?allergic\b",
    r"^who(?:'s| is| was) (?:our|my) (?:plumber|electrician|landlord|landlady|cleaner|dentist|doctor|vet|mechanic|gardener|babysitter)\b",
)


def read_memory_question(clause: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a question about something the home has said or done before."""
    question = clause
    for member in vocabulary.members:
        question = re.sub(rf"\b{re.escape(member)}\b", "we", question, flags=re.I)
    return call("search_memory", {"query": clause.strip(" ?!.")}, 0.86) if _MEMORY.search(question) else None


# Small talk

_SMALL_TALK = pattern(
    r"^(?:hi|hey|hello|yo|hola|sup|what'?s up|wass?up|howdy|greetings|good (?:morning|afternoon|evening|night|day)|morning|night|bye|"
    r"goodbye|good bye|see (?:you|ya|u)|cya|later|laters|adios|peace|farewell|take care|thanks?|thank (?:you|u)|thx|ty|cheers|"
    r"much appreciated|i appreciate|appreciated|lol|haha\w*|hehe\w*|lmao|rofl|ok(?:ay)?|k|kk|yes|no|yep|nope|yeah|sure|nice|cool|great|"
    r"awesome|wow|perfect|sorry|oops|congrats|happy|love (?:you|it|this)|well done|good (?:job|work|one)|555+|\W+)\b"
)
_ABOUT_AGENT = pattern(
    r"\b(?:how(?:'?s| is| are) (?:it|things|everything|life|your|the day)|everything (?:ok|okay|going)|(?:tell|share) (?:me )?(?:something|anything)|"
    r"interesting|tidbit|purpose|existence|on earth|people exist|exist|being alive|human being|talking to me|questions|what'?s going on|"
    r"point of (?:everything|sentience|it all)|who do (?:i|yo|u) work|humans|you|your|you'?re|yourself|u|ur|ya|yours|ai|bot|siri|alexa|olly|google)\b",
    r"\b(?:jokes?|pun|funny|funniest|laugh|fun fact|facts?|trivia|story|poem|riddle|hilarious|life|point (?:of|in|to) living)\b",
)
_FACTUAL = pattern(
    r"^(?:what|which|who|whose|when|where|why|how|is|are|does|do|did|can|could|should|will|was|were|define|explain|find|show|tell|turn|play|"
    r"book|search|convert|translate|calculate|call|open|buy|remove|add|send|transfer|set)\b",
    r"^.*?(?:ไหม|มั้ย|มั๊ย|หรือไม่|หรือเปล่า|อะไร|เท่าไ[หร]|เท่าไร|ยังไง|อย่างไร|ที่ไหน|เมื่อไ|กี่|ทำไม|ใคร|อากาศ|อุณหภูมิ|พยากรณ์)",
)


def read_small_talk(sentence: str) -> Reading:
    """Read any sentence: small talk as chat, a question about the world as unclear."""
    if _SMALL_TALK.match(sentence):
        return Reading("chat", 0.95)
    if _ABOUT_AGENT.search(sentence):
        return Reading("chat", 0.9)
    return Reading("unclear", 0.5) if _FACTUAL.match(sentence) else Reading("chat", 0.6)
