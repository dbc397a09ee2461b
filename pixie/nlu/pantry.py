"""Requests about what is at home, which say “pantry” or ask what to use soon."""

import re
from collections.abc import Container
from dataclasses import replace

from groceries.parsing.entries import parse_lines
from groceries.parsing.names import normalize
from pantry.patterns import first_match, patterns
from pixie.nlu.outcome import DOUBTFUL, Proposal, Reading, call
from pixie.nlu.vocabulary import Vocabulary

CONFIDENCE = 0.9
_PANTRY = r"(?:the |our |my )?pantry"
_END = r"(?: (?:please|now|again))*[?.! ]*$"
_LIST = patterns(
    rf"(?:what(?:'?s| is| do we have)|show(?: me| us)?|list|look)(?: (?:still|left|all|what is|everything))*(?: (?:in|into))? {_PANTRY}{_END}",
    rf"was (?:ist|haben wir)(?: (?:noch|alles))? (?:im|in der) (?:vorrat|vorratskammer|speisekammer){_END}",
    rf"¿?qué (?:hay|tenemos|queda) en (?:la despensa|nuestra despensa){_END}",
    r"(?:มี|เหลือ)อะไร(?:ใน|อยู่ใน)(?:ตู้กับข้าว|ห้องเก็บอาหาร|ตู้เก็บอาหาร)(?:บ้าง)?(?:ครับ|ค่ะ|คะ)?[? ]*$",
)
_SOON = patterns(
    rf"what (?:should|must|do) we (?:have to |need to )?(?:use|eat|finish)(?: up)? (?:soon|first){_END}",
    rf"(?:what(?:'?s| is)|is anything|does anything|what) (?:going to )?(?:expire|expires|expired|expiring)(?: soon)?{_END}",
    rf"was läuft (?:bald )?ab{_END}",
    rf"¿?qué (?:caduca|vence) (?:pronto|primero){_END}",
    r"(?:มี)?อะไรใกล้(?:จะ)?หมดอายุ(?:บ้าง)?(?:ครับ|ค่ะ|คะ)?[? ]*$",
)
_ADD = patterns(rf"(?:put|add|store) (?P<thing>.{{1,100}}?) (?:in|into|to) {_PANTRY}{_END}")
_USE = patterns(
    rf"(?:use|take|remove|(?:we|i)(?:'ve| have)? (?:used|took|take|eaten|ate)) (?P<thing>.{{1,100}}?) (?:from|out of) {_PANTRY}{_END}"
)
_ALL = re.compile(r"\A(?:all|the rest|the last)(?: of)?(?: (?:the|our|my))? ", re.IGNORECASE)
_SOME = re.compile(r"\A(?:some(?: of(?: (?:the|our|my))?)?|the|our|my) ", re.IGNORECASE)


def read_pantry(sentence: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a request about the pantry. “We need milk” is none."""
    if first_match(_LIST, sentence):
        return replace(call("list_pantry", {}, CONFIDENCE), intent="list_items")
    if first_match(_SOON, sentence):
        return replace(call("list_pantry", {"use_soon": True}, CONFIDENCE), intent="list_items")
    for tool, forms in (("add_to_pantry", _ADD), ("use_from_pantry", _USE)):
        if (match := first_match(forms, sentence)) is not None and (
            actions := _read_things(tool, match["thing"], {*map(normalize, vocabulary.items), *vocabulary.aliases})
        ):
            return Reading(tool, min(action.confidence for action in actions), (), actions)
    return None


def _read_things(tool: str, text: str, names: Container[str]) -> tuple[Proposal, ...]:
    """Read each thing. Whether all of something is used up is asked, unless the person says “all”."""
    actions = []
    for line in parse_lines(text, names):
        is_all, name = bool(_ALL.match(line.name)), _SOME.sub("", _ALL.sub("", line.name))
        amount = {"quantity": f"{line.quantity:f}" if line.quantity else None, "unit": line.unit}
        payload = {"name": name, **{key: value for key, value in amount.items() if value}}
        is_sure = tool == "add_to_pantry" or is_all or line.quantity is not None
        if name:
            actions.append(Proposal(tool, payload, CONFIDENCE if is_sure else DOUBTFUL))
    return tuple(actions)
