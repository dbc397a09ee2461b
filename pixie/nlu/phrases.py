"""Phrase patterns of household messages, matched case-insensitively."""

from pantry.money import CURRENCY, NUMBER
from pixie.nlu.patterns import BLANKS, pattern, patterns

# Lists

GROCERY = r"(?:shopping|groc[a-z]*|market|supermarket|store|food|buy(?:ing)?|household|pantry|to[ -]buy|things to buy)"
_SMALL = r"in|on|to|onto|into|from|off|the|my|our|your|for|of|a|an|at|is|are|and|it|that|this|what|put|add|do|i|we"
# A list by any name; `kind` is the word before it.
LIST = pattern(
    rf"(?<![\w'’-])(?:(?:the|my|our|your|a|an|this|that|his|her|their) )?"
    rf"(?P<kind>(?:(?:things |need )?to[ -](?:do|buy)'?s? |(?:(?!(?:{_SMALL})\b)[\w'’-]+ )){{0,3}}?)"
    rf"(?P<word>lists?|lsit|cart|basket|trolley)\b"
    rf"(?: (?:for|of) (?:the )?(?:shopping|groceries|grocery|things to buy|the store|the market|food|supermarket))?"
)
OTHER_LIST = pattern(
    r"\b(?:invite|invitation|guest|wish|play|watch|reading|contact|mailing|email|travel|packing|workout|bucket|wait(?:ing)?|"
    r"christmas|friends?|wedding|party|movie|song|book|reminder|to[ -]?do'?s?|tasks?|chores?|black|christmas|check)\b"
)
LIST_TAIL = pattern(
    rf"(?:(?<![\s,])[\s,]++)?\b(?:to|on|onto|in|into|from|off(?: of)?|of|for|at|out of)\s++{LIST.pattern}(?:(?P<more>(?:\s*[,;:]|\s+(?:and|plus|also|as well as)\b)\s*\S.*)|.*)$|"
    r"(?:(?<![\s,])[\s,]++)?\b(?:to|on|onto|in|into|from|off(?: of)?) (?:my |the |our )?(?:groceries|shopping)\b.*$|"
    rf"{BLANKS}(?:on|onto|to|from|off) (?:it|there|that)(?:\s+too)?$"
)
LIST_FIRST = pattern(
    rf"^(?:on|to|for|in|from|off) {LIST.pattern}[\s,:]*(?:please )?(?=(?:add|put|include|write|i|we|remove|delete|need)\b)"
)
LIST_COLON = patterns(
    rf"^(?:(?:for |on )?(?:the |my |our )?(?:{GROCERY}(?: list)?|list)|to buy|need to buy|buy list)\s*[:\-–]\s*(?P<object>.+)$",
    rf"^(?:{GROCERY}|groceries|ingredients)(?: list)?(?: (?:for|needed|we need)[\w ']{{0,25}})?\s*:\s*(?P<object>.+)$",
)

# Adding: `object` is what to add.

ADD_VERB = (
    r"(?:add(?:ing)?|ad|put|include|insert|stick|chuck|throw|pop|place|jot|note|write|mark|enter|list|log)"
    r"(?: down| in| on| up)?"
)
GET_VERB = r"(?:buy|purchase|order|get|grab|pick[ -]?up|pickup|restock(?: on)?|stock up on|bring(?: back| home)?|fetch|re-?order)"
SUBJECT = r"(?:i|we|you|he|she|they|someone|somebody|everyone)"

ADD_START = pattern(rf"^{ADD_VERB}\b")
ADD_EMPTY = pattern(rf"^{ADD_VERB}$")
SHOULD_BE_ON = patterns(
    rf"^(?P<list>{LIST.pattern}) (?:should|must|needs to|has to) (?:have|include|contain) (?P<object>.+)$",
    r"^(?P<object>.+?) (?:should|must|needs? to|ha(?:s|ve) to|gets?|get|is|are|to be) (?:be |go |get )?"
    r"(?:added|put|written|included|on|onto)\b(?: down)?(?: (?:to|on|onto|in))?(?P<list> .*)?$",
    r"^(?:i|we)(?: really)? (?:need|want|would like) (?>(?P<object>.+?) (?:on|added to|put on|to be on) )(?P<list>.*list.*)$",
    r"^(?:get|have) (?P<object>.+?) (?:added|put) (?:to|on|onto) (?P<list>.*)$",
)


HEDGED = pattern(
    r"^(?:(?:oh|hmm|so|and|but|um|well)[ ,]+)*(?:i think|i guess|i believe|maybe|perhaps|probably|not sure (?:but|if)|i'?m not sure (?:but|if)|"
    r"we might|i might|we may|might be|if (?:we|i) (?:need|run out|are out))\b"
)

# What others said is no command.
REPORTS = pattern(
    r"\b(?:said|says|saying|wrote|writes|written|asked|asks|asking|told|tells|suggest(?:s|ed)?|want(?:s|ed)|reads|claim(?:s|ed)?|"
    r"sagt|sagte|meint|meinte|schreibt|schrieb|messages?d?|notes?|texted|posted|quotes?d?|imagine|pretend|suppose|translate)\b|บอกว่า|พูดว่า|เขียนว่า"
)
# "Can we remove the milk?" may be a question.
MAY_WE = pattern(r"^\W*(?:can|could|may|might|shall|should) (?:we|i)\b.*\?\s*$")
# "Remove the milk unless Ben objects" is no command for now.
CONDITION = pattern(
    r"\b(?:unless|if|when(?:ever)?|as soon as|as long as|in case|provided|assuming|once (?!more|again))\b"
)
LATER = pattern(r"\b(?:until|till|after|before|later|tonight|tomorrow)\b")
TAKEN_BACK = pattern(
    r"\b(?:just )?(?:kidding|joking|jk)\b|[.,]\s*not[.!]*\s*$|\b(?:no|never ?mind|forget (?:it|that)|scratch that|or (?:rather )?not)[.!]*\s*$"
    r"|\bor (?:is|are|was|do|does|did|should|shall|can|could|will|would)\b"
)

# The forms of a request, in the order in which they are tried; the name says how certain a form is.
REQUESTS = {
    "add": patterns(
        r"^(?:add(?:ing)?|ad|include|insert|(?:note|write|jot|log)(?: down)?)\s+(?P<object>.+)$",
        r"^(?P<object>.+?) (?:to|onto) the list$",
    ),
    "i need": patterns(rf"^{ADD_VERB}\s+(?P<object>.+)$"),
    "out": patterns(
        rf"^(?:(?:{SUBJECT}|the fridge|the house)(?:'?re|'?m|'?ve|'?s| are| am| have| is| has| might be| may be| must be| will be)? )?"
        r"(?:all |almost |nearly |completely |totally |just |already |really |about to |getting |also |fresh )*"
        r"(?:out of|out off|run out of|ran out of|running out of|low on|running low on|short on|short of|running short (?:on|of)|"
        r"down to (?:the|my|our) last(?: of)?) (?P<object>.+)$",
        r"^(?:the |my |our )?(?:last )?(?P<object>.+?) (?:is|are|'s|has|have)(?: almost| nearly| all| completely| already| just| about to)* "
        r"(?:finished|gone|empty|out|run out|running out|running low|low|used up|over|ran out)(?: again| now)?$",
        r"^(?:there(?:'?s| is| are) )?no(?: more)? (?P<object>[^,]+?) (?:left|anymore|any more|at home|in the fridge)\b.*$",
        r"^(?:i|we) (?:don'?t have|do not have|have|haven'?t got|have got|got)(?: any(?: more)?| no(?: more)?) "
        r"(?P<object>.+?)(?: left| anymore| any more| at home)?$",
    ),
    "need": patterns(
        rf"^(?:{SUBJECT}(?:'?ll|'?m|'?re| am| are| will| do)? )?(?:also |still |really |just |always |might |may |probably |gonna |"
        rf"going to |definitely )*(?:need|needs|ned|require|could use|could do with|must have|gonna need|want some|need some)"
        rf"(?: to {GET_VERB})?\s*:? (?P<object>.+)$",
    ),
    "want": patterns(
        rf"^(?:{SUBJECT}(?:'?d| would)? )(?:also |really |just )*(?:want|wants|crave|am craving)(?: to {GET_VERB})? (?P<object>.+)$",
        rf"^(?:i|we)(?:'d| would) (?:really )?(?:like|love)(?: to {GET_VERB})? (?P<object>.+)$",
        r"^(?:any chance (?:of|we can get)|how about|what about getting) (?P<object>.+)$",
    ),
    "no more": patterns(
        r"^no more (?P<object>.+)$",
        rf"^(?:{SUBJECT}|[a-z]+) (?:just )?(?:finished|used up|ate|drank|used) (?:all |up )*(?:the last(?: of)? )?(?:the |all the )"
        r"(?P<object>.+)$",
        r"^(?:the|our|my) (?:cats?|dogs?|kids?|bab(?:y|ies)|plants?) (?:also |still )*(?:needs?|wants?) (?P<object>.+)$",
    ),
    "buy": patterns(
        r"^(?:buy|purchase|order(?! me| us)|restock(?: on)?|stock up on|re-?order|pick[ -]?up|grab) (?:me |us )?(?P<object>.+)$",
    ),
    "get": patterns(
        rf"^{GET_VERB} (?:me |us )?(?P<object>.+)$",
        r"^(?:more|some more|extra) (?P<object>.+)$",
        r"^(?P<object>another .+)$",
    ),
}

# Removing

REMOVE = patterns(
    r"^(?:remove|delete|erase|drop|strike|scratch|scrap|cancel|clear|skip|wipe|get rid of|forget(?: about)?|lose|omit|"
    r"never ?mind|nvm|ditch|discard|eliminate|exclude|take away|take out|cross(?: off| out)|strike(?: off| out)|take off|"
    r"scratch(?: off| out)|uncheck|pull|ax|axe)(?: about| out| off)? (?P<object>.+)$",
    r"^(?:take|cross|strike|scratch|get|pull|knock|leave) (?P<object>.+?) (?:off|away)\b",
    r"^(?:cross|strike|scratch) (?P<object>.+?) out\b",
    r"^(?:take|get|pull|leave|keep) (?>(?P<object>.+?) (?:out )?of ).*\blist\b",
    r"^(?P<object>.+?) (?:can|should|could|may) (?:come|go|be taken|be removed|be crossed) (?:off|from)",
)
NO_NEED = patterns(
    rf"^(?:{SUBJECT} )?(?:actually )?(?:don'?t|do not|doesn'?t|won'?t|no longer|not)(?: really| actually)? "
    r"(?:need|want|require)(?: to (?:buy|get))? (?:any |more |any more )?(?P<object>.+?)(?: any ?more| any longer| now| this week)?$",
    r"^(?:there(?:'s| is) )?no(?: longer)? (?:need|longer need)(?: for| to (?:buy|get)| of)? (?:any |more )?(?P<object>.+?)(?: any ?more)?$",
    r"^(?:don'?t|do not|no need to)(?: bother to| bother)? (?:buy|get|order|pick up)(?:ing)? (?:any |more |any more )?(?P<object>.+)$",
    r"^(?:we|i)(?: already)? have (?:enough|plenty of|too much|too many|lots of) (?P<object>.+)$",
)
NO_ADD = pattern(
    r"^(?:please )?(?:don'?t|do not|never|not|stop)(?: ever)? (?:add|put|include|write|order|list|remind|remove|delete|take|"
    r"mark|adding)\b"
)

# Purchases

GOT_VERB = r"(?:got|gotten|bought|purchased|picked[ -]?up|picked|grabbed|found|ordered|brought|collected|snagged|get'?d|scored|paid for)"
GOT = patterns(
    r"^(?:mark|tick|check|set)(?: off)? (?P<object>.+?) (?:as |to )?(?:bought|purchased|done|got|complete|completed|off)$",
    r"^(?:tick|check|checked|ticked|mark|marked) off (?P<object>.+)$",
    rf"^(?:{SUBJECT}(?:'?ve|'?s| have| has)? )?(?:just |already |finally |also |even |now )*{GOT_VERB}"
    r"(?: it all:?| them all:?| home| us| me)?(?: already)? (?P<object>.+?)(?: up)?$",
    r"^(?:i|we) (?:already |now )?have (?:all )?(?:the|our) (?P<object>.+?)(?: now| already)?$",
    r"^(?:done with|finished with|finished buying|done buying) (?P<object>.+)$",
    rf"^(?:i |we )?(?:paid|spent) (?P<price>\S+(?: (?:{CURRENCY}))?) (?:for|on) (?P<object>.+)$",
    rf"^(?P<object>.+?) cost (?:me |us )?(?P<price>\S+(?: (?:{CURRENCY}))?(?: (?:each|apiece|a piece))?).*$",
)
# Said of food, "done" and "in the fridge" may be about cooking.
DONE = patterns(
    r"^(?P<object>.+?) (?:is |are |was |were |has been |have been |'s )?(?:already |all )?"
    r"(?:done|bought|purchased|sorted|ticked off|checked off|picked up|got|ordered|in the (?:cart|basket|bag|trolley))"
    r"(?: now| already)?$",
    r"^(?P<object>.+?) (?:is|are) (?:already |now )?(?:in the (?:fridge|cupboard|pantry|freezer|kitchen)|at home)(?: now| already)?$",
)
GOT_ALL = pattern(
    rf"^(?:{SUBJECT}(?:'?ve|'?s| have| has)? )?(?:just |already |finally )*(?:{GOT_VERB} (?:everything|it all|them all|all of (?:it|them)|"
    r"the (?:whole|entire) list|all the things)|(?:all|everything(?:'s| is)?) (?:bought|done|purchased|sorted|got))\b"
    r"(?!\s*:)[^:]{0,25}$"
)
# Places in a kitchen, which are not lists.
PLACE = pattern(
    r"\b(?:in|into|on|onto|out of|from|off|to|inside|back in) (?:the|my|your|our|a|this|that) (?:[\w-]+ )?(?:fridge|freezer|oven|microwave|pan|pot|bowl|table|cupboard|"
    r"shelf|pantry|sink|soup|sauce|salad|curry|recipe|dish|mix|tea|coffee|bag|car|kitchen|counter|stove|heat|cooker|machine|dishwasher|trash|bin|box|"
    r"plate|dough|batter|cake|water|floor|balcony)\b|\b(?:in|to) (?:my|your|his|her) \w+$"
)
PRICE = pattern(
    rf"(?<![\s,(])[\s,(]++(?:for |at |was |cost |it was |@ ?|total |-|= ?){{0,3}}"
    rf"(?P<price>(?P<before>[฿$€£¥₹₫₩₱])?\s?{NUMBER}\s?(?P<after>(?:{CURRENCY})(?!\w))?(?: ?(?:each|apiece|a piece|per \w+|/ ?\w+))?)"
    rf"(?: (?:total|in total|altogether|all in)){{0,3}}[)\s.]*$"
)

# Questions

QUESTION = pattern(
    r"^(?:and |so |but )?(?:(?:on|at|in|for|about|by|to) (?=what|which|how|who))?(?:if|whether|what|whats|which|who|whose|when|where|why|how|"
    r"do|does|did|is|are|am|was|were|has|have|had|should|shall|would|could|can|will|may|might|isn'?t|aren'?t|don'?t (?:we|you|i)|didn'?t|"
    r"any|anything|anyone)\b"
)
SHOW = pattern(
    r"^(?:show|list|read|tell|display|check(?! off| out)|see|view|give (?:me|us) (?:my|the|our|all|a list|every)|pull|open|repeat|recite|say|"
    r"go (?:through|over)|let (?:me|us) (?:see|know|hear|check)|let'?s (?:see|check|hear|look|go|review)|look|describe|review|find|iterate|"
    r"walk|inform|report|send (?:me|us)? ?(?:the|my|our)|print|bring up|get me (?:my|the)|fetch|call up|what'?s|whats|"
    r"remind (?:me|us) (?:(?:of |about )?(?:what|which)|(?:of )?(?:the|my|everything|all) (?:things|items|tasks|stuff|list))|"
    r"i (?:want|need|wanna|would like|'d like|gotta|would love|'d love) (?:you )?to (?:see|hear|know|check|read|view|review|tell)|how about|"
    r"search|load|access|state|name|outline|enumerate|run (?:through|down)|details?|browse|scan|summari[sz]e|verify|confirm)\b"
)
_SEEKS = pattern(
    r"\b(?:what|whats|what's|when|which|where|whether|how many|how much|if (?:i|we|there|any|my|the|it)|tell|show|read|recite|rundown|overview|"
    r"summary|look|check|see|hear|know|view|review|display|find out|information|details|describe|repeat|give me (?:the|my|all)|any(?:thing)?|"
    r"is there|are there|do i|do we|did i|did we|have i|am i|does|go (?:through|over|back over)|pull up|bring up|provide|inform|let me)\b"
)
_CREATES = pattern(
    r"\b(?:add|put|set|create|make|schedule|remind|include|book|mark|note|write|jot|insert|arrange|organi[sz]e|plan|need|remove|delete|"
    r"take|erase|cross|buy|get|out of|low on|record|enter|invite)\b"
)


def is_query(clause: str) -> bool:
    """Return whether the clause asks for information rather than a change."""
    seeking, creating = _SEEKS.search(clause), _CREATES.search(clause)
    return seeking is not None and (creating is None or seeking.start() < creating.start())


def mentions_list(clause: str) -> bool:
    """Return whether the clause has "list" as a noun, unlike "list some facts"."""
    return any(match.start("word") > 0 or match.end() == len(clause.rstrip(" ?.!")) for match in LIST.finditer(clause))


IF_NOT = pattern(
    r"^(?P<question>.+?)(?<![\s,;.?:-])[\s,;.?:-]++(?:and |but )?(?:(?:if (?:not|it'?s not|they'?re not|it isn'?t|they aren'?t|so|missing)|otherwise)"
    r"[\s,]*(?:then |please |go ahead and |can you |could you |you can )*(?:add|put|write|include)\b.*|"
    r"(?:can|could|will|would) you (?:please )?(?:add|put) .{0,200}?\bif\b.*)$"
)
PLEASE = pattern(r"(?<![ ,])[ ,]++(?:please|pls|plz)$")
ON_THE_LIST = patterns(
    rf"^(?:do|does|did|have|has|is|are|am|was|were|can you (?:check|see) if|check if|i'?m not sure if|not sure if|see if)"
    rf"(?: (?:i|we|you|anyone|somebody|someone|there|the|my|our|already))*(?: (?:already|still|have|has|get|got|add|added|put|"
    rf"remember to (?:put|add)|write|forget to (?:put|add|buy)|need(?: to (?:buy|get))?|need any|run out of|out of))* "
    rf"(?P<object>.+?)(?: (?:is|are))?(?: (?:already|currently|still|written|on|in|down|added|to|left|at home|included|listed))* *"
    rf"(?:on|in|to|onto)? *(?:{LIST.pattern})?(?: .*)?$",
)

_NOT_SHOPPING = """
meetings? appointments? accounts? alarms? reminders? events? calendar schedule money cash credit debit shares? stocks? crypto bitcoin
songs? playlist music movies? film flights? tickets? hotel insurance loans? mortgage jobs? holidays? vacation trip hug help advice talk
leave minutes? hours? time break nap sleep friends? contacts? phone call e-?mail passwords? users? members? persons? people him her line
apps? timers? volume reservations? uber taxi ride doctor dentist manager bike car tires? house apartment subscription paypal bank
tax(?:es)? answers? questions? jokes? story fact news weather information info details? ideas? name numbers? life love boss birthday
anniversary notifications? directions? route recipes? calories address location interest fees? balance transfer payments? bills? rent
salary pay visa passport exchange currency translation language spelling definition feeling mood wifi internet laptop computer
history reviews? restaurant yourself myself you me pin orders? delivery lights? tv television fan thermostat temperature channel games?
scores? teams? players? president country city world robot siri alexa google tattoo haircut gym class lesson course school homework exam
test work office projects? plans? space room seat permission excuse reason way sense patience luck energy breath words? shape town
control touch lottery rewards? promotion raise divorce married pregnant sick cold fever headache dogs? cats? puppy kitten pets?
"""
# Words of things that do not belong on a shopping list.
NOT_SHOPPING = pattern(rf"\b(?:{'|'.join(_NOT_SHOPPING.split())}|oil change|gas station|two and two)\b")
VAGUE = pattern(
    r"^(?:(?:some|a|an|the|this|that|these|those|any|all|my|our|new|more|another|few|other|following|of|couple|bunch|lot|lots|"
    r"extra|last|only|first|second|one|two|three|four|five|same|item|number|everything|it|grocery|shopping|to|on|in|there|it'?s|"
    r"also|please|next|list|for|as|well|too|again|i'?m|s|no|\d+|and|down|up|off)\s+)*"
    r"(?:it|them|this|that|these|those|one|ones|some|something|stuff|things?|anything|everything|items?|groceries|food|more|list|"
    r"lists|shopping|product|products|there|all|same|usual|that one|\d+|one|two|three|four|five|too|as well|s|go ahead|element|elements)?$"
)
