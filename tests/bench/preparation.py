"""The food in a line of a recipe, to compare with what a data set calls it."""

import re

from groceries.parsing.names import _LEADING, _TRAILING, tidy

_PARENTHESES = re.compile(r"\s*[(\[][^)\]]*(?:[)\]]|$)")
_PREPARED = (
    r"chopped|diced|minced|sliced|grated|shredded|crushed|peeled|ground|cracked|squeezed|torn|cubed|halved|quartered|"
    r"packed|beaten|melted|softened|sifted|toasted|rinsed|drained|trimmed|crumbled|mashed|julienned|divided|heaping|"
    r"cut|pitted|seeded|cored|deveined|scrubbed|washed|thawed|chilled|cooked|snipped|picked|zested|warmed|separated"
)
_PREPARATION = re.compile(
    rf"^(?:(?:of|the|about|approximately|roughly|generous|scant|level|heaped|heaping|good|your favou?rite|"
    rf"extra[ -]large|large|small|medium|jumbo|lg|md|sm|thin|thick|ripe)\s+)+"
    rf"|^(?:(?:freshly|finely|coarsely|roughly|thinly|thickly|lightly|firmly|loosely|well)[ -]+"
    rf"(?:{_PREPARED})(?:,| and| or)?\s+)+"
    rf"|^(?:chopped|minced|diced|shredded|grated|sliced|crushed|melted|packed|beaten|cooked|steamed|"
    rf"toasted(?! sesame oil)|crumbled|peeled|sifted|softened|torn|slivered|drained|picked|washed|snipped|"
    rf"hard-boiled|poached|strained|seeded|popped)(?:,| and| or)?\s+",
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
