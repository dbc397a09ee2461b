"""“Done” is said from what tools did. A sentence that claims an act waits until a result of this run bears it out.

Only what a sentence says is looked at, never what the model says of itself. English and Thai.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pixie.runs.outcomes import Doubt, Outcome
from pixie.tools import TOOLS, Result

ADD, BUY, REMOVE, REPEAT, PLAN, KEEP, TELL, ANY = "add", "buy", "remove", "repeat", "plan", "keep", "tell", "any"

# What each kind of claim sounds like: the words of the act in the past, and what bears it out.
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
BORNE_OUT: dict[str, set[str]] = {
    ADD: {"add_item", "set_recurring"},
    BUY: {"mark_purchased"},
    REMOVE: {"remove_item", "undo", "mark_purchased", "cancel_scheduled"},
    REPEAT: {"set_recurring", "schedule_message"},
    PLAN: {"set_recurring", "add_item", "schedule_message"},
    KEEP: {"remember", "add_item", "set_recurring", "schedule_message"},
    TELL: {"post_message", "add_reaction"},
}
VERBS = "|".join(ACTS.values())
ADVERBS = r"(?:(?:just|already|now|also|all|both|safely|successfully|gone ahead and|went ahead and)\s+)*"
CLAIMS = [
    # “I've added …”, “I just took …”
    re.compile(rf"\b(?:I|we)(?:['’]ve| have|['’]d| had)?\s+{ADVERBS}(?P<verb>{VERBS})\b", re.IGNORECASE),
    # “… is added”, “… have been removed”, “… got ticked off”
    re.compile(
        rf"\b(?:is|are|was|were|been|being|gets?|got|['’]s|['’]re)\s+{ADVERBS}(?P<verb>{VERBS})\b(?!\s+by\b)",
        re.IGNORECASE,
    ),
    # “Added …”, “Done.”, “Okay, removed …”, “✓ added”
    re.compile(
        rf"(?:^|[,;:–—-]\s+)\W*(?:(?:ok(?:ay)?|sure|great|alright|right|yes|perfect|consider it)\W+)*"
        rf"{ADVERBS}(?P<verb>{VERBS})\b(?!\s+by\b)",
        re.IGNORECASE,
    ),
    # “I looked and removed …”
    re.compile(rf"\b(?:and|then)\s+{ADVERBS}(?P<verb>{VERBS})\b(?!\s+by\b)", re.IGNORECASE),
    # “milk added”, “eggs, removed”
    re.compile(
        r"\b(?P<verb>added|removed|deleted|bought|purchased|done|saved|scheduled)\s*(?=[.,;!✓✅)]|$)", re.IGNORECASE
    ),
]
STATES: list[tuple[str, re.Pattern[str]]] = [
    (
        ADD,
        re.compile(
            r"\b(?:now on|on) (?:the|your|our|its) (?:\w+ )?list(?: now)?\b(?=.*\bnow\b)|\bnow on (?:the|your|our)\b",
            re.I,
        ),
    ),
    (REMOVE, re.compile(r"\b(?:is|are|now|['’]s) (?:now )?off (?:the|your|our) (?:\w+ )?list\b", re.I)),
    (BUY, re.compile(r"\b(?:is|are|now|['’]s) (?:now )?in (?:the|your) basket\b", re.I)),
    (
        ANY,
        re.compile(
            r"\b(?:all set|you(?:['’]re| are) all set|that['’]s taken care of|it['’]s taken care of)\b|[✅☑✔]", re.I
        ),
    ),
]
THAI: dict[str, str] = {
    ADD: r"(?:เพิ่ม|ใส่|จด|ลง)(?!.{0,40}(?:ไหม|มั้ย|หรือ))",
    BUY: r"(?:ซื้อ|ติ๊ก|เช็ก)",
    REMOVE: r"(?:ลบ|เอา.{0,30}ออก|นำ.{0,30}ออก|ตัด|ยกเลิก)",
    REPEAT: r"(?:ตั้ง|กำหนด)",
    PLAN: r"(?:สร้าง|จอง|มอบหมาย)",
    KEEP: r"(?:จำ|บันทึก)",
    TELL: r"(?:ส่ง|บอก|แจ้ง|โพสต์)",
    ANY: r"(?:เสร็จ|เรียบร้อย|ทำ|จัดการ|แก้|เปลี่ยน|อัปเดต)",
}
ALREADY = "แล้ว"
THAI_CLAIMS = [(kind, re.compile(rf"{words}.{{0,60}}?{ALREADY}")) for kind, words in THAI.items()]
DONE_THAI = re.compile(r"(?:เรียบร้อย|เสร็จ)")
# Not a claim of ours: asked, wished, denied, or somebody else's act.
OTHERWISE = re.compile(
    r"\b(?:if|once|when|whenever|after|before|until|unless|should|shall|could|would|can|will|"
    r"let me|want(?:s|ed)? me to|like me to|going to|i['’]ll|to be|need(?:s)? to|you(?:['’]ve| have)?|"
    r"they|he|she|who|somebody|someone|nobody)\s+(?:\w+\s+){0,3}?$",
    re.IGNORECASE,
)
DENIED = re.compile(
    r"(?:\bnot|n['’]t|\bnever|\bnothing(?: (?:is|was|has been|got))?|\bnone of (?:it|them)(?: (?:is|was|were))?|\bwithout|\bno longer)"
    r"\s*(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)
DENIED_THAI = re.compile(r"(?:ยังไม่|ไม่ได้|ไม่มี|ไม่)\s*\S{0,12}$")
ASKED_THAI = re.compile(r"(?:ไหม|มั้ย|หรือยัง|หรือเปล่า|หรือไม่)\W*$")
ENDS = re.compile(r"(?<=[.!?…])[\"'”’)\]]*(?=\s)|\n+")
FORE = re.compile(r"\S*$")


@dataclass(frozen=True)
class Reading:
    """`shown` may be read by anybody. `false`: the first sentence that claims what nothing bears out."""

    shown: str
    false: str = ""


def sentences(text: str) -> list[str]:
    """Cut where one ends; together they are the text."""
    ends = [found.end() for found in ENDS.finditer(text)]
    starts = [0, *ends]
    return [piece for start, end in zip(starts, [*ends, len(text)], strict=True) if (piece := text[start:end])]


def claims(sentence: str) -> set[str]:
    """The kinds of acts that the sentence says were done."""
    if sentence.rstrip(" \n\"'”’)").endswith("?") or ASKED_THAI.search(sentence):
        return set()
    found = {kind for kind, at in _found(sentence) if not _is_otherwise(sentence[:at])}
    if ALREADY in sentence or DONE_THAI.search(sentence):
        for kind, pattern in THAI_CLAIMS:
            match = pattern.search(sentence)
            if match and not DENIED_THAI.search(sentence[: match.start()]):
                found.add(kind)
    return found


def _found(sentence: str) -> Iterable[tuple[str, int]]:
    for pattern in CLAIMS:
        for match in pattern.finditer(sentence):
            verb = match["verb"].lower()
            kind = next(kind for kind, words in ACTS.items() if re.fullmatch(words, verb, re.IGNORECASE))
            yield kind, match.start()
    for kind, pattern in STATES:
        for match in pattern.finditer(sentence):
            yield kind, match.start()


def _is_otherwise(before: str) -> bool:
    clause = re.split(r"[,;:–—]\s", before)[-1]
    return bool(DENIED.search(before + " ") or OTHERWISE.search(clause + " "))


def is_borne_out(sentence: str, outcomes: Sequence[Outcome]) -> bool:
    """Every act that the sentence claims was done in this run, and to nothing that was refused or waits."""
    claimed = claims(sentence)
    if not claimed:
        return True
    did = [outcome for outcome in outcomes if isinstance(outcome, Result) and changes(outcome.tool)]
    tools = {outcome.tool for outcome in did}
    if not all(tools & BORNE_OUT[kind] if kind in BORNE_OUT else tools for kind in claimed):
        return False
    said, names = sentence.casefold(), {line.name.casefold() for outcome in did for line in outcome.lines}
    return not any(name in said for name in _undone(outcomes) if not any(name in one or one in name for one in names))


def _undone(outcomes: Sequence[Outcome]) -> set[str]:
    """The things whose call waits for a yes."""
    return {
        name
        for outcome in outcomes
        if isinstance(outcome, Doubt) and (name := str(outcome.proposal.payload.get("name", "")).casefold())
    }


def changes(tool: str) -> bool:
    return tool in TOOLS and TOOLS[tool].scope != "read"


def read(text: str, outcomes: Sequence[Outcome], *, is_whole: bool = False) -> Reading:
    """As much of `text` as may be shown. While it is being written its last sentence may go on in any way: words that
    could become a claim wait for its end."""
    shown = ""
    pieces = sentences(text)
    for at, sentence in enumerate(pieces):
        if is_whole or at < len(pieces) - 1:
            if not is_borne_out(sentence, outcomes):
                return Reading(shown, sentence.strip())
            shown += sentence
        else:
            shown += _safe_part(sentence, outcomes)
    return Reading(shown)


STIRS = re.compile(
    rf"\b(?:{VERBS}|off|basket|now|all set|taken care)\b|[✅☑✔]|{'|'.join([ALREADY, 'เรียบร้อย', 'เสร็จ'])}", re.IGNORECASE
)
THAI_WORDS = [ALREADY, "เรียบร้อย", "เสร็จ"]


def _safe_part(sentence: str, outcomes: Sequence[Outcome]) -> str:
    """Of a sentence that is not at its end: what comes before the first word that could make a claim of it. All of it,
    but the word that is being written, where such a claim would be true."""
    part = sentence[: FORE.search(sentence).start()] if not _is_thai(sentence) else _without_beginnings(sentence)  # type: ignore[union-attr]
    stirs = STIRS.search(part)
    if stirs is None or _would_be_true(part, outcomes):
        return part
    return part[: stirs.start()]


def _would_be_true(part: str, outcomes: Sequence[Outcome]) -> bool:
    return bool(claims(part)) and is_borne_out(part, outcomes)


def _is_thai(text: str) -> bool:
    return any("\u0e00" <= char <= "\u0e7f" for char in text)


def _without_beginnings(text: str) -> str:
    """Thai has no spaces between words: what could be the beginning of one that matters waits."""
    for length in range(min(len(text), 10), 0, -1):
        tail = text[-length:]
        if any(word.startswith(tail) and word != tail for word in THAI_WORDS):
            return text[:-length]
    return text
