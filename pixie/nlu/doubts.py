"""Words that make it doubtful whether a change is meant. They only ever turn an act into a question."""

from pantry.patterns import pattern
from pixie.nlu.frames import Frame
from pixie.nlu.phrases import CONDITION, NOT, QUESTION, REPORTS, REQUEST

TAKES = frozenset(("remove_item", "change_item", "clear_list"))  # intents that take something away

# What is ordered without naming a thing: “bring it all back”.
_ORDER = pattern(
    r"\b(?:put|bring|take|undo|cancel|revert|clear|delete|remove|wipe|remember|keep in mind|note|forget|mark|tick|change|make)\b"
    r"|เอา|ลบ|ยกเลิก|จำ|ลืม|เปลี่ยน|แก้"
)
_SENTENCE = pattern(r"[.!?;\n]")

# Of every change

_HEDGED = pattern(
    r"^(?:(?:oh|hmm|so|and|but|um|well)[ ,]+)*(?:i think|i guess|i believe|maybe|perhaps|probably|not sure (?:but|if)|i'?m not sure (?:but|if)|"
    r"we might|i might|we may|might be|if (?:we|i) (?:need|run out|are out)|vielleicht|quizás?)\b|^(?:บางที|น่าจะ)"
)
_ASKS_THAI = pattern(r"(?:ไหม|มั้ย|มั๊ย|หรือไม่)(?:ครับ|คะ|ค่ะ|\s|\?)*$|ทำไม|ยังไง|อย่างไร|เมื่อไหร่|ใคร")
_ASKS_WHY = pattern(
    r"^\W*(?:and |so |but )?(?:why|how|who|when|where|warum|wieso|wie|wer|por qu[eé]|c[oó]mo|qui[eé]n)\b"
)
# Places in a kitchen, which are not lists: “take the milk out of the fridge”.
_PLACE = pattern(
    r"\b(?:in|into|on|onto|out of|from|off|to|inside|back in) (?:the|my|your|our|a|this|that) (?:[\w-]+ )?(?:fridge|freezer|oven|microwave|pan|pot|bowl|table|cupboard|"
    r"shelf|pantry|sink|soup|sauce|salad|curry|recipe|dish|mix|tea|coffee|bag|car|kitchen|counter|stove|heat|cooker|machine|dishwasher|trash|bin|box|"
    r"plate|dough|batter|cake|water|floor|balcony)\b"
)
_NEVER_ASKED = pattern(
    r"(?:ไม่เคย|ไม่ได้)(?:สั่ง|บอก|ขอ|ให้)|\b(?:never|did(?:n'?t| not)) (?:say|said|ask|asked|tell|told) (?:\w+ )?to\b"
)
_ORDERS = pattern(r"^(?:please |can you |could you )?(?:add|put|get|take|leave|keep|bring|remove)\b")

# Of additions, of which a recipe, a shop window and a promise are full

_DOUBTFUL_ADDITIONS = pattern(
    r"\b(?:recipe|instructions?|directions|label|package|packet|box|cookbook|book|card|article|video|ad|poster)s?\b[^.!?;\n]{0,40}?\b(?:says?|said|reads?|calls? for|tells?)\b"
    r"|\b(?:recipe|rezept|receta|สูตร)\b[^.!?;\n]{0,20}?:|\b(?:rezept|packung|anleitung|receta)\b[^.!?;\n]{0,30}?\b(?:sagt|steht|dice|pone)\b"
    r"|\badd(?:s|ed|ing)? (?:(?:it|them|that|this|these|those|everything|all) )?up\b"
    r"|\b(?:on (?:special )?offer|on sale|half price|im angebot|(?:de|en) oferta)\b|ลดราคา"
    r"|\bkauf\w*\b[^.!?;\n]{0,20}\bkein\w*\b|\b(?:haben wir|hat \w+|haben \w+) gesagt\b"
)  # fmt: skip
_ON_CONDITION = pattern(
    r"^(?:(?:and|but|so|then|only|erst|nur|solo|sólo)\s+)?(?:assuming|supposing|suppose|depending|in case|provided|providing|unless|once(?! more| again| an? | every| per)|"
    r"as soon as|as long as|on condition|(?:if|in the event)(?! (?:you|u|someone|somebody|anyone|anybody|possible|nobody minds|it is not|it's not)\b)|sobald|sofern|falls|wenn(?! (?:du|ihr|jemand)\b)|"
    r"vorausgesetzt|angenommen|je nach|siempre que|con tal de|en cuanto|apenas|a menos que|en caso de|depende|suponiendo)\b"
    r"|^(?:เผื่อ|ต่อเมื่อ|แล้วแต่|สมมุติ|สมมติ)"
)

# Of what was bought

# “I haven't got the milk”
_NOT_DONE = pattern(
    r"\b(?:have|has|had|did|do|does|could|can|was|were)(?:n'?t| not)\b|\bnever\b|\b(?:got|have|bought|had) no\b|\bnot (?:yet|got|bought)\b|ยังไม่|ไม่ได้|ยังบ่|\bnicht\b"
)
# “The rice is done”, “check out the lemons”, “früher haben wir immer Käse gekauft”
_NOT_BOUGHT = pattern(
    r"\b(?:is|are) (?:done|ready|cooked|boiling|burning|burnt)\b|\bcheck (?:(?:this|that|it|them|these|those) )?out\b"
    r"|\b(?:früher|damals|als kind(?:er)?|back then|in the old days|as (?:a )?(?:kids?|child(?:ren)?)|when (?:i|we) (?:was|were)|antes|de niñ\w+|solíamos)\b|เมื่อก่อน|สมัยก่อน|ตอนเด็ก"
)

# Of what takes something away

_LATER = pattern(
    r"\b(?:until|till|after|before|later|tonight|tomorrow|someday|eventually|(?:in|within) (?:an?|half an?|a few|\d{1,3}|one|two|three|five|ten) (?:hour|minute|day|week|month)s?|"
    r"on (?:mon|tues|wednes|thurs|fri|satur|sun)day|morgen|später|nachher|heute abend|mañana|más tarde|luego|después)\b"
    r"|พรุ่งนี้|(?<!ไม่)ค่อย|ทีหลัง|คืนนี้|เย็นนี้|อีก\s*\S{1,12}\s*(?:นาที|ชั่วโมง|วัน)"
)
_IS_LIST = (
    r"(?:\w+[ -]){0,3}(?:list|lists|one|ones|basket|cart|trolley|order|shop|shopping|groceries|week|month|menu|plan|"
    r"liste|einkaufsliste|einkauf|lista|compra|compras)\b"
)
# Where a thing is or comes from, and whether that is a list: “remove the eggs from the carton”.
_PLACE_OF_THING = pattern(
    rf"\b(?:out of|off|from|aus) (?:the|my|your|our|an?|its|his|her|their|this|that|dem|der|den) (?:(?P<list>{_IS_LIST})|[^\W\d_])"
    r"|\b(?:on|in|under|behind|inside) (?:the|my|our) (?:\w+ )?(?:shelf|fridge|freezer|cupboard|drawer|box|bag|carton|counter|table|floor|oven|pan|pot|wall|door|bath|sink)\b"
    r"|\b(?:de la|del) (?:nevera|refri\w*|congelador|horno|alacena|mesa|caja|bolsa|olla|despensa|armario|microondas)\b"
    r"|(?:ออกจาก|จากตู้)\s*(?!ลิสต์|ลิส|รายการ|ตะกร้า|โพย|list|อันนี้|อันนั้น|นี้|นั้น|บ้าน|ร้าน)\S"
)
# “No need of butter. Oil should stay.”
_STAYS = pattern(r"\b(?:stays?|remains?|keep|leave|bleib(?:t|en)|se qued[ae]n?|deja)\b|คงไว้|เก็บไว้|เหลือไว้")
_LAST_WORD = pattern(r"\s++([a-z]{3,})\W*$")
# What may stand behind an item without changing what it is.
_BEHIND = frozenset(
    "off out anymore more mehr más mas removed deleted gone cleared please pls now too again instead today already away back list "
    "from for to by then thanks thx asap lol".split()
)

# Of every change but additions

_TAKE = r"(?:remove|delete|clear|take|cross|tick|undo|drop|wipe|erase|scratch|swap|change|mark)"
_TAKING = r"(?:remov|delet|clear|tak|cross|tick|undo|dropp|wip|eras|scratch|swapp|chang|mark)ing"
_DOUBTS = (
    pattern(  # “don't take it off”, “อย่าลบไข่”
        rf"(?:{NOT}|\b(?:would|will|must|shall|should|can) (?:never|not) |\b(?:can'?t|cannot|(?:must|should|would|could)n'?t) |\bnot )(?:\w+ ){{0,2}}"
        r"(?:remov|delet|tak|clear|cross|drop|chang|tick|mark|undo|wip|eras)\w*\b"
        r"|\b(?:remove|delete|take|cross|clear|undo|forget|buy|add) (?:nothing|none|neither)\b|\bnicht\b|\bstill (?:need|want)\b"
        r"|\bno (?:quites?|borres?|elimines?|saques?|taches?|vac[ií]es|toques?)\b|ยัง(?:ต้อง|อยาก|จะ)"
        r"|(?:อย่า|ห้าม|ไม่ต้อง|ยังไม่|ไม่ได้)(?:เพิ่ง|ไป|ให้ใคร|ให้)?\s*(?:ลบ|ตัด|ล้าง|ติ๊ก|ขีด|เคลียร์|ยกเลิก|เปลี่ยน)|\A(?>.*?(?:อย่า|ห้าม|ไม่ต้อง)เอา).*ออก"
    ),
    pattern(  # “apparently we need no rice”, “the milk is bought, or so she claims”
        r"\b(?:apparently|supposedly|allegedly|seemingly|reportedly|rumou?r|i (?:heard|hear|read)|or so\b|that'?s (?:all|what) \w+ (?:ever |always )?(?:says?|said)|(?:she|he|they) (?:claims?|reckons?|thinks?)|"
        r"(?:they|people|doctors|experts) (?:say|claim|reckon)|it (?:seems|looks|sounds)|angeblich|anscheinend|scheinbar|wohl|"
        r"al parecer|parece que|supuestamente|dizque)\b|ได้ยินว่า|ดูเหมือน|เหมือนว่า|เห็นว่า|(?:หมอ|แม่|พ่อ|ยาย|ตา|ครู|เขา|เค้า)ให้"
    ),
    pattern(  # “I was going to take the rice off, but changed my mind”
        r"\b(?:(?:was|were) (?:going|about|meant|planning|trying|tempted) to|(?:but|then|and|since) (?:\w+ )?(?:have |'ve )?changed (?:my|our|her|his|their) minds?|"
        rf"decided (?:not|against)|thought (?:better|about)|used to|(?:almost|nearly) (?:\w+ed|took|got|bought|had|{_TAKE})|(?:about|going|meant) to (?:get|buy|{_TAKE})|wollten?|anders überlegt|beinahe|"
        r"iba a|íbamos a|casi|cambi[eé] de (?:idea|opini[oó]n))\b|เปลี่ยนใจ|กำลังจะ|ว่าจะ|เกือบ|ตั้งใจจะ|(?:ลบ|ตัด|ทิ้ง|เอาออก)\S{0,8}ไปแล้ว"
    ),
    pattern(  # “it would be rude to clear the list”, “undo is a useful button”, “removing the bread would be a mistake”
        rf"(?<!need )(?<!want )(?<!like )(?<!have )(?<!got )(?<!you )(?<!able )(?<!love )(?<!time )(?<!sure )(?<!forget )(?<!wanted )(?<!please )(?<!wish )\bto {_TAKE}\b"
        rf"|\bhate to {_TAKE}\b|^\W*{_TAKE} (?:is|was|would|isn'?t|wasn'?t|seems|feels|sounds|means)\b|^\W*{_TAKING}\b(?! off)"
        rf"|\b(?:who|why|how|nobody|everybody|everyone|anyone|people) (?:(?:would|could|should|must|has|have|keeps?|always|never) )?{_TAKE}(?:s|d|ed|ing|n)?\b"
        r"|\b(?:undo|delete|remove|clear) (?:button|key|command|function|option|feature)\b"
        r"|\b(?:(?:is|be) a (?:mistake|shame|pity)|me parece|finde ich|wäre|sería)\b|(?:ฉัน|ผม|เรา|หนู|พี่)(?:คิด)?ว่า|ไม่น่า"
    ),
    pattern(  # “Nok phoned. Take the eggs off.”
        r"\b(?:phoned|rang|called|texted|messaged|emailed|wrote|left (?:a|me a|us a) (?:note|message)|sent (?:a|me a|us a) (?:note|message|text))\b"
        r"|[,.]\s*(?:she|he|they) (?:said|says|wrote|texted|asked|told)\b|\b(?:hat|haben) (?:angerufen|geschrieben|gesagt)\b"
        r"|\b(?:llamó|escribió|dijo|dice que)\b|โทรมา|ฝากบอก|ไลน์มา"
    ),
    pattern(  # “Ben: remove the milk”, “Max, drop it”
        r"^\W*(?:(?:from |according to |via )?[^\W\d_]{2,20}(?: (?:rang|phoned|called|texted|wrote|said|says|asks|via \w+))?:\s|from [^\W\d_]{2,20}[,:]|[\"'>“])"
        rf"|^(?!(?:ok|okay|no|nah|nope|yes|yeah|yep|sorry|please|pls|actually|oh|ooh|hey|wait|hmm|well|right|also|now|then|alright|sure|thanks|pixie|hi|hello|great|ugh|argh|damn|oops|so|and|but|just)\b)"
        rf"[^\W\d_]{{2,12}}, (?:please |can you |could you )?(?:{_TAKE}|quita|saca|borra|tacha|nimm|lösch|streich|entfern)\w*\b"
    ),
    pattern(  # “normally I tick it off at the till”, “Ben will undo it”
        r"\b(?:normally|usually|typically|every time|normalmente|siempre|normalerweise|jedes ?mal|le toca|is (?:your|his|her|their|\w+'s) job)\b|ปกติ|ทุกครั้ง|หน้าที่|ที่บอกให้"
        rf"|\b(?!(?:i|we|you|u|pixie|that|it)\b)[^\W\d_]{{2,20}}(?:'ll| will| is going to| has to| should| needs to| can) {_TAKE}\b"
    ),
    pattern(  # “Ben swapped the butter for margarine”
        r"\b(?!(?:i|we|have|has|is|are|was|be|been|please|and|you)\b)[^\W\d_]{2,20} (?:swapped|removed|deleted|cleared|took|crossed|ticked|dropped|erased|wiped|undid)\b"
    ),
    pattern(  # “once Nok is home, tick the rice off”
        r"^(?:(?:and|but|so|then)\s+)?(?:unless|if|when(?:ever)?|once(?! more| again)|as soon as|as long as|in case|provided|after|before|sobald|wenn|falls|"
        r"nachdem|bevor|cuando|si|en cuanto|apenas)\b|^(?:ถ้า|เมื่อ|พอ(?!แล้ว)|หลังจาก|ก่อนที่|ต่อเมื่อ)"
    ),
)  # fmt: skip


def is_doubtful(frame: Frame, text: str) -> bool:
    """Return whether the words say that a change is perhaps not wanted, or not now, whatever the network reads."""
    asks = "?" in text or QUESTION.match(text) or _ASKS_THAI.search(text)
    if _HEDGED.match(text) or asks and (not REQUEST.search(text) or _ASKS_WHY.match(text)):
        return True
    if _ORDERS.match(text) and _PLACE.search(text):
        return True
    if _ON_CONDITION.search(text) or _NEVER_ASKED.search(text):
        return True
    if frame.intent in ("add_item", "set_recurring"):
        return _DOUBTFUL_ADDITIONS.search(text) is not None
    before = _before(frame, text)
    if frame.intent == "mark_purchased" and (_NOT_DONE.search(before) or _NOT_BOUGHT.search(text)):
        return True
    may_stay = frame.intent == "remove_item" and len(frame.things) > 1 and not frame.words.get("kept")
    if may_stay and _STAYS.search(text):
        return True
    if frame.intent in TAKES and (CONDITION.search(text) or _LATER.search(text) or _is_elsewhere(frame, text)):
        return True
    return _goes_on(frame, text) or REPORTS.search(before) is not None or any(form.search(text) for form in _DOUBTS)


def _before(frame: Frame, text: str) -> str:
    """Return what stands in the sentence of the order before it, where “Ben said” would make it Ben's."""
    order = _ORDER.search(text)
    end = text.find(frame.things[0].name) if frame.things else order.start() if order else len(text)
    return _SENTENCE.split(text[: max(end, 0)])[-1]


def _behind(frame: Frame, text: str) -> int:
    """Return where the words of the first thing end; 0 without one."""
    names = [*(thing.name for thing in frame.things), *frame.words.get("old", ())]
    return min((start + len(name) for name in names if (start := text.find(name)) >= 0), default=0)


def _is_elsewhere(frame: Frame, text: str) -> bool:
    """Return whether a thing is taken out of what is no list or store: “the eggs from the carton”."""
    place = _PLACE_OF_THING.search(text, _behind(frame, text))
    if place is None or place["list"] is not None:
        return False
    behind = text[place.start() :].casefold()
    names = [*frame.words.get("list", ()), *frame.words.get("store", ())]
    return not any(name.casefold() in behind for name in names)


def _goes_on(frame: Frame, text: str) -> bool:
    """Return whether one word that was not marked ends the sentence behind the only item: “remove the milk stain”."""
    if frame.intent != "remove_item" or len(frame.things) != 1 or not (end := _behind(frame, text)):
        return False
    match = _LAST_WORD.match(text, end)
    marked = " ".join(word for words in frame.words.values() for word in words).casefold()
    return match is not None and match[1].casefold() not in _BEHIND and match[1].casefold() not in marked
