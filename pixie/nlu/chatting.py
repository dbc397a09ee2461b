"""Exact commands: post in a room, search messages, undo, remember, forget, and a call for help."""

import re
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pantry.patterns import GAP, Patterns, first_match, pattern, patterns
from pixie.nlu.outcome import Entity, Reading, call, lower_confidence
from pixie.nlu.phrases import CONDITION, REPORTS
from pixie.nlu.vocabulary import Vocabulary

_PLEASE = r"(?:(?:please|pls|plz|can you|could you|would you|go ahead and|just) ){0,5}"
_ALL = (
    r"(?:everybody|everyone|all(?: of (?:us|them|you))?|the others|the (?:whole )?(?:family|house|home|household)|people|"
    r"folks|them|us)"
)
_TELL, _POST = r"(?:tell|let|notify|inform)", r"(?:post|say|write|announce|share|send)"
_THAT = r"(?:\s*[:,]\s*| that | )"
_WHAT = r"(?P<text>.+)$"


@lru_cache(maxsize=256)
def _post_patterns(rooms: tuple[str, ...]) -> Patterns:
    """Return patterns for a room named with # or by one of the home's room names."""
    names = "|".join(re.escape(name).replace("\\-", "[- ]") for name in sorted(rooms, key=len, reverse=True))
    room = rf"(?:the )?(?:#(?P<hash>[\w-]+)|(?P<room>{names or '(?!)'}))(?: (?:room|channel|chat))?(?![\w-])"
    return patterns(
        rf"{_PLEASE}(?:{_TELL}|remind) {_ALL} (?:in|on) {room}(?: know)?{_THAT}{_WHAT}",
        rf"{_PLEASE}{_TELL} {room}(?: know)?{_THAT}{_WHAT}",
        rf"{_PLEASE}{_POST}(?: this| it| a message)? (?:in|to|into|on) {room}{_THAT}{_WHAT}",
        rf"{_PLEASE}{_POST} [\"“](?P<text>[^\"”]+)[\"”] (?:in|to|into|on) {room}[.!]*\s*$",
        rf"{_PLEASE}(?:ช่วย)?(?:บอก|โพสต์|แจ้ง)(?:ทุกคน)?\s*(?:ใน|ที่)?(?:ห้อง)?\s*{room}\s*(?:ว่า|:)\s*{_WHAT}",
    )


_POST_ALL = pattern(
    rf"{_PLEASE}{_TELL} (?:{_ALL}(?: know)?(?: that |\s*:\s*)|(?:everybody|everyone|the others)(?: know)? "
    rf"(?!(?:an?|about|how|what|when|where|why|who|to|some|your?|more)\b)){_WHAT}"
)
_NEGATED = pattern(r"\b(?:don'?t|do not|never|not|won'?t|didn'?t)\s++(?:\w++\s++)?$")
_BEGINS = pattern(rf"(?<![\s,;.])[\s,;.]++(?:(?:and then|and|then|also)\b\s*+)?(?={_PLEASE}(?:{_TELL}|{_POST}) )")

_UNDO = patterns(
    rf"{_PLEASE}(?:undo|revert|(?:take|put|roll) (?:that|it|this|the last (?:one|thing|change)) back)"
    r"(?: (?:that|it|this|the last (?:one|thing|change|step|action)|what you (?:just )?did|your last (?:change|action)|"
    r"everything you (?:just )?did|please|pls|again|now))*[\s.!]*$",
    r"(?:ช่วย|ขอ)?(?:ยกเลิก|เลิกทำ|ย้อนกลับ|ย้อน)(?:อันนั้น|อันเมื่อกี้|เมื่อกี้|เมื่อสักครู่|อันล่าสุด|ล่าสุด|ที่ทำไปเมื่อกี้|ที่ทำไป)"
    r"(?:ด้วย|หน่อย|ที|นะ|ให้|ครับ|ค่ะ|คะ|\s)*$",
)

_SEARCH = patterns(
    rf"{_PLEASE}(?:search|look)(?: (?:in|through))?(?: (?:the |our )?(?:chat|messages|rooms?|history|talk))? for (?P<query>.+)",
    rf"{_PLEASE}(?:find|show|search)(?: me)? (?:the |all |any |every |our )*(?:messages?|posts?|chats?)(?: of| by| from)?"
    r"(?: (?P<who>\w+))? (?:about|with|where|that (?:mention|mentions|say|says)|on|saying) (?P<query>.+)",
    rf"{_PLEASE}(?:find|search|look up) (?:where|when|what) (?P<who>\w+) (?:said|wrote|mentioned|posted|told us)"
    r"(?: (?:about|of|that|something about))? (?P<query>.+)",
    r"(?:ช่วย)?(?:ค้นหา|หาข้อความ|ค้นข้อความ)(?:เรื่อง|เกี่ยวกับ|คำว่า|ที่พูดถึง)?\s*(?P<query>.+)",
)
_ASKS_FOR_MESSAGES = patterns(
    r"what (?:else )?(?:did|has|have) (?P<who>\w+) (?:say|said|write|written|wrote|mention|mentioned|post|posted|tell us|told us)"
    r"(?: (?:about|of|regarding|on) (?P<query>.+))?$",
    r"(?:did|has|have) (?P<who>\w+) (?:ever |already )?(?:say|said|mention|mentioned|write|wrote|written)"
    r"(?: (?:anything|something))?(?: (?:about|of|that))? (?P<query>.+)$",
    r"who (?:said|mentioned|wrote|told us)(?: (?:anything|something))?(?: (?:about|of|that))? (?P<query>.+)$",
)
_ELSEWHERE = pattern(
    r"\b(?:google|online|on the (?:internet|web)|web|flights?|hotels?|restaurants?|recipes?|songs?|music|movies?|videos?|news|jokes?|puns?|riddles?|"
    r"poems?|my (?:keys?|phone|car|wallet|bag)|near(?:by| me)|nearest|stations?|podcasts?|jobs?|directions?)\b"
)
_NOBODY = frozenset("we i he she they you someone somebody anyone anybody it the people everyone".split())


def cut_post(text: str, vocabulary: Vocabulary) -> tuple[str, Reading | None]:
    """Split off a message for a room, which extends to the end of the text.

    It is uncertain in the middle of a sentence ("should I post …") and after what somebody else said.
    """
    begins = [(0, True), *((match.end(), match[0].strip() != "") for match in _BEGINS.finditer(text))]
    for start, is_clause in begins:
        before = text[:start]
        if (reading := _read_post(text[start:], vocabulary)) is not None and not _NEGATED.search(before):
            if not is_clause or REPORTS.search(before) or CONDITION.search(before):
                reading = lower_confidence(reading)
            return before.strip(" ,;.").removesuffix(" and").removesuffix(" then").strip(" ,;."), reading
    return text, None


def _read_post(text: str, vocabulary: Vocabulary) -> Reading | None:
    if (match := first_match(_post_patterns(vocabulary.rooms), text)) is not None:
        room = match["hash"] or match["room"]
        payload = {"room": room.replace(" ", "-"), "text": _unquoted(match["text"])}
        return call("post_message", payload, 0.93, (Entity("room", room, 0.9),))
    if vocabulary.rooms and (match := _POST_ALL.match(text)) is not None:
        return call("post_message", {"room": "", "text": _unquoted(match["text"])}, 0.8)
    return None


def _unquoted(text: str) -> str:
    return re.sub(r"\A[\"“']|[\"”']\Z", "", text.strip()).strip() or text


def read_undo(sentence: str) -> Reading | None:
    """Read a bare undo command: “take that back”, not “take the milk back”."""
    return call("undo", {}, 0.95) if first_match(_UNDO, sentence.strip()) else None


_HELP = patterns(
    rf"{_PLEASE}(?:help(?: me| us)?|/?help|show (?:me |us )?(?:some )?(?:help|examples)|(?:give|tell) (?:me|us) (?:some )?examples)[\s.!?]*$",
    r"(?:(?:so|ok|okay|and|hey|hi|hello)[, ]+)?what (?:(?:else |all )?(?:can|could|do) you (?:do|help (?:me |us )?with|understand)|"
    r"can (?:i|we) (?:ask|tell|say to|do with) you|are you able to do|are your (?:commands|features|skills))"
    r"(?: (?:for (?:me|us)|exactly|here|all))*[\s.!?]*$",
    r"(?:how (?:do (?:i|we) (?:use|talk to) (?:you|this)|does (?:this|it|that) work|do you work|can you help(?: me| us)?))[\s.!?]*$",
    r"(?:hilfe|hilf mir(?: bitte)?|was kannst du(?: (?:alles|so|noch|für (?:mich|uns) tun|tun|machen))*|wobei kannst du (?:mir |uns )?helfen|"
    r"wie (?:funktioniert (?:das|es)|geht das|benutze ich dich))[\s.!?]*$",
    r"[¡¿]?(?:ayuda|ay[uú]dame|qu[eé] (?:m[aá]s )?(?:puedes|sabes) hacer(?: por (?:m[ií]|nosotros))?|en qu[eé] (?:me |nos )?puedes ayudar(?:me|nos)?|"
    r"c[oó]mo (?:funciona(?: esto)?|te uso))[\s.!?]*$",
    r"(?:เธอ|คุณ|พิกซี่|\s)*(?:ทำอะไรได้|ช่วยอะไรได้|ทำอะไรเป็น|สั่งอะไรได้)(?:บ้าง)?(?:ครับ|ค่ะ|คะ|\s|\?)*$",
    r"(?:ช่วยด้วย|ช่วยเหลือ|ขอความช่วยเหลือ|วิธีใช้|ใช้(?:งาน)?(?:ยังไง|อย่างไร))(?:ครับ|ค่ะ|คะ|หน่อย|\s|\?)*$",
)


def read_help(sentence: str) -> Reading | None:
    """Read “help” or “what can you do?”, unlike “help me find the milk”."""
    return Reading("help", 0.95) if first_match(_HELP, sentence.strip()) else None


def read_search(sentence: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a “search for …” command, unless it is about the world outside the home."""
    return None if _ELSEWHERE.search(sentence) else _read_query(_SEARCH, sentence, vocabulary, 0.9)


def read_message_question(question: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a question such as “What did Ben say about the rent?”"""
    return _read_query(_ASKS_FOR_MESSAGES, question, vocabulary, 0.88)


def _read_query(bank: Patterns, sentence: str, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    if (match := first_match(bank, sentence.strip(" .!?"))) is None:
        return None
    author = (match.groupdict().get("who") or "").casefold()
    query = re.sub(r"^(?:the|our|my|a|an) ", "", (match["query"] or "").strip(" \"“”'"), flags=re.I)
    payload: dict[str, Any] = {"query": query}
    names = {name.casefold(): name for name in (*vocabulary.members, *vocabulary.agents)}
    if author in names:
        payload["author"] = names[author]
    elif not query or author and author not in _NOBODY:
        return None
    return replace(call("search", payload, confidence), intent="search_memory")


# Memory

_LEAD = pattern(
    r"^(?:(?:hey|ok|okay|please|pls|and|also|oh|so|just|can you|could you|would you|will you|for the record)[,\s]+)*"
)
_HOME = r"(?:home|house|household|family)"
_FOR_ALL = rf"(?P<all>(?: this)?,? for (?:all of us|everyone|everybody|the {_HOME}|us(?: all)?))?"
_REMEMBER = patterns(
    r"(?:remember|memori[sz]e|keep in mind|bear in mind|make a note|take a note|note(?: down)?|don'?t forget|"
    rf"do not forget|never forget){_FOR_ALL}(?:\s*[:,–-]\s*|\s+)that\s+(?P<what>.+)$",
    rf"(?:remember|memori[sz]e|keep in mind|for your memory|note for (?:later|you)){_FOR_ALL}\s*:\s*(?P<what>.+)$",
    r"(?:พิกซี่|ช่วย|ฝาก|กรุณา|\s)*(?:จำ|จด)(?:ไว้|เอาไว้)?(?:หน่อย|ด้วย)?\s*(?:ว่า|นะว่า)\s*(?P<what>.+)$",
)
_FOR_EVERYONE = pattern(rf",? for (?:everyone|everybody|all of us|the {_HOME})[.! ]*$")
# Not memory: “remember that we need milk” is about the list.
_ERRAND = pattern(
    r"(?:i|we|you|he|she|they) (?:still |also |really )*(?:need|needs|want|have to|has to|must|should|ran out|are out|are low)\b",
    r"there(?:'s| is) no\b|(?:i|we) have (?:a|an|to)\b",
)
_DROP = r"(?:forget|erase|delete|wipe)"
_FORGET = patterns(
    rf"{_DROP}\s+(?:what|everything|anything|all|whatever)(?: that)?"
    r"(?: \w+ (?:said|told you|say|know|remember|knows|mentioned|have said|'ve said))+(?: to you)?"
    r"(?: (?:about|on|of|regarding) (?P<what>.+))$",
    rf"{_DROP}\s+(?:everything|all|your memor(?:y|ies)|what you know)(?: about| of| on) (?P<what>.+)$",
    r"forget that (?P<what>.+\b(?:is|are|was|likes?|loves?|hates?|prefers?|wants?|said|has|have|can|eats?|drinks?|decided|agreed)\b.*)$",
    r"(?:stop remembering|don'?t remember) (?:that )?(?P<what>.+)$",
    rf"(?:พิกซี่|ช่วย|\s)*ลืมเรื่อง\s*+(?P<what>.+?){GAP}(?:ที่.{{0,12}}(?:บอก|พูด).*|ไปเลย|ไปได้เลย|ซะ|เถอะ)?$",
)
_RECALL = patterns(
    r"(?:(?:do|can) you )?(?:tell me )?what (?:do you|have you|did you|did (?:i|we) tell you to) "
    r"(?:know|remember|remembered|learn(?:ed)?|noted?)(?: about| of| on)? (?P<what>\w.*)$",
    r"do you (?:still )?remember (?P<what>(?:what|who|where|when|which|how|if|whether) (?!.*\byou).+)$",
    r"(?:เธอ|คุณ|พิกซี่|\s)*จำได้(?:ไหม|มั้ย|หรือเปล่า)\s*(?:ว่า)?\s*(?P<what>.+)$",
)


def read_memories(sentence: str) -> Reading | None:
    """Read an explicit command to remember or forget, or a question to memory."""
    command = _LEAD.sub("", sentence)
    if (match := first_match(_REMEMBER, command)) is not None:
        return _read_memory(match)
    for tool, bank, confidence in (("forget", _FORGET, 0.9), ("search_memory", _RECALL, 0.88)):
        if (match := first_match(bank, command)) is not None and (query := match["what"].strip(" ,.!?")):
            return call(tool, {"query": query}, confidence)
    return None


def _read_memory(match: re.Match[str]) -> Reading | None:
    content = match["what"].strip().removesuffix("?").rstrip()  # “can you remember that …?”
    if not content or _ERRAND.match(content):
        return None
    fact = _FOR_EVERYONE.sub("", content) or content
    payload: dict[str, Any] = {"content": fact[:1].upper() + fact[1:]}
    for_home = fact != content or match.groupdict().get("all")
    return call("remember", payload | ({"for_home": True} if for_home else {}), 0.92)
