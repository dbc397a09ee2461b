"""Detection of false claims: a model's sentence such as “I added milk” must be supported by a tool's result in this run.

Works on the words of each sentence, in English and Thai.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pixie.runs.outcomes import Doubt, Outcome
from pixie.tools import TOOLS, Result

ADD, BUY, REMOVE, REPEAT, PLAN, KEEP, TELL, ANY = "add", "buy", "remove", "repeat", "plan", "keep", "tell", "any"

# The past tense of each kind of act.
ACTS: dict[str, str] = {
    ADD: r"added|put|noted down|placed|included|listed|written down",
    BUY: r"bought|purchased|ticked(?: off)?|checked off|crossed off|marked",
    REMOVE: r"removed|deleted|taken off|took|dropped|cleared|emptied|cancelled|canceled",
    REPEAT: r"scheduled|set up|made it recurring",
    PLAN: r"created|booked|assigned|planned",
    KEEP: r"remembered|saved|noted|recorded|memori[sz]ed",
    TELL: r"posted|sent|told|messaged|notified|reacted",
    ANY: r"done|updated|changed|completed|finished|undone|taken care of|sorted|arranged|fixed|adjusted",
}
# The tools whose results support a claim of that kind; any other kind needs some change.
SUPPORTING_TOOLS: dict[str, set[str]] = {
    ADD: {"add_item", "set_recurring"},
    BUY: {"mark_purchased"},
    REMOVE: {"remove_item", "undo", "mark_purchased", "cancel_scheduled"},
    REPEAT: {"set_recurring", "schedule_message"},
    PLAN: {"set_recurring", "add_item", "schedule_message"},
    KEEP: {"remember", "add_item", "set_recurring", "schedule_message"},
    TELL: {"post_message", "add_reaction"},
}
CHANGING_TOOLS = {name for name, tool in TOOLS.items() if tool.scope != "read"}
VERBS = "|".join(ACTS.values())
ADVERBS = r"(?:(?:just|already|now|also|all|both|safely|successfully|gone ahead and|went ahead and)\s++){0,4}"
NOT_PASSIVE = r"(?!\s+by\b)"
CLAIMS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # “I've added …”, “I just took …”
        rf"\b(?:I|we)(?:['’]ve| have|['’]d| had)?\s++{ADVERBS}(?P<verb>{VERBS})\b",
        # “… is added”, “… have been removed”, “… got ticked off”
        rf"\b(?:is|are|was|were|been|being|gets?|got|['’]s|['’]re)\s++{ADVERBS}(?P<verb>{VERBS})\b{NOT_PASSIVE}",
        # “Added …”, “Done.”, “Okay, removed …”, “✓ added”
        rf"(?>^|(?<=\w)\W*?[,;:–—-]\s)\W*+(?:(?:ok(?:ay)?|sure|great|alright|right|yes|perfect|consider it)\W++){{0,3}}"
        rf"{ADVERBS}(?P<verb>{VERBS})\b{NOT_PASSIVE}",
        # “I looked and removed …”
        rf"\b(?:and|then)\s++{ADVERBS}(?P<verb>{VERBS})\b{NOT_PASSIVE}",
        # “milk added”, “eggs, removed”
        r"\b(?P<verb>added|removed|deleted|bought|purchased|done|saved|scheduled)\s*(?=[.,;!✓✅)]|$)",
    )
]
STATE_CLAIMS = {
    ADD: r"\b(?:now on|on) (?:the|your|our|its) (?:\w+ )?list(?: now)?\b(?=.{0,80}\bnow\b)|\bnow on (?:the|your|our)\b",
    REMOVE: r"\b(?:is|are|now|['’]s) (?:now )?off (?:the|your|our) (?:\w+ )?list\b",
    BUY: r"\b(?:is|are|now|['’]s) (?:now )?in (?:the|your) basket\b",
    ANY: r"\b(?:all set|you(?:['’]re| are) all set|that['’]s taken care of|it['’]s taken care of)\b|[✅☑✔]",
}
THAI_ACTS: dict[str, str] = {
    ADD: r"(?:เพิ่ม|ใส่|จด|ลง)(?!.{0,40}(?:ไหม|มั้ย|หรือ))",
    BUY: r"(?:ซื้อ|ติ๊ก|เช็ก)",
    REMOVE: r"(?:ลบ|เอา.{0,30}ออก|นำ.{0,30}ออก|ตัด|ยกเลิก)",
    REPEAT: r"(?:ตั้ง|กำหนด)",
    PLAN: r"(?:สร้าง|จอง|มอบหมาย)",
    KEEP: r"(?:จำ|บันทึก)",
    TELL: r"(?:ส่ง|บอก|แจ้ง|โพสต์)",
    ANY: r"(?:เสร็จ|เรียบร้อย|ทำ|จัดการ|แก้|เปลี่ยน|อัปเดต)",
}
THAI_ALREADY = "แล้ว"
THAI_WORDS = [THAI_ALREADY, "เรียบร้อย", "เสร็จ"]
# Conditions, offers and other people's acts, which are no claims.
NOT_A_CLAIM = re.compile(
    r"\b(?:if|once|when|whenever|after|before|until|unless|should|shall|could|would|can|will|"
    r"let me|want(?:s|ed)? me to|like me to|going to|i['’]ll|to be|need(?:s)? to|you(?:['’]ve| have)?|"
    r"they|he|she|who|somebody|someone|nobody)\s+(?:\w+\s+){0,3}?$",
    re.IGNORECASE,
)
NEGATED = re.compile(
    r"(?:\bnot|n['’]t|\bnever|\bnothing(?: (?:is|was|has been|got))?|\bnone of (?:it|them)(?: (?:is|was|were))?|\bwithout|\bno longer)"
    r"\s*(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
THAI_NEGATED = re.compile(r"(?:ยังไม่|ไม่ได้|ไม่มี|ไม่)\s*\S{0,12}$")
THAI_QUESTION = re.compile(r"(?:ไหม|มั้ย|หรือยัง|หรือเปล่า|หรือไม่)\W*$")
CLAIM_WORDS = re.compile(
    rf"\b(?:{VERBS}|off|basket|now|all set|taken care)\b|[✅☑✔]|{'|'.join(THAI_WORDS)}", re.IGNORECASE
)
MAX_CONTEXT_CHARS = 200  # before a claim, which can make it none
SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*(?=\s)|\n+")
LAST_WORD = re.compile(r"(?<!\S)\S*+\n?\Z")
THAI_LETTER = re.compile("[\u0e00-\u0e7f]")


@dataclass(frozen=True)
class ClaimCheck:
    """`safe_text` may be shown. `false_claim` is the first sentence without support."""

    safe_text: str
    false_claim: str = ""


def split_sentences(text: str) -> list[str]:
    """Split into sentences; joined, they are the text again."""
    ends = [match.end() for match in SENTENCE_END.finditer(text)]
    starts = [0, *ends]
    return [piece for start, end in zip(starts, [*ends, len(text)], strict=True) if (piece := text[start:end])]


def claimed_acts(sentence: str) -> set[str]:
    """Return the kinds of acts that the sentence claims."""
    if sentence.rstrip(" \n\"'”’)").endswith("?") or THAI_QUESTION.search(sentence):
        return set()
    acts = {
        kind
        for kind, start in _find_claims(sentence)
        if not _is_no_claim(sentence[max(0, start - MAX_CONTEXT_CHARS) : start])
    }
    for kind, words in THAI_ACTS.items():
        match = re.search(rf"{words}.{{0,60}}?{THAI_ALREADY}", sentence)
        if match and not THAI_NEGATED.search(sentence[: match.start()]):
            acts.add(kind)
    return acts


def _find_claims(sentence: str) -> Iterable[tuple[str, int]]:
    for pattern in CLAIMS:
        for match in pattern.finditer(sentence):
            verb = match["verb"].lower()
            kind = next(kind for kind, words in ACTS.items() if re.fullmatch(words, verb, re.IGNORECASE))
            yield kind, match.start()
    for kind, state in STATE_CLAIMS.items():
        for match in re.finditer(state, sentence, re.IGNORECASE):
            yield kind, match.start()


def _is_no_claim(before: str) -> bool:
    clause = re.split(r"[,;:–—]\s", before)[-1]
    return bool(NEGATED.search(before + " ") or NOT_A_CLAIM.search(clause + " "))


def is_supported(sentence: str, outcomes: Sequence[Outcome]) -> bool:
    """Return whether this run has done every act that the sentence claims, to no item that awaits confirmation."""
    acts = claimed_acts(sentence)
    if not acts:
        return True
    results = [outcome for outcome in outcomes if isinstance(outcome, Result) and outcome.tool in CHANGING_TOOLS]
    tools = {outcome.tool for outcome in results}
    if not all(tools & SUPPORTING_TOOLS[kind] if kind in SUPPORTING_TOOLS else tools for kind in acts):
        return False
    folded, names = sentence.casefold(), {line.name.casefold() for outcome in results for line in outcome.lines}
    waiting = (name for name in _waiting_names(outcomes) if not any(name in done or done in name for done in names))
    return not any(name in folded for name in waiting)


def _waiting_names(outcomes: Sequence[Outcome]) -> set[str]:
    return {
        name
        for outcome in outcomes
        if isinstance(outcome, Doubt) and (name := str(outcome.proposal.payload.get("name", "")).casefold())
    }


def check_claims(text: str, outcomes: Sequence[Outcome], *, is_complete: bool = False) -> ClaimCheck:
    """Check each sentence of `text`.

    Unless the text `is_complete`, its last sentence may still become a claim: words that could begin one are held back.
    """
    safe_text = ""
    pieces = split_sentences(text)
    for index, sentence in enumerate(pieces):
        if is_complete or index < len(pieces) - 1:
            if not is_supported(sentence, outcomes):
                return ClaimCheck(safe_text, sentence.strip())
            safe_text += sentence
        else:
            safe_text += _safe_part(sentence, outcomes)
    return ClaimCheck(safe_text)


def _safe_part(sentence: str, outcomes: Sequence[Outcome]) -> str:
    """Return the part of an unfinished sentence before the first word that could make it a claim.

    If that claim would be true, return all but the word that is being written.
    """
    part = _without_partial_word(sentence) if THAI_LETTER.search(sentence) else LAST_WORD.sub("", sentence)
    match = CLAIM_WORDS.search(part)
    if match is None or (claimed_acts(part) and is_supported(part, outcomes)):
        return part
    return part[: match.start()]


def _without_partial_word(text: str) -> str:
    """Hold back what could begin a word of a claim: Thai has no spaces between words."""
    for length in range(min(len(text), 10), 0, -1):
        tail = text[-length:]
        if any(word.startswith(tail) and word != tail for word in THAI_WORDS):
            return text[:-length]
    return text
