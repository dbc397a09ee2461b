"""Confidence of a model's calls, rated by the member's own words, never by the model.

Calls that add something are made at once, because they can be undone with one tap. Calls that remove something or post
in a member's name need confirmation unless the message asks for them and names the item. This limits what a prompt
injection, such as a note in a recipe, can do.
"""

import re
from collections.abc import Sequence

from pixie.llm import ToolCall
from pixie.nlu.outcome import Proposal
from pixie.tools import TOOLS

REQUESTED, GUESSED = 0.9, 0.5

# Tools whose effect is visible and easy to undo.
SAFE_TOOLS = {"add_item", "set_recurring"}
# Words that ask for the other tools.
REQUEST_WORDS: dict[str, str] = {
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
TARGETS = ("name", "title", "item", "task", "what", "text", "prompt")  # arguments that name the target
WORD = re.compile(r"\w+")


def rate_call(call: ToolCall, text: str, understood: Sequence[Proposal]) -> Proposal:
    """Return the call with its confidence.

    `text` is the member's message, and `understood` are the calls that local understanding finds in it.
    """
    arguments = call.arguments or {}
    is_requested = _is_requested(call.name, arguments, text, understood)
    return Proposal(call.name, arguments, REQUESTED if is_requested else GUESSED)


def _is_requested(name: str, arguments: dict[str, object], text: str, understood: Sequence[Proposal]) -> bool:
    if TOOLS[name].scope == "read" or name in SAFE_TOOLS:
        return True
    if name not in REQUEST_WORDS:
        return any(proposal.type == name for proposal in understood)
    target = next((str(arguments[key]) for key in TARGETS if isinstance(arguments.get(key), str)), "")
    return bool(re.search(REQUEST_WORDS[name], text, re.IGNORECASE)) and (not target or _is_named(target, text))


def _is_named(target: str, text: str) -> bool:
    """Return whether the text has the longest word of the target's name, in singular or plural."""
    words = sorted(WORD.findall(target.casefold()), key=len, reverse=True)
    folded = text.casefold()
    return bool(words) and (words[0] in folded or (len(words[0]) > 3 and words[0].rstrip("s") in folded))
