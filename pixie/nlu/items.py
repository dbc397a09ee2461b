"""Items in a message: names, quantities and notes, matched to the home's items."""

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from groceries.parsing.categories import guess_category, known_item_names
from groceries.parsing.names import normalize, singular, tidy
from groceries.parsing.quantities import amount_words, parse_amount
from groceries.parsing.units import UNITS
from pixie.nlu.outcome import Entity
from pixie.nlu.patterns import pattern
from pixie.nlu.phrases import LIST, LIST_TAIL, NOT_SHOPPING, OTHER_LIST, VAGUE
from pixie.nlu.vocabulary import Vocabulary, find_item, looks_like_item

# Evidence that a name is an item, strongest first.
HOME, KNOWN, MEASURED, ROOM_KINDS, DOUBTFUL = 4, 3, 2, 1, 0


@dataclass(frozen=True, slots=True)
class Mention:
    """An item in a message: `typed` is its text, `name` the home's spelling."""

    name: str
    typed: str
    quantity: Decimal | None
    unit: str | None
    note: str | None
    evidence: int
    amount_text: tuple[str | None, str | None] = (None, None)  # the text of quantity and unit

    def payload(self) -> dict[str, Any]:
        payload: dict[str, Any] = {
            "name": self.name,
            "quantity": None if self.quantity is None else str(self.quantity),
            "unit": self.unit,
            "category": guess_category(self.name),
        }
        return {**payload, "note": self.note} if self.note else payload

    def entities(self) -> list[Entity]:
        sure = {HOME: 0.97, KNOWN: 0.95, MEASURED: 0.88, ROOM_KINDS: 0.75}.get(self.evidence, 0.5)
        norm = self.name if self.name != self.typed else None
        entities = [Entity("item", self.typed, sure, norm)]
        number, measure = self.amount_text
        if self.quantity is not None:
            entities.append(_normed("quantity", number, str(self.quantity)))
        if self.unit:
            entities.append(_normed("unit", measure, self.unit))
        return entities


def _normed(kind: str, amount_text: str | None, norm: str) -> Entity:
    return Entity(kind, amount_text or norm, 0.95, norm if amount_text and amount_text != norm else None)


_ADVERBS = (
    r"please|pls|plz|thanks|thank you|thx|ty|today|tonight|tomorrow|tmr|tmrw|asap|now|right now|too|also|as well|again|"
    r"for me|for us|this week|this weekend|soon|urgently|already|yesterday|just now|ok|okay|then|there|quickly|later|immediately|"
    r"on (?:the|your|my) way(?: home| back)?|when you(?:'re| are)? [\w ]{1,25}|if you can|if possible|anymore|any more|"
    r"from the [\w-]+|at the (?:store|shop|market|supermarket|mall)|from (?:lotus'?s?|tops|makro|big c|villa|7-?(?:eleven|11)|seven|"
    r"lazada|shopee|tesco|walmart)|on (?:lazada|shopee)|at (?:lotus'?s?|tops|makro|big c|villa|7-?(?:eleven|11))|in the morning|"
    r"this (?:morning|afternoon|evening|month)|last night|at home|in the (?:fridge|pantry|house|freezer)|krub|khrub|krab|khrap|kub|ka|kha|na|naa|ja|jaa|"
    r"for (?:tonight|today|tomorrow|later|now|dinner|lunch|breakfast)|(?:on|by|for) (?:mon|tues|wednes|thurs|fri|satur|sun)day|left|total|haha|lol|dear|guys|everyone|to buy"
)
_TAIL = pattern(rf"[\s,]+(?:{_ADVERBS})[.!?]*$")
_REASON = pattern(
    r"[\s,;(-]+(?:cause|because|cuz|coz|since|as (?:i|we|it|they)\b|so (?:that|i|we|can|could|will)\b|unless|if (?:it|they|there|i|we|"
    r"not|you)\b|before|until|instead of|i'?m (?:all )?out|we'?re (?:all )?out|when (?:i|we)\b|which\b|that (?:i|we)\b|"
    r"while\b|can you\b|could you\b|if (?:u|ur|someone|anyone)\b|(?:that )?(?:i|we|he|she|they|[a-z]+) (?:likes?|loves?|wants?|uses?|prefers?|always \w+|"
    r"usually \w+)$).*$"
)
_LEAD = pattern(
    r"^(?:some more|some|of (?:those|these|that|the|my)|any more|any|more of (?:that|the|those)|more|the|my|our|those|these|that|this|a few|a little|"
    r"a bit of|lots of|loads of|plenty of|enough|all the|all of the|both|also|and|plus|or|us|me|just|like|maybe|about|"
    r"something for \w+|get|buy|add|pick up|still|to buy|to get|have|it|down|in|on)\b[\s:]+(?=\S)"
)
_NOTE = pattern(r"\s*[(\[](?P<parens>[^)\]]{1,80})[)\]]?\s*$|\s+(?P<purpose>(?:for|with) (?!\d)\S.{0,60})$")
_QUALITIES = frozenset(
    "organic skinless boneless sliced unsalted salted sugar-free free-range decaf frozen fresh ripe lean raw whole plain".split()
)
_DESCRIBES = pattern(
    r"^(?:(?:the|a) (?:big|small|large|cheap|good|nice|usual|fancy|organic|new)\w* (?:bag|pack|bottle|box|jar|can|carton|tub|roll|kind|one|size|ones)s?"
    r"|(?:the )?(?:organic|cheap|big|small|usual|good) (?:one|ones|kind))$"
)
_COUNTED_THINGS = pattern(r"^(?:\w+ )?(?:the following |following |these )?(?:things|items|stuff)\s*:\s*(?=\S)")
_MAX_ITEM_CHARS = 120  # of a name with its quantity and note
_SEPARATOR = pattern(
    r"\s*(?:[,;\n•]|(?<!\w)[-–+&](?!\w)|\s(?:and|plus|as well as|n|also|with some|\+|&)\s|&|และ|กับ)\s*(?:and\s+|also\s+|some\s+)?"
)
_TOGETHER = pattern(
    r"\b(mac|fish|half|bread and butter|sweet|salt|cookies|black|ham|pork|peanut butter|rice|oil|bacon)"
    r"( and | n | & )(cheese|chips|half|pickles?|sour|vinegar|cream|white|beans)\b"
)
_STOP_WORDS = frozenset(
    "i we you he she they it is are was were am be been do does did have has had love like hate want need know think "
    "what who why how when where which that this there here not never so very too can could should would will shall may "
    "no not without because but or if than then my your his her our their me us him them to from about into by with without".split()
)
_PLAIN_WORDS = frozenset(
    "a an the of in for some more big small large little fresh frozen organic canned tinned dried ripe red green yellow white "
    "black brown free range whole low fat full skimmed semi unsalted salted plain thai new extra virgin raw sliced ground "
    "minced boneless skinless spicy sweet light dark diet zero sugar-free gluten lactose good cheap local baby mini hot cold "
    "jasmine instant decaf strong mixed vegan crunchy smooth soft hard greek".split()
)


_NEXT_AMOUNT = pattern(r"(?<=[^\W\d]{3})\s+(?=\d[\d.,/]*\s*[^\W\d]+\s+(?:of\s+)?[^\W\d]{3})")
# Placeholders for separators inside names.
_GUARDS = str.maketrans({" ": "\x01", ",": "\x02", "&": "\x03", ";": "\x04", "+": "\x05"})
_UNGUARDS = str.maketrans({"\x01": " ", "\x02": ",", "\x03": "&", "\x04": ";", "\x05": "+"})


def mentions(text: str, vocabulary: Vocabulary, *, listed: bool = False) -> list[Mention]:
    """Return the items in "2 kg rice, milk and eggs (free range)". `listed` matches items on the list first."""
    items: list[Mention] = []
    for segment in segments(text, vocabulary):
        if items and (_DESCRIBES.match(segment) or set(segment.casefold().split()) <= _QUALITIES):
            last = items.pop()
            items.append(replace(last, note=segment))
        elif (mention := _mention(segment, vocabulary, listed)) is not None:
            items.append(mention)
    return items


def segments(text: str, vocabulary: Vocabulary) -> list[str]:
    """Split at commas and "and", but not inside "mac and cheese" or the home's item names."""
    text = _COUNTED_THINGS.sub("", trim(text))
    guarded = re.sub(r"\([^)]*\)", lambda match: match[0].translate(_GUARDS), text)
    guarded = _TOGETHER.sub(lambda match: match[0].translate(_GUARDS), guarded)
    if (compound := _compound_names(vocabulary.items)) is not None:
        guarded = compound.sub(lambda match: match[0].translate(_GUARDS), guarded)
    guarded = re.sub(r"(\d) and (a half|1/2)", "\\1\x01and\x01\\2", guarded)
    pieces = [segment for cut in _SEPARATOR.split(guarded) if cut for segment in _split_at_amounts(cut)]
    return [segment.translate(_UNGUARDS).strip() for segment in pieces if segment.strip(" .!?")]


def _split_at_amounts(segment: str) -> list[str]:
    """Split before a second amount: "200 g prawns 1 bunch of basil" are two items."""
    return _NEXT_AMOUNT.split(segment) if segment[:1].isdigit() else [segment]


@lru_cache(maxsize=64)
def _compound_names(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return a pattern of the home's names that contain a separator."""
    cut = sorted((name for name in names if _SEPARATOR.search(name)), key=len, reverse=True)
    return pattern(rf"\b(?:{'|'.join(map(re.escape, cut))})\b") if cut else None


def trim(text: str) -> str:
    """Remove the list's name, reasons and politeness from the end."""
    text = _REASON.sub("", LIST_TAIL.sub("", _REASON.sub("", text)))
    text = text.strip(" .!?,;:")
    while (shorter := _TAIL.sub("", text)) != text:
        text = shorter.strip(" .!?,;:")
    return text


def names_other_list(text: str) -> bool:
    """Return whether another list is named ("my wish list")."""
    return any(OTHER_LIST.search(match["kind"]) for match in LIST.finditer(text))


def _mention(segment: str, vocabulary: Vocabulary, listed: bool) -> Mention | None:
    if len(segment) > _MAX_ITEM_CHARS:
        return None
    segment = _strip_emoji(segment)
    note = None
    if (match := _NOTE.search(segment)) is not None and match.start() > 0 and not _is_amount(match["parens"] or ""):
        note, segment = (match["parens"] or match["purpose"]).strip(), segment[: match.start()]
    name = _strip_lead(trim(segment))
    amount = parse_amount(name)
    name = _strip_lead(trim(amount.rest)) if amount.quantity is not None or amount.unit else name
    unit = amount.unit
    if not name and unit and unit in UNITS and UNITS[unit].dimension not in ("mass", "volume", "count"):
        name, unit = trim(segment).split()[-1], None  # in "add 2 cups" the unit is the item
    if not name or VAGUE.match(name):
        return None
    home_name = find_item(name, vocabulary.on_list, partly=listed) or find_item(name, vocabulary.items)
    amount_text = amount_words(segment, amount)
    return Mention(
        home_name or name, name, amount.quantity, unit, note, _evidence(name, home_name, amount.unit), amount_text
    )


def _is_amount(text: str) -> bool:
    return parse_amount(text).quantity is not None


def _strip_lead(name: str) -> str:
    while (shorter := _LEAD.sub("", name)) != name:
        name = shorter
    return name.strip()


def _strip_emoji(text: str) -> str:
    text_only = "".join(
        " " if unicodedata.category(char) in ("So", "Sk") or char in "\ufe0f" else char for char in text
    )
    return tidy(text_only).strip(" .!?*•~_#>")


def _evidence(name: str, home_name: str | None, unit: str | None) -> int:
    if home_name is not None:
        return HOME
    words = name.casefold().split()
    if len(words) > 6 or words[0] in _STOP_WORDS:
        return DOUBTFUL
    if looks_like_item(name) and not (len(words) > 3 and _STOP_WORDS & set(words)):
        return KNOWN
    if NOT_SHOPPING.search(name) or _STOP_WORDS & set(words) or len(words) > 4 or not re.search(r"[^\W\d]", name):
        return DOUBTFUL
    return (
        MEASURED
        if unit and unit in UNITS and unit not in ("piece", "set", "pair", "case", "bar", "drop")
        else ROOM_KINDS
    )


_THAI = pattern(r"[\u0e00-\u0e7f]")


def is_certain_alone(mention: Mention) -> bool:
    """Return whether the name without a verb can only be an item to buy."""
    if mention.evidence == HOME:
        return True
    key = normalize(mention.typed)
    if _THAI.search(key):
        return key in known_item_names()
    words = [singular(word) for word in key.split()]
    if mention.evidence != KNOWN or mention.note and mention.note.startswith("with "):
        return False
    # The words before the longest known phrase must be known too: "wash the rice" is not an item.
    start = next(
        (start for start in range(len(words)) if " ".join(words[start:]) in known_item_names()), len(words) - 1
    )
    known_last = start < len(words) - 1 or words[-1] in known_item_names() or looks_like_item(words[-1])
    return known_last and all(word in known_item_names() or word in _PLAIN_WORDS for word in words[:start])
