"""Commands that pause, resume, skip or stop a recurring item: “skip the milk this week”, “stop the weekly eggs”."""

from pantry.patterns import BLANKS, GAP, pattern, patterns
from pantry.when.frequencies import find_frequency
from pixie.nlu.outcome import Reading, call
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
    "stop": patterns(rf"(?:stop|cancel|end) (?:(?:buying|getting|adding|ordering) )?{_THE}(?P<what>.+?){GAP}[.!]*$"),
}
# “Cancel the milk” may be about the list: without these words or how often it comes, a rule is not stopped.
_SAYS_RECURRING = pattern(r"\b(?:recurring|regular|buying|getting|adding|ordering)\b")


def read_recurring(command: str, vocabulary: Vocabulary) -> Reading | None:
    """Return the reading of a command about an item that the home's rules name; None for any other sentence."""
    for change, forms in _FORMS.items():
        for form in forms:
            if (match := form.match(command)) is None:
                continue
            frequency = find_frequency(match["what"])
            what = frequency.rest if frequency else match["what"]
            name = find_item(vocabulary.own_name(what), vocabulary.recurring)
            is_vague = change == "stop" and frequency is None and not _SAYS_RECURRING.search(command)
            if name is None or is_vague:
                continue
            payload = {"name": name, "change": change, "which": frequency.name if frequency else ""}
            return call("change_recurring", payload, 0.9)
    return None
