"""Small talk, questions to memory, and everything else."""

import re

from pixie.nlu.outcome import Proposal, Reading
from pixie.nlu.vocabulary import Vocabulary

_SMALL_TALK = re.compile(
    r"^(?:hi|hey|hello|yo|hola|sup|what'?s up|wass?up|howdy|greetings|good (?:morning|afternoon|evening|night|day)|morning|night|bye|"
    r"goodbye|good bye|see (?:you|ya|u)|cya|later|laters|adios|peace|farewell|take care|thanks?|thank (?:you|u)|thx|ty|cheers|"
    r"much appreciated|i appreciate|appreciated|lol|haha\w*|hehe\w*|lmao|rofl|ok(?:ay)?|k|kk|yes|no|yep|nope|yeah|sure|nice|cool|great|"
    r"awesome|wow|perfect|sorry|oops|congrats|happy|love (?:you|it|this)|well done|good (?:job|work|one)|555+|\W+)\b.*$",
    re.I,
)
_ABOUT_AGENT = re.compile(
    r"\b(?:how(?:'?s| is| are) (?:it|things|everything|life|your|the day)|everything (?:ok|okay|going)|(?:tell|share) (?:me )?(?:something|anything)|"
    r"interesting|tidbit|purpose|existence|on earth|people exist|exist|being alive|human being|talking to me|questions|what'?s going on|"
    r"point of (?:everything|sentience|it all)|who do (?:i|yo|u) work|humans|you|your|you'?re|yourself|u|ur|ya|yours|ai|bot|siri|alexa|olly|google)\b|\b(?:joke|jokes|pun|funny|funniest|laugh|fun fact|facts?|"
    r"trivia|story|poem|riddle|hilarious|meaning (?:of|in|to|for) (?:my |our |this )?life|purpose (?:of|in) life|point (?:of|in|to) (?:life|living)|life)\b",
    re.I,
)
_MEMORY = re.compile(
    r"\b(?:do (?:you|u|we|i) (?:still )?remember (?:which|what|where|who|when|how|if|the)|remember (?:which|what|where|when|who) )"
    r"|^(?:which|what|whose) (?:[\w-]+ ){1,4}?(?:did|do|does|was|were|is) (?:it that )?(?:we|us|i|he|she|they) (?:\w+ )*?(?:like|liked|love|loved|"
    r"prefer|preferred|use|used|using|usually|buy|bought|have last|hate|hated|call|drink|eat|get|recommend|say|said|want|order)\b"
    r"|^what (?:was the (?:name|brand|number|recipe|code|size|colou?r|address) (?:of|for|from) (?:the|our|that|my)|is the (?:name|brand|number|recipe|code|size|"
    r"colou?r|address) (?:of|for|from) (?:our|my))\b"
    r"|^what(?:'?s| is| was) (?:the |our )?(?:wi-?fi|door|gate|landlord'?s|plumber'?s|electrician'?s|building)\b"
    r"|^when did (?:we|i|someone|anyone) (?:last |first )?(?:buy|get|order|pay|have|clean|change|replace|use|call|do|see)\b"
    r"|^when was the last time (?:we|i)\b|^what did (?:we|he|she|they|someone) (?:say|said|write|decide|agree|tell|cook|mention|ask)\b"
    r"|^where (?:did|do) (?:we|i) (?:\w+ )?(?:put|keep|leave|store|buy|get|hide)\b|^where (?:is|are|'s) (?:the|our|my) (?:spare|keys?|remote|charger|"
    r"manual|receipt)|^what do we (?:usually|normally|always) (?:buy|use|get|eat|drink)\b|^who (?:likes?|hates?|is allergic)\b"
    r"|^who (?:added|bought|got|put|ordered|paid|removed|wanted)\b|^what did (?:we|i|you|they|someone) (?:add|buy|get|order|remove|bring|pay)\b"
    r"|^(?:did|have|has) (?:we|i|someone|anyone) (?:ever |already )?(?:buy|bought|get|got|order|pay|use|try|tried)\b.*\b(?:last|yesterday|ago|recently|ever|before|"
    r"this (?:week|month))\b|^do we (?:usually|normally|always|ever)\b|^what(?:'?s| is| was| were) the price of\b"
    r"|^(?:did|has) (?:someone|anyone|we) (?:say|mention|said)\b"
    r"|^who(?:'s| is| was) (?:our|my) (?:plumber|electrician|landlord|landlady|cleaner|dentist|doctor|vet|mechanic|gardener|babysitter)\b"
    r"|^what (?:is|are|am|'s) (?:we|i|he|she) allergic to\b|^when is (?:our|the) (?:rent|deposit|lease) (?:due|paid)\b",
    re.I,
)
_FACTUAL = re.compile(
    r"^(?:what|which|who|whose|when|where|why|how|is|are|does|do|did|can|could|should|will|was|were|define|explain|find|show|tell|turn|play|"
    r"book|search|convert|translate|calculate|call|open|buy|remove|add|send|transfer|set)\b",
    re.I,
)


_THAI_ASKS = re.compile(
    r"ไหม|มั้ย|มั๊ย|หรือไม่|หรือเปล่า|อะไร|เท่าไ[หร]|เท่าไร|ยังไง|อย่างไร|ที่ไหน|เมื่อไ|กี่|ทำไม|ใคร|อากาศ|อุณหภูมิ|พยากรณ์"
)


def read_memory(clause: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a question about something the home has said or done before."""
    asked = clause
    for member in vocabulary.members:
        asked = re.sub(rf"\b{re.escape(member)}\b", "we", asked, flags=re.I)
    if not _MEMORY.search(asked):
        return None
    return Reading("search_memory", 0.86, actions=(Proposal("search_memory", {"query": clause.strip(" ?!.")}, 0.86),))


def read_talk(sentence: str) -> Reading:
    """Read any sentence: small talk as chat, a question about the world as unclear."""
    if _SMALL_TALK.match(sentence):
        return Reading("chat", 0.95)
    if _ABOUT_AGENT.search(sentence):
        return Reading("chat", 0.9)
    if _THAI_ASKS.search(sentence):
        return Reading("unclear", 0.5)
    return Reading("unclear", 0.5) if _FACTUAL.match(sentence) else Reading("chat", 0.6)
