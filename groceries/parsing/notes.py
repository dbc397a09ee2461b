"""Separate what describes an item from its name: “to taste”, “ends trimmed”, “for Sunday”, “(the big one)”."""

import re

from groceries.parsing.categories import is_known_item
from groceries.parsing.quantities import is_amount
from pantry.money import CURRENCY, NUMBER

_PREPARED = (
    r"(?:(?:[a-z]{1,20}ly|well|very)[ -]+)?(?:chopped|diced|minced|sliced|grated|shredded|crushed|peeled|cracked|squeezed|torn|cubed|"
    r"halved|quartered|packed|beaten|melted|softened|sifted|toasted|rinsed|drained|trimmed|crumbled|mashed|julienned|divided|"
    r"cut|pitted|seeded|deseeded|cored|deveined|scrubbed|washed|thawed|chilled|cooked|snipped|picked|zested|warmed|separated|"
    r"removed|reserved|shelled|slivered|strained|steamed|roasted|boned|defrosted|cleaned|skinned|filleted|husked|"
    r"stemmed|hulled|blanched|marinated|butterflied|gutted|plucked|descaled)"
)
_PART = r"(?:(?:the )?(?:leaf|leaves|stalks?|stems?|tops?|florets|tender parts?|white parts?|green parts?)(?: only| included| attached)?)"
_QUALITY = (
    r"(?:organic|skinless|boneless|skin-on|bone-in|(?:un)?salted|(?:un)?sweetened|smoked|sugar-free|free[ -]range|decaf|frozen|fresh|"
    r"ripe|lean|raw|whole|plain|brown|white|red|green|yellow|black|dark|light|large|small|medium|big|warm|cold|dry|soft|hard|thick|thin|"
    r"(?:semi-|half-)?skimmed|low[ -]fat|full[ -]fat|fat[ -]free|gluten[ -]free|lactose[ -]free|unwaxed|optional|ground|canned|tinned|dried)"
)
_USE = (
    r"(?:(?:plus|and) )?(?:a little |a few |some |extra |more )*(?:for (?!\d)\S.*|to (?:taste|serve|garnish|finish)\b.*|as needed.*|"
    r"as required.*|if (?:needed|desired|possible|you like)\b.*|at room temperature.*|on the side)"
)
_USE_AT_END = re.compile(rf"(?<=\S) (?={_USE}$)", re.I)
_DESCRIPTION = re.compile(
    rf"(?:{_QUALITY}(?:(?: and|,)? {_QUALITY})*|{_PART}(?: and {_PART})*|{_USE}|(?:or|not|no) .+|each|"
    rf"(?P<part>(?:\w+ ){{0,2}}?){_PREPARED}(?: (?:into|in|and|or|off|on|to|for|with|until|if|lengthwise|crosswise)\b.*)?)",
    re.I,
)
_PREPARED_START = re.compile(rf"{_PREPARED}(?:(?:,| and|,? or) {_PREPARED})+ (?=\S)", re.I)
_ALL_PREPARED = re.compile(rf"{_PREPARED}(?:(?:,| and|,? or) {_PREPARED})*", re.I)
_PARENTHESES = re.compile(r"(?<! ) *+[(\[](?P<note>[^()\[\]]{1,150})[)\]]$")
_AMBIGUOUS = {"pound", "pounds", "b", "r", "k", "fr", "rs", "rm", "kr"}  # also units, or letters of names
_SIGN = "|".join(word for word in CURRENCY.split("|") if word not in _AMBIGUOUS)
_PRICE = re.compile(
    rf"(?<![\s,(])[\s,(]++(?P<price>(?:(?:(?:for|at|à) |@ ?|= ?)?(?:(?:{_SIGN}) ?{NUMBER}|{NUMBER}(?:[.,][-–])? ?(?:{_SIGN})(?!\w))"
    rf"|(?:(?:for|at) |@ ?){NUMBER})(?: ?(?:each|a piece|apiece|in total|total|per \w+|/ ?\w+))?)\)?$",
    re.I,
)


def is_description(text: str) -> bool:
    """Return whether the text describes an item and is none itself: “stalks peeled”, “brown”, “500 g each”."""
    if text.casefold().endswith(" each") and is_amount(text[:-5]):
        return True
    match = _DESCRIPTION.fullmatch(text)
    return match is not None and not (match["part"] and is_known_item(match["part"]))


def is_preparation(text: str) -> bool:
    return _ALL_PREPARED.fullmatch(text) is not None


def split_note(text: str) -> tuple[str, str]:
    """Return the text without what describes the item at its ends, and that."""
    notes = []
    for _attempt in range(4):
        if (match := _PRICE.search(text)) or (match := _USE_AT_END.search(text)):
            note = match.groupdict().get("price") or text[match.end() :]
        elif (match := _PARENTHESES.search(text)) and not is_amount(match["note"]):
            note = match["note"]
        else:
            break
        if not text[: match.start()].strip():
            break
        notes.append(note.strip())
        text = text[: match.start()].strip()
    if (match := _PREPARED_START.match(text)) and not is_amount(match[0]):
        notes.append(match[0].strip())
        text = text[match.end() :]
    return text, join_notes(*reversed(notes))


def join_notes(*notes: str) -> str:
    """Return the notes as one, without repetition."""
    parts: list[str] = []
    for note in notes:
        if note and note.casefold() not in ", ".join(parts).casefold().split(", "):
            parts.append(note)
    return ", ".join(parts)
