"""Commands about the chat: post in a room, search messages, undo."""

import re
from functools import lru_cache
from typing import Any

from pixie.nlu.outcome import SURE, Entity, Proposal, Reading
from pixie.nlu.vocabulary import Vocabulary

_PLEASE = r"(?:(?:please|pls|plz|can you|could you|would you|go ahead and|just) )*"
_ALL = (
    r"(?:everybody|everyone|all(?: of (?:us|them|you))?|the others|the (?:whole )?(?:family|house|home|household)|people|"
    r"folks|them|us)"
)
_TELL, _POST = r"(?:tell|let|notify|inform)", r"(?:post|say|write|announce|share|send)"
_THAT = r"(?: know)?(?:\s*[:,]\s*| that | )"
_WHAT = r"[\"“']?(?P<text>.+?)[\"”']?"


@lru_cache(maxsize=256)
def _post_patterns(rooms: tuple[str, ...]) -> list[re.Pattern[str]]:
    """Return patterns for a room named with # or by one of the home's room names."""
    names = "|".join(re.escape(name).replace("\\-", "[- ]") for name in sorted(rooms, key=len, reverse=True))
    named = rf"|(?P<room>{names})" if names else "|(?P<room>(?!))"
    room = rf"(?:the )?(?:#(?P<hash>[\w-]+){named})(?: (?:room|channel|chat))?(?![\w-])"
    patterns = (
        rf"(?:{_TELL}|remind) {_ALL} (?:in|on) {room}{_THAT}{_WHAT}",
        rf"{_TELL} {room}{_THAT}{_WHAT}",
        rf"{_POST}(?: this| it| a message)? (?:in|to|into|on) {room}(?:\s*[:,]\s*| that | ){_WHAT}",
        rf"{_POST} [\"“](?P<text>[^\"”]+)[\"”] (?:in|to|into|on) {room}[.!]*",
        rf"(?:ช่วย)?(?:บอก|โพสต์|แจ้ง)(?:ทุกคน)?\s*(?:ใน|ที่)?(?:ห้อง)?\s*{room}\s*(?:ว่า|:)\s*{_WHAT}",
    )
    return [re.compile(rf"{_PLEASE}{pattern}\s*$", re.I | re.S) for pattern in patterns]


_POST_ALL = re.compile(
    rf"{_PLEASE}{_TELL} (?:{_ALL}(?: know)?(?: that |\s*:\s*)|(?:everybody|everyone|the others)(?: know)? "
    rf"(?!(?:an?|about|how|what|when|where|why|who|to|some|your?|more)\b)){_WHAT}\s*$",
    re.I | re.S,
)
_BEGINS = re.compile(rf"(?:\s*[,;.]\s*|\s+)(?:and then|and|then|also)?\s*(?={_PLEASE}(?:{_TELL}|{_POST}) )", re.I)

_UNDO = re.compile(
    rf"{_PLEASE}(?:undo|revert|(?:take|put|roll) (?:that|it|this|the last (?:one|thing|change)) back)"
    r"(?: (?:that|it|this|the last (?:one|thing|change|step|action)|what you (?:just )?did|your last (?:change|action)|"
    r"everything you (?:just )?did|please|pls|again|now))*[\s.!]*$",
    re.I,
)
_THAI_UNDO = re.compile(
    r"^(?:ช่วย|ขอ)?(?:ยกเลิก|เลิกทำ|ย้อนกลับ|ย้อน)(?:อันนั้น|อันเมื่อกี้|เมื่อกี้|เมื่อสักครู่|อันล่าสุด|ล่าสุด|ที่ทำไปเมื่อกี้|ที่ทำไป)"
    r"(?:ด้วย|หน่อย|ที|นะ|ให้|ครับ|ค่ะ|คะ|\s)*$"
)

_FOR = (
    re.compile(
        rf"{_PLEASE}(?:search|look)(?: (?:in|through))?(?: (?:the |our )?(?:chat|messages|rooms?|history|talk))? for (?P<query>.+)",
        re.I,
    ),
    re.compile(
        rf"{_PLEASE}(?:find|show|search)(?: me)? (?:the |all |any |every |our )*(?:messages?|posts?|chats?)(?: of| by| from)?"
        r"(?: (?P<who>\w+))? (?:about|with|where|that (?:mention|mentions|say|says)|on|saying) (?P<query>.+)",
        re.I,
    ),
    re.compile(
        rf"{_PLEASE}(?:find|search|look up) (?:where|when|what) (?P<who>\w+) (?:said|wrote|mentioned|posted|told us)"
        r"(?: (?:about|of|that|something about))? (?P<query>.+)",
        re.I,
    ),
    re.compile(r"(?:ช่วย)?(?:ค้นหา|หาข้อความ|ค้นข้อความ)(?:เรื่อง|เกี่ยวกับ|คำว่า|ที่พูดถึง)?\s*(?P<query>.+)"),
)
_SAID = (
    re.compile(
        r"^what (?:else )?(?:did|has|have) (?P<who>\w+) (?:say|said|write|written|wrote|mention|mentioned|post|posted|tell us|told us)"
        r"(?: (?:about|of|regarding|on) (?P<query>.+))?$",
        re.I,
    ),
    re.compile(
        r"^(?:did|has|have) (?P<who>\w+) (?:ever |already )?(?:say|said|mention|mentioned|write|wrote|written)"
        r"(?: (?:anything|something))?(?: (?:about|of|that))? (?P<query>.+)$",
        re.I,
    ),
    re.compile(
        r"^who (?:said|mentioned|wrote|told us)(?: (?:anything|something))?(?: (?:about|of|that))? (?P<query>.+)$", re.I
    ),
)
_ELSEWHERE = re.compile(
    r"\b(?:google|online|on the (?:internet|web)|web|flights?|hotels?|restaurants?|recipes?|songs?|music|movies?|videos?|news|jokes?|puns?|riddles?|poems?|"
    r"my (?:keys?|phone|car|wallet|bag)|near(?:by| me)|nearest|stations?|podcasts?|jobs?|directions?)\b",
    re.I,
)
_NOBODY = {
    "we",
    "i",
    "he",
    "she",
    "they",
    "you",
    "someone",
    "somebody",
    "anyone",
    "anybody",
    "it",
    "the",
    "people",
    "everyone",
}


def cut_post(text: str, vocabulary: Vocabulary) -> tuple[str, Reading | None]:
    """Split off a message for a room, which extends to the end of the text."""
    for start in (0, *(match.end() for match in _BEGINS.finditer(text))):
        if (reading := _read_post(text[start:], vocabulary)) is not None:
            return text[:start].strip(" ,;.").removesuffix(" and").removesuffix(" then").strip(" ,;."), reading
    return text, None


def _read_post(text: str, vocabulary: Vocabulary) -> Reading | None:
    for pattern in _post_patterns(vocabulary.rooms):
        if (match := pattern.match(text)) is not None:
            return _post_reading(match["hash"] or match["room"], match["text"], 0.93)
    if vocabulary.rooms and (match := _POST_ALL.match(text)) is not None:
        return _post_reading("", match["text"], 0.8)  # without a room
    return None


def _post_reading(room: str, text: str, confidence: float) -> Reading:
    payload = {"room": room.replace(" ", "-"), "text": text.strip()}
    entities = (Entity("room", room, 0.9),) if room else ()
    return Reading("post_message", confidence, entities, (Proposal("post_message", payload, confidence),))


def read_undo(sentence: str) -> Reading | None:
    """Read a bare undo command: “take that back”, not “take the milk back”."""
    text = sentence.strip()
    if _UNDO.match(text) or _THAI_UNDO.match(text):
        return Reading("undo", 0.95, actions=(Proposal("undo", {}, 0.95),))
    return None


def read_search(sentence: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a “search for …” command, unless it is about the world outside the home."""
    text = sentence.strip(" .!?")
    match = next((hit for pattern in _FOR if (hit := pattern.match(text))), None)
    if match is None or _ELSEWHERE.search(text):
        return None
    groups = match.groupdict()
    return _search_reading(groups["query"], groups.get("who"), vocabulary, 0.9)


def read_message_question(question: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a question such as “What did Ben say about the rent?”"""
    text = question.strip(" .!?")
    match = next((hit for pattern in _SAID if (hit := pattern.match(text))), None)
    if match is None:
        return None
    groups = match.groupdict()
    return _search_reading(groups["query"] or "", groups.get("who"), vocabulary, 0.88)


def _search_reading(query: str, author: str | None, vocabulary: Vocabulary, confidence: float) -> Reading | None:
    payload: dict[str, Any] = {"query": re.sub(r"^(?:the|our|my|a|an) ", "", query.strip(" \"“”'"), flags=re.I)}
    names = {name.casefold(): name for name in (*vocabulary.members, *vocabulary.agents)}
    if author and author.casefold() in names:
        payload["author"] = names[author.casefold()]
    elif author and author.casefold() not in _NOBODY:
        return None
    if not payload["query"] and "author" not in payload:
        return None
    assert confidence >= SURE
    return Reading("search_memory", confidence, actions=(Proposal("search", payload, confidence),))
