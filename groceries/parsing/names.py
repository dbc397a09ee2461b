"""Normalize the names of items."""

import re
import unicodedata

_ENDING_IN_S = frozenset(
    "hummus asparagus molasses swiss couscous citrus cactus octopus hibiscus eucalyptus lotus gas glass grass "
    "watercress cress brussels haggis schnapps bass mass plus bus ibis chess chorus anis cassis jus lens bitters "
    "tres dos les las los vitamins series species pancreas christmas texas kansas pampers always kleenex "
    "cheerios doritos pringles cheetos oreos fritos lays us this his its is was as has yes".split()
)
_IRREGULAR = {
    "loaves": "loaf", "leaves": "leaf", "knives": "knife", "halves": "half", "calves": "calf", "shelves": "shelf",
    "wolves": "wolf", "lives": "life", "children": "child", "feet": "foot", "geese": "goose", "mice": "mouse",
    "teeth": "tooth", "radishes": "radish", "cookies": "cookie", "brownies": "brownie", "smoothies": "smoothie",
    "pies": "pie", "veggies": "veggie", "zombies": "zombie", "ties": "tie", "wieners": "wiener", "shoes": "shoe",
    "avocadoes": "avocado", "chilies": "chili", "chillies": "chilli", "chilis": "chili", "selfies": "selfie",
    "caches": "cache", "fries": "fries", "quiches": "quiche", "brioches": "brioche", "axes": "axe", "toes": "toe", "oboes": "oboe",
}  # fmt: skip
_SPACES = re.compile(r"\s+")
_TRAILING = " \t.,;:!?…·-–—*'\"`~)]}>/\\|"
_LEADING = " \t.,;:!?…·-–—*•'\"`~([{<>/\\|"


def tidy(text: str, limit: int = 1000) -> str:
    """Return the first `limit` characters of `text` on one line, without control, format or surrogate characters."""
    chars = []
    for char in text[:limit]:
        kind = unicodedata.category(char)
        if kind in ("Cs", "Cn", "Co"):
            continue
        if kind in ("Cc", "Zl", "Zp", "Zs"):
            chars.append(" ")
        elif kind != "Cf":
            chars.append(char)
    return _SPACES.sub(" ", "".join(chars)).strip()


def singular(word: str) -> str:
    """Return the singular of a lower-case English word, or the word itself if in doubt."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) < 4 or word in _ENDING_IN_S or not word.isascii() or not word.endswith("s"):
        return word
    if word.endswith(("ss", "us", "is", "'s")):
        return word
    if word.endswith("ies"):
        return word[:-3] + "y" if len(word) > 4 else word[:-1]
    if word.endswith(("oes", "shes", "ches", "xes", "sses", "zzes")):
        return word[:-2]
    return word[:-1]


def normalize(name: str) -> str:
    """Return the key by which item names are compared: the same for "Eggs ", "egg" and "ＥＧＧ". May be empty."""
    folded = unicodedata.normalize("NFKC", tidy(name)).casefold().replace("’", "'")
    folded = _SPACES.sub(" ", folded).lstrip(_LEADING).rstrip(_TRAILING)
    head, space, last = folded.rpartition(" ")
    return head + space + singular(last)


_PARENTHESES = re.compile(r"\s*[(\[][^)\]]*(?:[)\]]|$)")
_PREPARED = (
    r"chopped|diced|minced|sliced|grated|shredded|crushed|peeled|ground|cracked|squeezed|torn|cubed|halved|quartered|"
    r"packed|beaten|melted|softened|sifted|toasted|rinsed|drained|trimmed|crumbled|mashed|julienned|divided|heaping|"
    r"cut|pitted|seeded|cored|deveined|scrubbed|washed|thawed|chilled|cooked|snipped|picked|zested|warmed|separated"
)
_PREPARATION = re.compile(
    rf"^(?:(?:of|the|about|approximately|roughly|generous|scant|level|heaped|heaping|good|your favou?rite|extra[ -]large|large|small|medium|"
    rf"jumbo|lg|md|sm|thin|thick|ripe)\s+)+"
    rf"|^(?:(?:freshly|finely|coarsely|roughly|thinly|thickly|lightly|firmly|loosely|well)[ -]+"
    rf"(?:{_PREPARED})(?:,| and| or)?\s+)+"
    rf"|^(?:chopped|minced|diced|shredded|grated|sliced|crushed|melted|packed|beaten|cooked|steamed|toasted(?! sesame oil)|crumbled|peeled|sifted|"
    rf"softened|torn|slivered|drained|picked|washed|snipped|hard-boiled|poached|strained|seeded|popped)(?:,| and| or)?\s+",
    re.I,
)
_USE = re.compile(
    r"\s+(?:(?:plus|for|to)\s+(?:more|garnish\w*|serving|serve|taste|frying|dusting|greasing|brushing|drizzling|"
    rf"sprinkling|the|decorat\w+|cooking|coating)\b.*|as needed.*|if (?:needed|desired).*|at room temperature.*|"
    rf"(?:(?:very|freshly|finely|coarsely|roughly|thinly)\s+)?(?:{_PREPARED})(?:\s+(?:into|in|and|lengthwise)\b.*)?)$",
    re.I,
)


_ONLY_PREPARED = re.compile(
    rf"(?:[a-z]+ly |about )?(?:{_PREPARED}|skin-on|bone-in|dry|boneless|skinless|warm|cold)", re.I
)


def strip_preparation(text: str) -> str:
    """Return the food in a line of a recipe, without its amount: "grated parmesan, for serving" is parmesan."""
    food = _PARENTHESES.sub("", tidy(text))
    # In "peeled, chopped apple" the first piece is only a preparation.
    pieces = [piece for piece in food.split(", ") if not _ONLY_PREPARED.fullmatch(piece)]
    food = (pieces[0] if pieces else food).split(" - ")[0].strip(_LEADING)
    previous = None
    while food != previous:
        previous, food = food, _USE.sub("", _PREPARATION.sub("", food)).strip()
    return food.rstrip(_TRAILING)
