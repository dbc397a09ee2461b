"""Requests about what is at home, which say “pantry” or ask what to use soon."""

from dataclasses import replace
from typing import Any

from groceries.parsing.entries import parse_line
from pantry.patterns import first_match, patterns
from pixie.nlu.outcome import Reading, call

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
    rf"was (?:läuft|geht) (?:bald )?ab{_END}",
    rf"¿?qué (?:caduca|vence) (?:pronto|primero){_END}",
    r"(?:มี)?อะไรใกล้(?:จะ)?หมดอายุ(?:บ้าง)?(?:ครับ|ค่ะ|คะ)?[? ]*$",
)
_ADD = patterns(rf"(?:put|add|store) (?P<thing>[^,]{{1,100}}?) (?:in|into|to) {_PANTRY}{_END}")
_USE = patterns(
    rf"(?:use|take|remove|(?:we|i)(?:'ve| have)? (?:used|took|take|eaten|ate)) (?P<thing>[^,]{{1,100}}?) (?:from|out of) {_PANTRY}{_END}"
)


def read_pantry(sentence: str) -> Reading | None:
    """Read a request about the pantry. “We need milk” is none."""
    if first_match(_LIST, sentence):
        return replace(call("list_pantry", {}, CONFIDENCE), intent="list_items")
    if first_match(_SOON, sentence):
        return replace(call("list_pantry", {"use_soon": True}, CONFIDENCE), intent="list_items")
    for tool, forms in (("add_to_pantry", _ADD), ("use_from_pantry", _USE)):
        if (match := first_match(forms, sentence)) is not None and (payload := _read_thing(match["thing"])):
            return call(tool, payload, CONFIDENCE)
    return None


def _read_thing(text: str) -> dict[str, Any]:
    line = parse_line(text.removeprefix("the ").removeprefix("all the "))
    amount = {"quantity": line.quantity and f"{line.quantity:f}", "unit": line.unit}
    return {"name": line.name, **{name: value for name, value in amount.items() if value}} if line.name else {}
