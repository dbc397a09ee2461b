"""Facts in messages: decisions, preferences and facts about the home."""

import re
from collections.abc import Sequence
from typing import Literal

from pantry.patterns import pattern
from pixie.nlu.clauses import sentences
from pixie.nlu.phrases import QUESTION

Kind = Literal["decision", "conversation"]

MAX_WORDS = 40  # longer sentences are probably stories

_DECISION = pattern(
    r"^(?:ok(?:ay)?|so|right|then|well|yes|and|guys|all)?[,\s]*(?:"
    r"let'?s (?:always|never|all|only|keep|stick|agree|not|from now on|just (?:always|stick|keep))\b|"
    r"from now on\b|going forward\b|house rule\b|new rule\b|(?:our|the) (?:rule|decision|plan) is\b|(?:decision|agreed|decided):|"
    r"(?:we|we've|we have|everyone|everybody)(?: all)?(?: just| now| finally| have| already)* "
    r"(?:decided|agreed|settled|voted|chose|picked|went with|are going with|will always|will never|'ll always|'ll never)\b|"
    r"(?:it's|it is|that's|that is) (?:decided|agreed|settled)\b|we(?:'re| are) going with\b|we(?:'ll| will) (?:always|never|only)\b)"
)
_LIKING = (
    r"(?:really |absolutely |still |actually |always |also |just |only |totally |definitely )*"
    r"(?:likes?|loves?|hates?|prefers?|adores?|(?:can'?t|cannot) (?:stand|eat|have|drink)|never (?:eats|drinks|uses)|only (?:eats?|drinks?|uses?)|"
    r"(?:doesn'?t|don'?t|does not|do not|never|won'?t) (?:like|eat|drink|want|use|touch)s?|"
    r"(?:is|am|are|'m|'s) (?:allergic|vegetarian|vegan|intolerant))\b"
)
_ME = rf"^(?:i|i'm|we)\s*{_LIKING}|^i'?m (?:a )?(?:allergic|vegetarian|vegan|intolerant|lactose)"
_MINE = (
    r"(?:[\w-]+ ){0,3}?(?:allergy|allergies|favou?rites?|birthday|shoe size|size|diet|usual|blood type|anniversary|doctor|"
    r"dentist|school|number|address)\b.{0,60}?\b(?:is|are|was|=)\b"
)
_THING = (
    r"^(?:the|our) (?:[\w-]+ ){0,2}?(?:wi-?fi|password|code|pin|plumber|electrician|landlord|landlady|cleaner|doctor|dentist|vet|"
    r"rent|deposit|lease|meter|bins?|rubbish|trash|recycling|spare keys?|keys?|alarm|gate|door|boiler|fuse box|parking|school|"
    r"gas|water bill|electricity bill|internet|babysitter|neighbou?r|gardener|mechanic)\b.{0,40}?\b"
    r"(?:is|are|goes out|go out|comes?|was|costs?|closes?|opens?|lives?|=)\b"
)
_PASSING = pattern(
    r"\b(?:today|tonight|right now|at the moment|this (?:morning|evening|afternoon)|yesterday|currently|just now|lol|haha)\b",
    r"\b(?:is|are) (?:here|there|empty|broken|open|late|ready|gone|out|ringing|back|full|done|cold|hot|great|nice|amazing|so)\b",
)
_WISH = pattern(r"\b(?:i'?d|we'?d|would) (?:like|love|prefer)\b|^i (?:like|love) (?:it|that|this|you|your|the idea)\b")


def read_facts(text: str, members: Sequence[str] = ()) -> tuple[Kind, str] | None:
    """Return the kind and text of the first sentence with a fact, or None. Ignores questions, wishes and what is only
    temporary."""
    for sentence in sentences(text):
        line = " ".join(sentence.split())
        is_readable = 3 <= len(line.split()) <= MAX_WORDS and not line.endswith("?")
        if is_readable and (kind := _kind(line, members)) is not None:
            return kind, line
    return None


def _kind(text: str, members: Sequence[str]) -> Kind | None:
    if (decision := _DECISION.match(text)) is not None:
        return "decision" if len(text[decision.end() :].split()) >= 2 else None
    if QUESTION.match(text) or _WISH.search(text) or _PASSING.search(text):
        return None
    names = "|".join(re.escape(name) for name in members if name) or r"(?!)"
    personal = rf"^(?:(?:{names})(?: and (?:{names}))*\s*{_LIKING}|(?:my|our|(?:{names})(?:'s|’s)) {_MINE})"
    return "conversation" if any(re.match(form, text, re.I) for form in (personal, _ME, _THING)) else None
