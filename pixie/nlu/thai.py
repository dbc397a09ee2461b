"""Thai messages, recognized by keywords, because Thai has no spaces between words."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.utils.translation import gettext_lazy as _

from groceries.parsing.categories import known_item_names
from groceries.parsing.names import normalize
from pixie.nlu import spending
from pixie.nlu.changing import read_change
from pixie.nlu.dates import find_thai_when
from pixie.nlu.frequencies import Frequency, find_thai_frequency
from pixie.nlu.items import DOUBTFUL, HOME, KNOWN, MEASURED, ROOM_KINDS, Mention, mentions
from pixie.nlu.outcome import SURE, Entity, Proposal, Reading
from pixie.nlu.plans import PLAN
from pixie.nlu.reminders import thai_reminder
from pixie.nlu.shopping import confirmation_question
from pixie.nlu.vocabulary import Vocabulary

SCRIPT = re.compile(r"[\u0e00-\u0e7f]")
_PARTICLES = re.compile(
    r"(?:[\s,]*(?:ครับผม|ครับ|คับ|ค่ะ|คะ|ค่า|จ้า|จ้ะ|จ๊ะ|นะ|น้า|ด้วย|หน่อย|ให้ที|ให้หน่อย|ที|สิ|เลย|ให้ด้วย|เพิ่มเติม|อีก|ๆ|[.!。]))+$"
)
_LIST = r"(?:ใน|ลง(?:ใน)?|เข้า(?:ใน)?|จาก|ที่)?\s*(?:ลิสต์|ลิสท์|รายการ(?:ซื้อของ|ของ|ช้อปปิ้ง)?|โน้ต)"
_LIST_TAIL = re.compile(rf"\s*{_LIST}.*$")
_REMIND = re.compile(r"เตือน|รีมาย|อย่าให้ลืม|อย่าปล่อยให้.*ลืม")
_REMIND_ASKED = re.compile(
    r"^(?:แสดง|ดู|ขอดู|อ่าน|ตรวจสอบ|เช็ค|เช็ก|อะไร|เปิด|บอก|มี|ฉันมี|ผมมี|เรามี|โชว์|รายการเตือน|เหลือ|โปรด(?:แสดง|เปิด|อ่าน|บอก|ดู|ตรวจสอบ)|"
    r"ช่วย(?:แสดง|เปิด|อ่าน|บอก|ดู)|กรุณา(?:แสดง|เปิด|อ่าน|บอก)|ค้นหา|เรียกดู|นำ|ให้ฉันดู|แจ้ง(?!เตือน)|อันไหน|เตือนความจำ(?:ของฉัน)?(?:มี|คือ|วัน|ทั้งหมด|ครั้ง|ต่อไป|ของ))|"
    r"(?:ไหม|มั้ย|มั๊ย|หรือไม่|อะไรบ้าง|คืออะไร|เมื่อไหร่|เท่าไหร่|กี่|อะไร|หรือเปล่า|รึเปล่า|ยังไง|อย่างไร)\s*\??$"
)
_QUESTION = re.compile(r"(?:ไหม|มั้ย|มั๊ย|หรือไม่|หรือเปล่า|รึเปล่า|หรือยัง|รึยัง|กี่\S*|ดี|\?)\s*\??$")
_BUDGET = re.compile(r"(?:ใช้(?:เงิน|จ่าย|ไป)|งบ(?!้)|ค่าใช้จ่าย|จ่าย(?:เงิน)?ไป|เงินเหลือ|เหลือเงิน|มีเงิน|เสียเงิน)")
_LIST_ASKED = re.compile(
    r"^(?:เรา|ตอนนี้|ที่บ้าน|ยัง|วันนี้|ต้อง|ใน(?:ตู้เย็น|บ้าน|รายการ|ลิสต์)\S*|รายการ\S*|\s)*(?:มีอะไร|ต้องซื้ออะไร|ซื้ออะไร|ขาดอะไร|เหลืออะไร|ต้องการอะไร|อะไรบ้าง).*|^(?:ขอ|ช่วย)?(?:ดู|แสดง|เปิด|อ่าน|เช็ค|บอก)?\s*"
    r"(?:ลิสต์|รายการ)(?:ซื้อของ|ของ|ช้อปปิ้ง|ทั้งหมด)?(?:หน่อย)?$"
)
_REMOVE = re.compile(
    r"^(?:ช่วย|ขอ|รบกวน)?(?:เอา|ตัด|หยิบ)\s*(?P<a>.+?)\s*(?:ออก|ทิ้ง)|^(?:ช่วย|ขอ|รบกวน)?(?:ลบ|ยกเลิก)\s*(?P<b>.+?)\s*(?:ออก.*)?$|"
    r"^(?:เรา)?ไม่(?:ต้อง(?:ซื้อ|เอา|การ)?|เอา|ซื้อ)\s*(?P<c>.+?)\s*(?:แล้ว|ละ)?$"
)
_NEVER = re.compile(r"^อย่า(?!ลืม)")
_BOUGHT = re.compile(
    r"^(?:ฉัน|ผม|เรา|หนู|พี่|แม่|พ่อ|เพิ่ง)*(?:ซื้อ|ได้|หยิบ|สั่ง)\s*(?P<a>.+?)\s*(?:มา)?(?:เรียบร้อย)?(?:แล้ว|ละ)\s*"
    r"(?:(?P<price>\d[\d.,]*)\s*(?:บาท)?|(?P<amount>\d[\d.,]*\s*[\u0e00-\u0e7f.]+))?$|^(?P<b>.+?)\s*ซื้อ(?:มา)?แล้ว$"
)
_OUT = re.compile(
    r"^(?P<a>.+?)\s*(?:ใกล้จะ|ใกล้|จะ|กำลังจะ)?หมด(?:แล้ว|ละ)?\s*(?:ซื้อ.*|ต้องซื้อ.*|ฝากซื้อ.*|เพิ่ม.*)?$|^(?:เรา|ที่บ้าน)?ไม่มี\s*(?P<b>.+?)\s*(?:แล้ว|เหลือ.*)?$"
)
_ADD = re.compile(
    r"^(?:ช่วย|ฝาก|รบกวน|ขอ|เรา|ฉัน|ผม|หนู|ต้อง(?!การ)|อย่าลืม|กรุณา|โปรด|ไป|แวะ|อยากให้|และ|แล้วก็|พิกซี่)*\s*"
    r"(?:เพิ่ม|ซื้อ|ใส่|เติม|ขอ|อยากได้|ต้องการ|จด|สั่ง|เอา|อยากกิน)\s*(?P<a>.+)$"
)
# These are also said of things that are not on a list.
_WANTS = re.compile(r"ขอ|อยาก|เอา|ต้องการ|สั่ง")
_DIARY = re.compile(r"ปฏิทิน|ประชุม|นัดหมาย|นัดหมอ")
_SMALL_TALK = re.compile(r"^(?:สวัสดี|หวัดดี|ขอบคุณ|ขอบใจ|555+|ดีจ้า|โอเค|ฝันดี|ราตรีสวัสดิ์|รัก|ขอโทษ|อรุณสวัสดิ์|คิดถึง)")
_PERIODS = (
    ("last_month", "เดือนที่แล้ว|เดือนก่อน"), ("last_week", "(?:สัปดาห์|อาทิตย์)(?:ที่แล้ว|ก่อน)"), ("today", "วันนี้"),
    ("yesterday", "เมื่อวาน"), ("week", "สัปดาห์|อาทิตย์"), ("year", "ปี"),
)  # fmt: skip
_SPLIT = re.compile(r"\s*(?:แล้วก็|และก็|กับ|และ|,|/)\s*")
_SURENESS = {
    "add_item": {HOME: 0.95, KNOWN: 0.92, MEASURED: 0.86, ROOM_KINDS: 0.6},
    "mark_purchased": {HOME: 0.95, KNOWN: 0.92, MEASURED: 0.75},
    "remove_item": {HOME: 0.95, KNOWN: 0.9},
    "set_recurring": {HOME: 0.94, KNOWN: 0.92, MEASURED: 0.86},
}


def read_thai(sentence: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a Thai sentence; None if it matches no pattern."""
    text = sentence.strip()
    if _SMALL_TALK.match(text):
        return Reading("chat", 0.9)
    if _REMIND.search(text):
        return _reminder(text, vocabulary)
    if _BUDGET.search(text) and re.search(r"เท่าไ[หร]|เท่าไร|เหลือ|บ้าง|ยังไง|เกิน|ไหม|มั้ย|ขอดู", text):
        return Reading("budget_query", 0.9, actions=(Proposal("budget_query", {"period": _period(text)}, 0.9),))
    if _DIARY.search(text):
        return PLAN
    bare = _bare(text)
    if _LIST_ASKED.search(bare):
        return _list_reading()
    if _NEVER.match(bare):
        return Reading("chat", 0.85)
    if _QUESTION.search(bare):
        return _read_question(bare, vocabulary)
    return _read_changes(bare, vocabulary)


def _bare(text: str) -> str:
    while (shorter := _PARTICLES.sub("", text).strip()) != text:
        text = shorter
    return text


def _period(text: str) -> str:
    return next((name for name, pattern in _PERIODS if re.search(pattern, text)), spending.period(text))


def _list_reading() -> Reading:
    return Reading("list_items", 0.9, actions=(Proposal("list_items", {}, 0.9),))


def _read_question(text: str, vocabulary: Vocabulary) -> Reading | None:
    items = [
        item
        for item in _items(re.sub(r"^(?:เรา|ที่บ้าน)?(?:ยัง)?(?:มี|ซื้อ|ต้องซื้อ)", "", text), vocabulary)
        if item.evidence >= KNOWN
    ]
    if items or re.search(r"รายการ|ลิสต์", text):
        return _list_reading()
    return Reading("unclear", 0.5)


def _read_changes(text: str, vocabulary: Vocabulary) -> Reading | None:
    if (reading := read_change(text, vocabulary)) is not None:
        return reading
    frequency = find_thai_frequency(text)
    if frequency is not None:
        rest = (text[: frequency.start] + " " + text[frequency.end :]).strip()
        match = _ADD.match(rest)
        return _change("set_recurring", _items(match["a"] if match else rest, vocabulary), frequency)
    for intent, pattern in (
        ("remove_item", _REMOVE),
        ("mark_purchased", _BOUGHT),
        ("add_item", _OUT),
        ("add_item", _ADD),
    ):
        if (match := pattern.match(text)) is not None:
            groups = match.groupdict()
            words = next(groups[key] for key in ("a", "b", "c") if groups.get(key))
            price, amount = groups.get("price"), groups.get("amount")
            words = f"{words} {amount}" if amount else words
            items = _items(words, vocabulary, listed=intent != "add_item")
            if pattern is _ADD and _WANTS.search(text):
                items = [item for item in items if item.evidence >= KNOWN]
            reading = _change(intent, items, price=price)
            if reading is not None and "อยากกิน" in text:
                return _lower_confidence(reading)
            if reading is not None or pattern is not _OUT:
                return reading or (_read_vague(text) if pattern is _ADD else None)
    items = _items(text, vocabulary)
    if items and all(item.evidence == HOME or normalize(item.typed) in known_item_names() for item in items):
        return _lower_confidence(_change("add_item", items))
    return None


def _read_vague(text: str) -> Reading | None:
    if re.search(r"ของ|อะไร|บางอย่าง|สิ่ง", text) or _LIST_TAIL.search(text):
        return Reading("add_item", 0.5, question=_("What should go on the list?"))
    return None


_NO_THING = frozenset(("ของ", "สิ่งของ", "อะไร", "บางอย่าง", "มัน", "นี่", "นั่น", "นี้", "อันนี้", "อันนั้น", "หน่อย", "เข้า"))


# "นม 2 กล่อง ไข่ 1 แผง": an amount ends its item.
_AFTER_AMOUNT = re.compile(r"(\d[\d.]*\s*[\u0e00-\u0e7f.]+)\s+(?=[\u0e00-\u0e7f])")


def _items(words: str, vocabulary: Vocabulary, *, listed: bool = False) -> list[Mention]:
    words = re.sub(r"(?:แล้ว|ละ)$", "", _bare(_LIST_TAIL.sub("", words)))
    if not words[:1].isdigit():
        words = _AFTER_AMOUNT.sub(r"\1,", words)
    found = [item for piece in _SPLIT.split(words) for item in mentions(_bare(piece), vocabulary, listed=listed)]
    return [
        item for item in found if item.evidence > DOUBTFUL and len(item.typed) <= 40 and item.typed not in _NO_THING
    ]


def _change(
    intent: str, items: Sequence[Mention], frequency: Frequency | None = None, price: str | None = None
) -> Reading | None:
    sureness = _SURENESS[intent]
    doubt = 0.12 if frequency is not None and frequency.name != frequency.nearest else 0.0
    certain = [(item, sureness[item.evidence] - doubt) for item in items if item.evidence in sureness]
    if not certain:
        return None
    extra: dict[str, Any] = {"frequency": frequency.nearest, "rrule": frequency.rrule} if frequency else {}
    if price:
        extra["price"] = price.replace(",", "")
    actions = tuple(Proposal(intent, _payload(intent, item, extra), sure) for item, sure in certain)
    entities = [entity for item, _sure in certain for entity in item.entities()]
    if frequency is not None:
        entities.append(Entity("recurring_frequency", frequency.phrase, 0.9, frequency.name))
    confidence = min(sure for _thing, sure in certain)
    question = None if confidence >= SURE else confirmation_question(actions)
    return Reading(intent, confidence, tuple(entities), actions, question, tuple(item for item, _sure in certain))


def _payload(intent: str, item: Mention, extra: dict[str, Any]) -> dict[str, Any]:
    payload = item.payload()
    if intent == "add_item":
        return payload
    kept = {"name": payload["name"], **extra}
    if intent != "remove_item" and payload["quantity"] is not None:
        kept["quantity"] = payload["quantity"]
        kept["unit"] = payload["unit"]
    return kept


def _lower_confidence(reading: Reading | None) -> Reading | None:
    """Lower the confidence of a bare item name."""
    if reading is None:
        return None
    actions = tuple(replace(action, confidence=0.8) for action in reading.actions)
    return replace(reading, confidence=0.8, actions=actions, question=confirmation_question(actions))


_DAY = re.compile(
    r"(?:ใน|สำหรับ|เวลา|ตอน|ช่วง|ก่อน|ภายใน)*(?:พรุ่งนี้|วันนี้|คืนนี้|เย็นนี้|เช้านี้|บ่ายนี้|มะรืน(?:นี้)?|วัน(?:จันทร์|อังคาร|พุธ|พฤหัส(?:บดี)?|ศุกร์|เสาร์|อาทิตย์)"
    r"|สัปดาห์หน้า|เดือนหน้า|อีก\s*\S+\s*(?:นาที|ชั่วโมง|วัน)|สุดสัปดาห์(?:นี้)?|วันที่\s*\d+).*$"
)
_TITLE = re.compile(
    r"(?:เตือน(?:ความจำ)?|แจ้งเตือน)(?:ให้)?(?:ฉัน|ผม|เรา|หนู|เขา|เธอ)?(?:ด้วย)?(?:ว่า|ให้|เรื่อง|เกี่ยวกับ|สำหรับ|เพื่อ|ถึง|ชื่อ|การ|ใน)?\s*(?P<title>.*)$"
)

_TITLE_BEHIND = re.compile(
    r"เตือน(?:ความจำ)?(?:ฉัน|ผม|หนู|พวกเรา|เรา|ทุกคน)?\s*(?:พรุ่งนี้|วันนี้|คืนนี้|มะรืน|วัน|ทุก|เวลา|ตอน|บ่าย|อีก|\d).{0,40}?(?:ให้|ว่า|เรื่อง)\s*(?P<title>.+)$"
)


_REMIND_PLEASE = re.compile(r"(?:ช่วย|ตั้งค่า|ตั้ง|สร้าง|เพิ่ม).*เตือน.*ได้(?:ไหม|มั้ย|มั๊ย|หรือไม่)|^(?:คุณ)?ช่วยเตือน")
_REMIND_WHICH = re.compile(
    r"ตั้ง(?:การ)?เตือน(?:ความจำ)?อะไร|เตือน(?:ของฉัน)?กี่|จำนวน(?:การ)?(?:แจ้ง)?เตือน|มี(?:การ)?(?:แจ้ง)?เตือน.*(?:ไหม|มั้ย|หรือไม่)|ดึง.*เตือน|รู้เกี่ยวกับ.*เตือน|เตือน(?:ความจำ)?ทั้งหมด"
)


def _reminder(text: str, vocabulary: Vocabulary) -> Reading:
    frequency = find_thai_frequency(text)
    if (
        _REMIND_ASKED.search(text)
        and frequency is None
        and not _REMIND_PLEASE.search(text)
        or _REMIND_WHICH.search(text)
    ):
        return PLAN
    match = _TITLE.search(text)
    title = _bare(_DAY.sub("", (match["title"] if match else text)).strip(' ."'))[:200]
    if (title_match := _TITLE_BEHIND.search(text)) is not None:  # the time comes first
        title = _bare(_DAY.sub("", title_match["title"])).strip(' ."')[:200] or title
    day = _DAY.search(text)
    moment = find_thai_when(day[0], vocabulary.local_now()) if day else None
    later = thai_reminder(text, title, moment, frequency, vocabulary.local_now())
    if later is None:
        return PLAN
    entities = [Entity("task", title, 0.8)]
    if day is not None:
        entities.append(Entity("datetime", day[0], 0.7, moment.isoformat() if moment else None))
    if frequency is not None:
        entities.append(Entity("recurring_frequency", frequency.phrase, 0.9, frequency.name))
    return Reading("schedule_message", later.confidence, tuple(entities), (later,))
