"""Requests about a list that name its items exactly: “remove everything except the eggs”, “put the milk back on it”."""

import re
from collections.abc import Container

from groceries.parsing.entries import parse_lines
from groceries.parsing.names import normalize
from pantry.errors import ActionError
from pantry.patterns import first_match, patterns
from pixie.nlu.outcome import Proposal, Reading, call
from pixie.nlu.vocabulary import Vocabulary, find_item

CONFIDENCE = 0.9
_LEAD = r"(?:[^\W\d_]+,? ){0,4}?"
_ALL = (
    r"(?:everything|every thing|it all|all(?: of it| of them|(?: of)? the (?:items|things|rest))?|"
    r"the (?:whole |entire )?(?:list|lot)|(?:the|my|our) (?:shopping |grocery )?list)"
)
_OFF = r"(?: (?:off|out|from|on|in|up|away)(?: of)?(?: (?:the|my|our) (?:shopping |grocery )?list)?)?"
_BUT = (
    r",? (?:but(?: not| keep| leave)?|not|excluding|except(?:ing)?(?: for)?|apart from|aside from|other than|besides|save(?: for)?|bar|without|"
    r"(?:and |just |only )?(?:keep|leave))"
)
_NO_NUMBER = r"(?!\d|(?:one|two|three|four|five|six|half)\b)"  # “all but two eggs” leaves some of one item
_KEPT = rf"(?: (?:the|our|my|for))? {_NO_NUMBER}(?P<kept>[^.!?\n]{{1,200}}?)(?: on(?: it| the list)?)?(?:,? please)?[.!? ]*$"
_CLEAR = patterns(
    rf"{_LEAD}(?:remove|delete|clear|take|drop|wipe|erase|cross|strike|empty|throw|bin|get rid of|scratch){_OFF} {_ALL}{_OFF}{_BUT}{_KEPT}",
    rf"{_LEAD}(?:(?:leave|keep) only|only (?:leave|keep)){_KEPT}",
    r"(?:[^\W\d_]+,? ){0,3}?(?:lösche?|entferne?|streiche?|nimm)(?: bitte)? (?:alles|die (?:ganze )?liste)(?: von der liste| runter)?,? "
    r"(?:außer|bis auf|ausser)(?: (?:die|der|das|den|dem))? (?P<kept>[^.!?\n]{1,200}?)(?: bitte)?[.! ]*$",
    r"(?:[^\W\d_]+,? ){0,3}?(?:borra|quita|elimina|vacía|saca) (?:todo|toda la lista|la lista)(?: de la lista)?,? "
    r"(?:menos|excepto|salvo)(?: (?:el|la|los|las))? (?P<kept>[^.!?\n]{1,200}?)(?:,? por favor)?[.! ]*$",
    r"(?:ช่วย)?(?:ลบ|ล้าง|เคลียร์)(?:รายการ|ลิสต์|ของ) ?(?:ยกเว้น|นอกจาก|เว้น) ?(?P<kept>[^.!?\n]{1,200}?)(?:ครับ|ค่ะ|คะ|หน่อย)* *$",
    r"(?:ช่วย)?(?:ลบ|เอา|ล้าง|เคลียร์)[^.!?\n]{0,30}?เหลือ(?:ไว้)?แค่ ?(?P<kept>[^.!?\n]{1,200}?)(?:ครับ|ค่ะ|คะ|พอ)* *$",
    r"(?:ช่วย)?(?:ลบ|เอา|ตัด|ล้าง|เคลียร์)(?:รายการ|ลิสต์|ของ)?(?:ออก)?(?:ทั้งหมด|ทุกอย่าง|หมด)(?:ออก)?(?:จากลิสต์|จากรายการ)? ?"
    r"(?:ยกเว้น|นอกจาก|เว้น) ?(?P<kept>[^.!?\n]{1,200}?)(?:ครับ|ค่ะ|คะ|หน่อย)* *$",
)
_TICK = patterns(
    rf"{_LEAD}(?:tick|check|cross) off {_ALL}{_OFF}{_BUT}{_KEPT}",
    rf"{_LEAD}(?:mark|tick|check) {_ALL}{_OFF}(?: as (?:bought|done|got))?{_BUT}{_KEPT}",
    rf"{_LEAD}(?:got|bought) {_ALL}{_OFF}{_BUT}{_KEPT}",
)
_BACK = patterns(
    r"(?:put|bring|move|add|get) (?:the |our |my )?(?P<names>.{1,200}?) back (?:(?:on|onto|on to|to|in)(?: (?:the|my|our))? (?:shopping |grocery )?list|on)(?: (?:please|again))?[.! ]*$",
    r"(?:setz|setze|tu|schreib|pack)e? (?:die |der |das |den )?(?P<names>.{1,200}?) (?:zurück|wieder) auf die (?:einkaufs)?liste[.! ]*$",
    r"(?:pon|vuelve a poner|devuelve) (?:el |la |los |las )?(?P<names>.{1,200}?)(?: de vuelta)? (?:en|a) la lista (?:otra vez|de nuevo)[.! ]*$",
    r"(?:เอา|ใส่) ?(?P<names>.{1,200}?) ?(?:กลับ(?:ไป|มา|เข้า)*(?:ใน|ที่)?(?:ลิสต์|รายการ))(?:ครับ|ค่ะ|คะ)? *$",
)
_PLACE_BEHIND = re.compile(r" (?:off|from|on) (?:(?:the|my|our) )?(?:shopping |grocery )?list\Z", re.IGNORECASE)
_THAI_AND = re.compile(r"(?<=[\u0e00-\u0e7f])(กับ|และ)(?=[\u0e00-\u0e7f])")
_ARTICLE = re.compile(r"\A(?:the|our|my|die|der|das|den|el|la|los|las) ", re.IGNORECASE)


def read_exceptions(sentence: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a request to remove or tick off everything but some items."""
    for tool, forms in (("clear_list", _CLEAR), ("mark_all_purchased", _TICK)):
        if (match := first_match(forms, sentence)) is not None:
            text = _PLACE_BEHIND.sub("", match["kept"])
            if exceptions := _names(text, {*map(normalize, vocabulary.items), *vocabulary.aliases}):
                return call(tool, {"keep": [vocabulary.own_name(name) for name in exceptions]}, CONFIDENCE)
    return None


def read_back(sentence: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a request to put items that the home has had, and that are not on the list, back on it."""
    match = first_match(_BACK, sentence)
    names = _names(match["names"], {*map(normalize, vocabulary.items), *vocabulary.aliases}) if match else []
    items = [find_item(vocabulary.own_name(name), vocabulary.items) for name in names]
    if not items or None in items or any(item in vocabulary.on_list for item in items):
        return None
    actions = tuple(Proposal("put_back", {"name": item}, CONFIDENCE) for item in items)
    return Reading("put_back", CONFIDENCE, (), actions)


def _names(text: str, own: Container[str]) -> list[str]:
    try:
        spaced = _THAI_AND.sub(r" \1 ", text)
        return [name for line in parse_lines(spaced, own) if (name := _ARTICLE.sub("", line.name))]
    except ActionError:  # too many for one request
        return []
