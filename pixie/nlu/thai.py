"""Reminders in Thai, recognized by keywords, because Thai has no spaces between words."""

import re
from datetime import datetime

from pantry.patterns import pattern, searches
from pantry.when.dates import DEFAULT_TIME
from pantry.when.frequencies import THAI_DAYS, find_thai_frequency
from pantry.when.thai import find_thai_date, find_thai_hour
from pixie.nlu.outcome import Entity, Reading, frequency_entity
from pixie.nlu.reminders import propose_reminder
from pixie.nlu.vocabulary import Vocabulary

_PARTICLES = tuple(
    "ครับผม ครับ คับ ค่ะ คะ ค่า จ้า จ้ะ จ๊ะ นะ น้า ให้ด้วย ด้วย ให้หน่อย หน่อย ให้ที ที สิ เลย เพิ่มเติม อีก ๆ . ! 。".split()
)  # longest first
_REMIND = pattern(r"เตือน|รีมาย|อย่าให้ลืม|\A(?>.*?อย่าปล่อยให้).*ลืม")
_REMIND_QUESTION = pattern(
    r"^(?:แสดง|ดู|ขอดู|อ่าน|ตรวจสอบ|เช็ค|เช็ก|อะไร|เปิด|บอก|มี|ฉันมี|ผมมี|เรามี|โชว์|รายการเตือน|เหลือ|โปรด(?:แสดง|เปิด|อ่าน|บอก|ดู|ตรวจสอบ)|"
    r"ช่วย(?:แสดง|เปิด|อ่าน|บอก|ดู)|กรุณา(?:แสดง|เปิด|อ่าน|บอก)|ค้นหา|เรียกดู|นำ|ให้ฉันดู|แจ้ง(?!เตือน)|อันไหน|"
    r"เตือนความจำ(?:ของฉัน)?(?:มี|คือ|วัน|ทั้งหมด|ครั้ง|ต่อไป|ของ))",
    r"(?:ไหม|มั้ย|มั๊ย|หรือไม่|อะไรบ้าง|คืออะไร|เมื่อไหร่|เท่าไหร่|กี่|อะไร|หรือเปล่า|รึเปล่า|ยังไง|อย่างไร)\s*\??$",
)
_REMIND_PLEASE = pattern(r"\A(?>.*?(?:ช่วย|ตั้ง|สร้าง|เพิ่ม))(?>.*?เตือน).*ได้(?:ไหม|มั้ย|มั๊ย|หรือไม่)|\A(?:คุณ)?ช่วยเตือน")
_REMIND_WHICH = pattern(
    r"ตั้ง(?:การ)?เตือน(?:ความจำ)?อะไร|เตือน(?:ของฉัน)?กี่|จำนวน(?:การ)?(?:แจ้ง)?เตือน|\A(?>.*?มี(?:การ)?(?:แจ้ง)?เตือน).*(?:ไหม|มั้ย|หรือไม่)|"
    r"\A(?>.*?ดึง).*เตือน|\A(?>.*?รู้เกี่ยวกับ).*เตือน|เตือน(?:ความจำ)?ทั้งหมด"
)
_TITLES = searches(
    r"เตือน(?:ความจำ)?(?:ฉัน|ผม|หนู|พวกเรา|เรา|ทุกคน)?\s*(?:พรุ่งนี้|วันนี้|คืนนี้|มะรืน|วัน|ทุก|เวลา|ตอน|บ่าย|อีก|\d).{0,40}?"
    r"(?:ให้|ว่า|เรื่อง)\s*(?P<title>.+)$",  # the time comes first
    r"(?:เตือน(?:ความจำ)?|แจ้งเตือน)(?:ให้)?(?:ฉัน|ผม|เรา|หนู|เขา|เธอ)?(?:ด้วย)?"
    r"(?:ว่า|ให้|เรื่อง|เกี่ยวกับ|สำหรับ|เพื่อ|ถึง|ชื่อ|การ|ใน)?\s*(?P<title>.*)$",
)
_DAY = pattern(
    rf"(?:ใน|สำหรับ|เวลา|ตอน|ช่วง|ก่อน|ภายใน){{0,3}}(?:พรุ่งนี้|วันนี้|คืนนี้|เย็นนี้|เช้านี้|บ่ายนี้|มะรืน(?:นี้)?|วัน(?:{'|'.join(THAI_DAYS)})"
    r"|สัปดาห์หน้า|เดือนหน้า|อีก\s*+\S{{1,12}}\s*+(?:นาที|ชั่วโมง|วัน)|สุดสัปดาห์(?:นี้)?|วันที่\s*\d+).*$"
)


def read_thai_reminder(text: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a request for a reminder, which needs confirmation without an hour; None without a day."""
    if not _REMIND.search(text):
        return None
    frequency, now = find_thai_frequency(text), vocabulary.local_now()
    asks = _REMIND_QUESTION.search(text) and frequency is None and not _REMIND_PLEASE.search(text)
    titles = [match["title"] for form in _TITLES if (match := form.search(text))]
    title = next(filter(None, map(_clean_title, titles or [text])), "")
    day, hour = _DAY.search(text), find_thai_hour(text)
    on = find_thai_date(day[0], now) if day else None
    if asks or _REMIND_WHICH.search(text) or not title or on is None and frequency is None:
        return None
    entities = [Entity("task", title, 0.8)]
    if day is not None:
        norm = datetime.combine(on, DEFAULT_TIME, now.tzinfo).isoformat() if on else None
        entities.append(Entity("datetime", day[0], 0.7, norm))
    if frequency is not None:
        entities.append(frequency_entity(frequency))
    first = on if on is not None and frequency is None else now.date()
    at = datetime.combine(first, hour or DEFAULT_TIME, now.tzinfo)
    for_home = re.search(r"เตือน(?:พวก)?(?:เรา|ทุกคน)", text) is not None
    reminder = propose_reminder(f"เตือน: {title}", at, frequency, for_home, 0.88 if hour else 0.8)
    return Reading("schedule_message", reminder.confidence, tuple(entities), (reminder,))


def _clean_title(text: str) -> str:
    return _without_particles(_DAY.sub("", text).strip(' ."')).strip(' ."')[:200]


def _without_particles(text: str) -> str:
    """Remove polite particles from the end."""
    end = len(text)
    while (particle := next((each for each in _PARTICLES if text.endswith(each, 0, end)), None)) is not None:
        end = len(text[: end - len(particle)].rstrip(" ,"))
    return text[:end].strip()
