"""Phrase patterns of household messages, matched case-insensitively."""

from pantry.patterns import pattern

# “Can you add eggs?” is a request, “should we add eggs?” is a question.
REQUEST = pattern(
    r"\b(?:can|could|will|would) (?:you|u|someone|somebody|anyone)\b|^(?:and |so )?(?:can|could) (?!i\b|we\b)|"
    r"\bcan (?:add|put|change|make|take|remove)\b|\bplease\b|\bpls\b|\b(?:kannst|könntest) du\b|\bbitte\b"
    r"|\bp(?:uedes|odrías)\b|\bpor favor\b|ได้ไหม|ได้มั้ย|หน่อย|ด้วย|ช่วย|ฝาก"
)
# What others said is no command.
REPORTS = pattern(
    r"(?<!\bi )(?<!\bi've )\b(?:said|says|saying|wrote|writes|written|asked|asks|asking|told|tells|suggest(?:s|ed)?|want(?:s|ed)|reads|"
    r"claim(?:s|ed)?)\b|\b(?:thought|hoped?|wish|sagt|sagte|meint|meinte|schreibt|schrieb|messages?d?|notes?|texted|posted|quotes?d?|imagine|pretend|suppose|translate)\b|บอกว่า|พูดว่า|เขียนว่า"
)
# "Remove the milk unless Ben objects" is no command for now.
CONDITION = pattern(
    r"\b(?:unless|if|when(?:ever)?|as soon as|as long as|in case|provided|assuming|once (?!more|again)|sobald|wenn|falls|cuando|si)\b|ถ้า|ก็ต่อเมื่อ"
)
TAKEN_BACK = pattern(
    r"\b(?:just )?(?:kidding|joking|jk)\b|[.,]\s*not[.!]*\s*$|\b(?:no|never ?mind|forget (?:it|that)|scratch that|or (?:rather )?not)[.!]*\s*$"
    r"|[,.–-] ?(?:oh,? |ah,? )?(?:sorry|wait|actually),? no\b"
    r"|\bor (?:is|are|was|do|does|did|should|shall|can|could|will|would)\b"
)
IF_NOT = pattern(
    r"^(?P<question>.+?)(?<![\s,;.?:-])[\s,;.?:-]++(?:and |but )?(?:(?:if (?:not|it'?s not|they'?re not|it isn'?t|they aren'?t|so|missing)|otherwise)"
    r"[\s,]*(?:then |please |go ahead and |can you |could you |you can )*(?:add|put|write|include)\b.*|"
    r"(?:can|could|will|would) you (?:please )?(?:add|put) .{0,200}?\bif\b.*)$"
)

# “Nah, one will do”, unlike “no more eggs” and “no milk”
DECLINES = pattern(
    r"^\W*(?:no|nah|nope|nay|not (?:now|today|yet|for (?:now|today)))(?:[,.!;]|\s+(?=(?:we|i|it|that|thanks|thank|need|leave|don'?t|do not|one|just)\b)|\s*$)"
    r"|^(?:ไม่ต้อง|ไม่|ไม่เป็นไร|อย่าเพิ่ง)\s*(?:ค่ะ|คะ|ครับ|จ้า|จ้ะ|นะ|ๆ|$)|^nein\b[,.!]|^no\b[,.]"
)
# “One more”, unlike “no more than one”.
MORE = pattern(r"(?<!no )(?<!not )\bmore\b(?! than(?! that))|\banother\b|\bextra\b|\bmehr\b|\bm[aá]s\b|อีก")
# “Same for bread”, said after an order.
SAME = pattern(
    r"^\W*(?:(?:and|also|oh|ok|okay|then|do|please|plus|just|und|y)\W+)*(?:the |exactly )?(?:same|ditto) (?:again |thing )?(?:for|with|of|goes for)\b"
    r"|^\W*(?:and )?also for\b"
    r"|^(?:und )?(?:das gleiche|dasselbe) (?:für|mit|bei)\b|^(?:y )?lo mismo (?:para|con|de)\b|^(?>.*?ก็)\s*(?:เหมือนกัน|เช่นกัน)|^.{1,40}เท่ากัน$"
)

# “And butter too”, which perhaps goes on with what was ordered last.
TOO = pattern(r"^\W*(?:and\b)?[^,;.?!]{2,40}\b(?:too|as well|also|while you'?re at it)\W*$")
# “Twice that”, of the amount that was ordered last.
RELATIVE = pattern(
    r"^\W*(?:(?:no|oh|ok|actually|and|hmm|make (?:it|that))\W+)*(?P<times>twice|double|half)(?: of)? (?:that|it|as much|as many|the amount)(?=\W*(?:[,.!;]|\b(?:please|then|instead|actually|thanks|now)\b|$))"
)
# “Two less”
LESS = pattern(r"\b(?:less|fewer|minus|too many|too much|weniger|menos)\b|ลด|น้อยลง")
# What is left of a thing is no amount to buy.
LEFT = pattern(
    r"\bdown to\b|\b(?:only|just)\b[^,;.]{1,30}\bleft\b|\b(?:one|two|three|\d{1,3})\b[^,;.]{0,20}\bleft\b|เหลือ(?:แค่|อีก|อยู่|ก้น)"
)

# What shall not be bought, unlike “don't forget the milk”, and what is not needed.
NOT = r"\b(?:do not|don'?t|never|stop|nobody should)(?: ever| bother(?: to)?| anyone)? "
FORBIDS = pattern(
    rf"{NOT}(?:add|put|buy|get|order|list)(?:ing)?\b|\bno [^.,;]{{1,30}} (?:please|this time|though)\b|อย่า(?!ลืม)|ห้าม"
    r"|\b(?:nicht|kein\w*) (?:\w+ )?(?:kaufen|holen|bestellen|setzen)\b|\bno (?:compres?|pongas?|añadas)\b"
)
UNNEEDED = pattern(
    rf"{NOT}(?:need|want)\b|\bno need\b|\bneedn'?t\b|ไม่ต้อง|\bbrauchen? (?:\w+ )?(?:kein\w*|nicht)|\bno hace falta\b"
)
# Plain orders to take something off the list, in the words of each language.
TAKEN_OFF = pattern(
    r"^(?:(?:hey|hi|ok|okay|and|also|please|pls|can|could|would|will|you|u|i|we|just|need|want|to)\W+)*"
    r"(?:remove|delete|scratch|drop|cross (?:off|out)|take off|take [^,;.?!]{1,40} off)\b"
    r"|^(?:bitte )?(?:streich\w*|lösch\w*|entfern\w*)\b|^nimm [^,;.?!]{1,40} (?:raus|runter|von der liste)\b|^(?:wir )?brauchen kein\w* [^,;.?!]{1,40} mehr\b"
    r"|^(?:por favor,? )?(?:quita|borra|elimina|tacha)\w*\b|^(?:ช่วย|ฝาก|รบกวน)?(?:ลบ|ตัด)|^(?:ช่วย|ฝาก|รบกวน)?เอา[^\s]{1,30}ออก"
)
ORDERED = pattern(r"^(?:(?:hey|hi|ok|okay|and|also|please|pls|can|could|would|will|you|u)\W+)*add\b(?! up\b)")
# Whether something was done is a question: “ซื้อไข่หรือยัง”.
ASKS_WHETHER = pattern(r"(?:หรือยัง|รึยัง|แล้วยัง|หรือเปล่า|รึเปล่า)(?:ครับ|คะ|ค่ะ|\s|\?)*$")
# “Cancel the weekly eggs”
ENDS = pattern(
    r"^(?:(?:i|we|please) )?(?:no\b|not\b|no longer|stop|cancel|remove|delete|don'?t|do not|skip|without|never|pause|end|drop|forget|take off)\b"
)

# Questions

QUESTION = pattern(
    r"^(?:and |so |but )?(?:(?:on|at|in|for|about|by|to) (?=what|which|how|who))?(?:if|whether|what|whats|which|who|whose|when|where|why|how|"
    r"do|does|did|is|are|am|was|were(?! (?:all |nearly |completely |fresh |just |also )?(?:out|low|down|short|done|outta)\b)|has|have|had|should|shall|would|could|can|will|may|might|isn'?t|aren'?t|don'?t (?:we|you|i)|didn'?t|"
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
