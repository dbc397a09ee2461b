"""Items in a message: names, quantities and notes, matched to the home's items."""

import re
import unicodedata
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache
from typing import Any

from groceries.parsing.categories import guess_category, is_known_item, known_item_names
from groceries.parsing.entries import Line, parse_line, split_items
from groceries.parsing.names import normalize, singular, tidy
from groceries.parsing.notes import is_description, join_notes
from groceries.parsing.quantities import Amount, amount_words, is_amount, parse_amount
from groceries.parsing.units import UNITS
from pixie.nlu.outcome import Entity
from pixie.nlu.patterns import ANY_BLANKS, BLANKS, pattern
from pixie.nlu.phrases import LIST, LIST_TAIL, NOT_SHOPPING, OTHER_LIST, VAGUE
from pixie.nlu.vocabulary import Vocabulary, find_item, looks_like_item

# Evidence that a name is an item, strongest first.
HOME, KNOWN, MEASURED, PLAUSIBLE, DOUBTFUL = 4, 3, 2, 1, 0


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
        quantity = None if self.quantity is None else str(self.quantity)
        payload = {"name": self.name, "quantity": quantity, "unit": self.unit, "category": guess_category(self.name)}
        return {**payload, "note": self.note} if self.note else payload

    def entities(self) -> list[Entity]:
        sure = {HOME: 0.97, KNOWN: 0.95, MEASURED: 0.88, PLAUSIBLE: 0.75}.get(self.evidence, 0.5)
        entities = [Entity("item", self.typed, sure, self.name if self.name != self.typed else None)]
        for kind, text, value in zip(("quantity", "unit"), self.amount_text, (self.quantity, self.unit), strict=True):
            if value is not None:
                norm = str(value)
                entities.append(Entity(kind, text or norm, 0.95, norm if text and text != norm else None))
        return entities


_ADVERBS = (
    r"please|pls|plz|thanks|thank you|thx|ty|today|tonight|tomorrow|tmr|tmrw|asap|now|right now|too|also|as well|again|"
    r"for me|for us|this week|this weekend|soon|urgently|already|yesterday|just now|ok|okay|then|there|quickly|later|immediately|"
    r"on (?:the|your|my) way(?: home| back)?|when you(?:'re| are)? [\w ]{1,25}|if you can|if possible|anymore|any more|"
    r"from the [\w-]{1,30}|at the (?:store|shop|market|supermarket|mall)|from (?:lotus'?s?|tops|makro|big c|villa|7-?(?:eleven|11)|seven|"
    r"lazada|shopee|tesco|walmart)|on (?:lazada|shopee)|at (?:lotus'?s?|tops|makro|big c|villa|7-?(?:eleven|11))|in the morning|"
    r"this (?:morning|afternoon|evening|month)|last night|at home|in the (?:fridge|pantry|house|freezer)|krub|khrub|krab|khrap|kub|ka|kha|na|naa|ja|jaa|"
    r"for (?:tonight|today|tomorrow|later|now|dinner|lunch|breakfast)|(?:on|by|for) (?:mon|tues|wednes|thurs|fri|satur|sun)day|left|total|haha|lol|dear|guys|everyone|to buy"
)
_TAIL = pattern(rf"(?<![\s,])[\s,]++(?:{_ADVERBS})[.!?]*$")
_MAX_TAIL_CHARS = 60
_REASON = pattern(
    r"(?<![\s,;(-])[\s,;(-]++(?:cause|because|cuz|coz|since|as (?:i|we|it|they)\b|so (?:that|i|we|can|could|will)\b|unless|if (?:it|they|there|i|we|"
    r"not|you)\b|before|until|instead of|i'?m (?:all )?out|we'?re (?:all )?out|when (?:i|we)\b|which\b|that (?:i|we)\b|"
    r"while\b|can you\b|could you\b|if (?:u|ur|someone|anyone)\b|(?:that )?(?:i|we|he|she|they|[a-z]+) (?:likes?|loves?|wants?|uses?|prefers?|always \w+|"
    r"usually \w+)$).*$"
)
_LEAD = pattern(
    r"^(?:(?:some more|some|of (?:those|these|that|the|my)|any more|any|more of (?:that|the|those)|more|the|my|our|those|these|that|this|"
    r"a few|a little|a bit of|lots of|loads of|plenty of|enough|all the|all of the|both|also|and|plus|or|us|me|just|like|maybe|about|"
    r"something for \w+|get|buy|add|pick up|still|to buy|to get|have|it|down|in|on)\b[\s:]+(?=\S))+"
)
_NOTE = pattern(
    rf"{ANY_BLANKS}[(\[](?P<parens>[^)\]]{{1,80}})[)\]]?\s*$|{BLANKS}(?P<purpose>(?:for|with) (?!\d)\S.{{0,60}})$"
)
_DESCRIBES = pattern(
    r"^(?:(?:the|a) (?:big|small|large|cheap|good|nice|usual|fancy|organic|new)\w* (?:bag|pack|bottle|box|jar|can|carton|tub|roll|kind|one|size|ones)s?"
    r"|(?:the )?(?:organic|cheap|big|small|usual|good) (?:one|ones|kind))$"
)
_COUNTED_THINGS = pattern(r"^(?:\w+ )?(?:the following |following |these )?(?:things|items|stuff)\s*:\s*(?=\S)")
_MAX_ITEM_CHARS = 120  # of a name with its quantity and note
_SIGN = r"(?:[,;•]|(?<!\w)[-–+&](?!\w)|&|และ|กับ)"
_SEPARATOR = pattern(
    rf"(?:(?<!\s)[^\S\n]*+\n|{ANY_BLANKS}{_SIGN}|{BLANKS}(?:and|plus|as well as|n|also|with some|\+|&)(?=\s))"
    r"\s*+(?:(?:and|also|some)\s++)?"
)
# Names and amounts that contain a separator.
_PARENTHESES = pattern(r"\([^()]*\)")
_TOGETHER = pattern(
    r"\b(mac|fish|half|bread and butter|sweet|salt|cookies|black|ham|pork|peanut butter|rice|oil|bacon)"
    r"( and | n | & )(cheese|chips|half|pickles?|sour|vinegar|cream|white|beans)\b",
    r"\d,\d",
)
_GUARDS = str.maketrans(" ,&;+", "\x01\x02\x03\x04\x05")
_UNGUARDS = str.maketrans("\x01\x02\x03\x04\x05", " ,&;+")
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


_NEXT_AMOUNT = pattern(r"(?<=[^\W\d]{3})(?<!\band)(?<!\bplus)\s+(?=\d[\d.,/]*\s*[^\W\d]+\s+(?:of\s+)?[^\W\d]{3})")


def mentions(text: str, vocabulary: Vocabulary, *, listed: bool = False) -> list[Mention]:
    """Return the items in "2 kg rice, milk and eggs (free range)". `listed` matches items on the list first."""
    items: list[Mention] = []
    for segment in segments(text, vocabulary):
        if items and (_DESCRIBES.match(segment) or is_description(segment)):
            items[-1] = replace(items[-1], note=join_notes(items[-1].note or "", segment))
        elif items and (is_amount(segment) or _NUMBERS.fullmatch(segment)):
            items[-1] = _with_amount(items[-1], segment, listed)
        elif (mention := _mention(segment, vocabulary, listed)) is not None:
            items.append(mention)
    return items


def _with_amount(item: Mention, text: str, listed: bool) -> Mention:
    """Return the item of “rice, one sack, 50 kg” with the amount, or with the second one as its note.

    A bare number makes it less certain. In “got the rice, 35” it is hardly the quantity.
    """
    amount = parse_amount(text)
    evidence = item.evidence if amount.unit else min(item.evidence, MEASURED)
    if item.quantity is not None or amount.quantity is None or not amount.unit and listed:
        return replace(item, note=join_notes(item.note or "", text), evidence=evidence)
    return replace(
        item, quantity=amount.quantity, unit=amount.unit, evidence=evidence, amount_text=amount_words(text, amount)
    )


def segments(text: str, vocabulary: Vocabulary) -> list[str]:
    """Split at commas and "and", but not inside "mac and cheese" or the home's item names."""
    text = _COUNTED_THINGS.sub("", trim(text))
    for whole in (_PARENTHESES, _TOGETHER, _compound_names(vocabulary.items)):
        text = whole.sub(lambda match: match[0].translate(_GUARDS), text)
    # In "200 g prawns 1 bunch of basil" a second amount begins another item.
    cuts = [
        cut
        for piece in split_items(text, _SEPARATOR)
        for cut in (_NEXT_AMOUNT.split(piece) if piece[:1].isdigit() else [piece])
    ]
    return [cut.translate(_UNGUARDS).strip() for cut in cuts if cut.strip(" .!?")]


@lru_cache(maxsize=64)
def _compound_names(names: tuple[str, ...]) -> re.Pattern[str]:
    compounds = sorted((name for name in names if _SEPARATOR.search(name)), key=len, reverse=True)
    return pattern(rf"\b(?:{'|'.join(map(re.escape, compounds)) or '(?!)'})\b")


def trim(text: str) -> str:
    """Remove the list's name, reasons and politeness from the end."""
    text = _REASON.sub("", LIST_TAIL.sub(_more, _REASON.sub("", text)))
    text = text.strip(" .!?,;:")
    while (tail := _TAIL.search(text, max(0, len(text) - _MAX_TAIL_CHARS))) is not None:
        text = text[: tail.start()].strip(" .!?,;:")
    return text


def _more(tail: re.Match[str]) -> str:
    """Return the items after the name of a list: “add milk to the list and eggs”."""
    first = re.split(r"[,;]", (tail["more"] or "").lstrip(" ,;:"), maxsplit=1)[0]
    return tail["more"] if re.match(r"(?:and|plus|also|as well as)\b", first) or is_known_item(first) else ""


def names_other_list(text: str) -> bool:
    """Return whether another list is named ("my wish list")."""
    return any(OTHER_LIST.search(match["kind"]) for match in LIST.finditer(text))


def _mention(segment: str, vocabulary: Vocabulary, listed: bool) -> Mention | None:
    if len(segment) > _MAX_ITEM_CHARS:
        return None
    segment = "".join(
        " " if char == "\ufe0f" or unicodedata.category(char) in ("So", "Sk") else char for char in segment
    )
    segment, note = tidy(segment).strip(" .!?*•~_#>"), None
    match = _NOTE.search(segment)
    if match is not None and match.start() > 0 and not is_amount(match["parens"] or ""):
        note, segment = (match["parens"] or match["purpose"]).strip(), segment[: match.start()]
    name = _LEAD.sub("", trim(segment)).strip()
    amount = parse_amount(name)
    line = parse_line(name, _keys(vocabulary.items)) if amount.rest else Line("", amount.quantity, amount.unit)
    unit, note = line.unit, join_notes(line.note, note or "") or None
    if line.name != name:
        name = _LEAD.sub("", trim(line.name)).strip()
    if not name and unit in UNITS and UNITS[unit].dimension not in ("mass", "volume", "count"):
        name, unit = trim(segment).split()[-1], None  # in "add 2 cups" the unit is the item
    if not name or VAGUE.match(name):
        return None
    home_name = find_item(name, vocabulary.on_list, partly=listed) or find_item(name, vocabulary.items)
    evidence = HOME if home_name else _evidence(name, line.unit)
    words = amount_words(segment, Amount(line.quantity, line.unit, ""))
    return Mention(home_name or name, name, line.quantity, unit, note, evidence, words)


@lru_cache(maxsize=64)
def _keys(names: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(normalize, names))


_TWO_AMOUNTS = pattern(r"^\d\S* (?:and|plus|[&+]) \d")  # “5 and 6 kg potatoes”
_NUMBERS = pattern(r"[\d\W]+(?:and[\d\W]+)?")
_VAGUE_UNITS = frozenset("piece set pair case bar drop".split())


def _evidence(name: str, unit: str | None) -> int:
    words = name.casefold().split()
    has_stop_word = not _STOP_WORDS.isdisjoint(words)
    if len(words) > 6 or words[0] in _STOP_WORDS or _TWO_AMOUNTS.match(name):
        return DOUBTFUL
    if looks_like_item(name) and not (len(words) > 3 and has_stop_word):
        return KNOWN
    if has_stop_word or len(words) > 4 or NOT_SHOPPING.search(name) or not re.search(r"[^\W\d]", name):
        return DOUBTFUL
    return MEASURED if unit in UNITS and unit not in _VAGUE_UNITS else PLAUSIBLE


def is_certain_alone(mention: Mention) -> bool:
    """Return whether the name without a verb can only be an item to buy."""
    if mention.evidence == HOME:
        return True
    names, key = known_item_names(), normalize(mention.typed)
    if re.search(r"[\u0e00-\u0e7f]", key):
        return key in names
    if mention.evidence != KNOWN or (mention.note or "").startswith("with "):
        return False
    # The words before the longest known phrase must be known too: "wash the rice" is not an item.
    words = [singular(word) for word in key.split()]
    last = len(words) - 1
    start = next((start for start in range(last) if " ".join(words[start:]) in names), last)
    if start == last and words[-1] not in names and not looks_like_item(words[-1]):
        return False
    return all(word in names or word in _PLAIN_WORDS for word in words[:start])
