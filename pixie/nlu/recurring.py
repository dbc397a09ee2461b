"""Commands that pause, resume, skip or stop a recurring item: “skip the milk this week”, “stop the weekly eggs”."""

from pixie.nlu.frequencies import find_frequency
from pixie.nlu.outcome import Reading, call
from pixie.nlu.patterns import BLANKS, GAP, patterns
from pixie.nlu.vocabulary import Vocabulary, find_item

_THE = r"(?:(?:the|our|my) )?(?:(?:recurring|regular) )?"
_ONCE = r"(?:this|next|for (?:this|one)|(?:just )?once|one)(?: (?:week|month|time|day|once))?"
_FORMS = {
    "skip": patterns(
        rf"skip {_THE}(?P<what>.+?){BLANKS}{_ONCE}\s*[.!]*$",
        rf"(?:no|don'?t (?:buy|get|add)) {_THE}(?P<what>.+?){BLANKS}(?:this|for this) (?:week|month|time)\s*[.!]*$",
    ),
    "pause": patterns(rf"(?:pause|suspend|put on hold) {_THE}(?P<what>.+?){GAP}[.!]*$"),
    "resume": patterns(rf"(?:resume|unpause|continue(?: with)?|restart) {_THE}(?P<what>.+?){GAP}[.!]*$"),
    "stop": patterns(
        rf"(?:stop|cancel|end|no more) (?:(?:buying|getting|adding|ordering) )?{_THE}(?P<what>.+?){GAP}[.!]*$"
    ),
}


def read_recurring(command: str, vocabulary: Vocabulary) -> Reading | None:
    """Return the reading of a command about an item that the home's rules name; None for any other sentence."""
    for change, forms in _FORMS.items():
        for form in forms:
            if (match := form.match(command)) is None:
                continue
            frequency = find_frequency(match["what"])
            what = frequency.rest if frequency else match["what"]
            name = find_item(what, vocabulary.recurring)
            if name is None:
                continue
            payload = {"name": name, "change": change, "which": frequency.name if frequency else ""}
            return call("change_recurring", payload, 0.9)
    return None
