"""Commands and questions about memory: remember, recall, forget."""

import re

from pixie.nlu.outcome import Proposal, Reading

_LEAD = (
    r"^(?:(?:hey|ok|okay|please|pls|and|also|oh|so|just|can you|could you|would you|will you|for the record)[,\s]+)*"
)
_FOR_ALL = (
    r"(?P<all>(?: this)?,? for (?:all of us|everyone|everybody|the (?:home|house|household|family)|us(?: all)?))?"
)
_FOR_ALL_2 = _FOR_ALL.replace("<all>", "<all2>")
_REMEMBER = re.compile(
    rf"{_LEAD}(?:remember|memori[sz]e|keep in mind|bear in mind|make a note|take a note|note(?: down)?|don'?t forget|"
    rf"do not forget|never forget){_FOR_ALL}(?:\s*[:,–-]\s*|\s+)that\s+(?P<what>.+)$"
    rf"|{_LEAD}(?:remember|memori[sz]e|keep in mind|for your memory|note for (?:later|you)){_FOR_ALL.replace('<all>', '<all2>')}\s*:\s*(?P<what2>.+)$",
    re.I,
)
# Not memory: “remember that we need milk” is about the list.
_ERRAND = re.compile(
    r"^(?:(?:i|we|you|he|she|they) (?:still |also |really )*(?:need|needs|want|have to|has to|must|should|ran out|are out|are low)\b|"
    r"there(?:'s| is) no\b|i have (?:a|an|to)\b|we have (?:a|an|to)\b)",
    re.I,
)
_FORGET = re.compile(
    rf"{_LEAD}(?:forget|erase|delete|wipe)\s+(?:what|everything|anything|all|whatever)(?: that)?"
    r"(?: (?:i|we|you|\w+) (?:said|told you|say|know|remember|knows|mentioned|have said|'ve said))+(?: to you)?"
    r"(?: (?:about|on|of|regarding) (?P<what>.+))$"
    rf"|{_LEAD}(?:forget|erase|delete|wipe)\s+(?:everything|all|your memor(?:y|ies)|what you know)(?: about| of| on) (?P<what2>.+)$"
    rf"|{_LEAD}forget that (?P<what3>.+\b(?:is|are|was|likes?|loves?|hates?|prefers?|wants?|said|has|have|can|eats?|drinks?|decided|agreed)\b.*)$"
    rf"|{_LEAD}(?:stop remembering|don'?t remember) (?:that )?(?P<what4>.+)$",
    re.I,
)
_ASKS = re.compile(
    rf"{_LEAD}(?:(?:do|can) you )?(?:tell me )?what (?:do you|have you|did you|did (?:i|we) tell you to) "
    r"(?:know|remember|remembered|learn(?:ed)?|noted?)(?: about| of| on)? (?P<what>(?:my|our|the|me|us|\w+).*?)[?.! ]*$"
    rf"|{_LEAD}(?:do you (?:still )?remember) (?P<what2>(?:what|who|where|when|which|how|if|whether) (?!.*\byou).+?)[?.! ]*$",
    re.I,
)
_THAI_REMEMBER = re.compile(
    r"^(?:พิกซี่|ช่วย|ฝาก|กรุณา|\s)*(?:จำ|จด)(?:ไว้|เอาไว้)?(?:หน่อย|ด้วย)?\s*(?:ว่า|นะว่า)\s*(?P<what>.+)$"
)
_THAI_ASKS = re.compile(r"^(?:เธอ|คุณ|พิกซี่|\s)*จำได้(?:ไหม|มั้ย|หรือเปล่า)\s*(?:ว่า)?\s*(?P<what>.+)$")
_THAI_FORGET = re.compile(r"^(?:พิกซี่|ช่วย|\s)*ลืมเรื่อง\s*(?P<what>.+?)\s*(?:ที่.{0,12}(?:บอก|พูด).*|ไปเลย|ไปได้เลย|ซะ|เถอะ)?$")
_END = " ,.!?"


def read_memories(sentence: str) -> Reading | None:
    """Read an explicit command to remember or forget, or a question to memory."""
    if (match := _FORGET.match(sentence) or _THAI_FORGET.match(sentence)) is not None:
        return _reading("forget", {"query": _content(match).strip(_END)}, 0.9)
    if (match := _REMEMBER.match(sentence) or _THAI_REMEMBER.match(sentence)) is not None:
        content = _content(match).strip()
        if _ERRAND.match(content):
            return None
        content = content.removesuffix("?").rstrip()  # “can you remember that …?”
        for_home = any(text for name, text in match.groupdict().items() if name.startswith("all"))
        content, everyone = _split_audience(content)
        payload: dict[str, object] = {"content": content[:1].upper() + content[1:]}
        return _reading("remember", payload | ({"for_home": True} if for_home or everyone else {}), 0.92)
    if (match := _ASKS.match(sentence) or _THAI_ASKS.match(sentence)) is not None:
        return _reading("search_memory", {"query": _content(match).strip(_END)}, 0.88)
    return None


def _content(match: re.Match[str]) -> str:
    return next(text for name, text in match.groupdict().items() if name.startswith("what") and text)


def _split_audience(content: str) -> tuple[str, bool]:
    """Split "The plumber is Mr. Somchai, for everyone" into the fact and whether it is for the home."""
    shorter = re.sub(
        r",? (?:for (?:everyone|everybody|all of us|the (?:home|house|household)))[.! ]*$", "", content, flags=re.I
    )
    return (shorter, True) if shorter and shorter != content else (content, False)


def _reading(intent: str, payload: dict[str, object], confidence: float) -> Reading | None:
    if not next(iter(payload.values())):
        return None
    return Reading(intent, confidence, actions=(Proposal(intent, payload, confidence),))
