"""How sure a call of a language model is: decided by what the person said, never by the model.

What adds can be taken away again with one tap. What takes away, closes or speaks in somebody's name is done at once
only where the person asked for that, of that thing; else it becomes a question. A model that obeys a note in a recipe
gets no further than that.
"""

import re
from collections.abc import Sequence

from pixie.llm import Call
from pixie.nlu.outcome import Proposal
from pixie.tools import TOOLS

ASKED, GUESSED = 0.9, 0.5

# Tools that put something there, which anybody sees and can undo.
ADDS = {"add_item", "set_recurring"}
# Words by which people ask for the others.
WORDS: dict[str, str] = {
    "remove_item": r"\b(?:remove|delete|take|drop|cross|strike|scratch|off|don['’]?t need|no more|forget|without|cancel)\b"
    r"|ลบ|เอา.*ออก|ไม่เอา|ไม่ต้อง|ตัด",
    "change_item": r"\b(?:change|make|set|update|adjust|correct|raise|lower|increase|reduce|more|less|fewer|should be|instead)\b|แก้|เปลี่ยน|ปรับ",
    "mark_purchased": r"\b(?:got|bought|have|purchased|picked|paid|tick|mark|done|grabbed|found)\b|ซื้อ|ได้.*แล้ว|มีแล้ว",
    "remember": r"\b(?:remember|note|keep in mind|don['’]?t forget|likes?|loves?|hates?|prefers?|allergic)\b|จำ|ชอบ|แพ้",
    "post_message": r"\b(?:tell|say|post|write|send|message|announce|ask|let .* know)\b|บอก|ส่ง|โพสต์|แจ้ง",
    "schedule_message": r"\b(?:remind\w*|schedul\w*|notify|alert|don['’]?t let)\b|เตือน",
    "cancel_scheduled": r"\b(?:cancel|stop|remove|delete|drop|forget|no more|don['’]?t)\b|ยกเลิก|ลบ|ไม่ต้อง",
    "add_reaction": r"\b(?:react|thumbs?|heart|like|emoji)\b|กด",
    "undo": r"\b(?:undo|revert|take (?:it|that) back|put (?:it|that) back)\b|ย้อน|ยกเลิก",
}
THINGS = ("name", "title", "item", "task", "what", "text", "prompt")  # arguments that name what it is done to
LETTERS = re.compile(r"\w+")


def proposal(call: Call, said: str, understood: Sequence[Proposal]) -> Proposal:
    """The call, with the confidence that what the person `said` gives it. `understood`: what local understanding made
    of the same words."""
    arguments = call.arguments or {}
    return Proposal(call.name, arguments, ASKED if _is_asked(call.name, arguments, said, understood) else GUESSED)


def _is_asked(name: str, arguments: dict[str, object], said: str, understood: Sequence[Proposal]) -> bool:
    if TOOLS[name].scope == "read" or name in ADDS:
        return True
    if name not in WORDS:
        return any(one.type == name for one in understood)
    thing = next((str(arguments[key]) for key in THINGS if isinstance(arguments.get(key), str)), "")
    return bool(re.search(WORDS[name], said, re.IGNORECASE)) and (not thing or _is_named(thing, said))


def _is_named(thing: str, said: str) -> bool:
    """The longest word of the thing's name stands in what was said, also as one or as many of it."""
    words = sorted(LETTERS.findall(thing.casefold()), key=len, reverse=True)
    heard = said.casefold()
    return bool(words) and (words[0] in heard or (len(words[0]) > 3 and words[0].rstrip("s") in heard))
