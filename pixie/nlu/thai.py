"""Thai messages, recognized by keywords, because Thai has no spaces between words."""

import re
from datetime import date, datetime, time, timedelta

from groceries.parsing.categories import known_item_names
from groceries.parsing.names import normalize
from pixie.nlu.frequencies import THAI_DAYS, find_thai_frequency
from pixie.nlu.items import DOUBTFUL, HOME, KNOWN, Mention, mentions
from pixie.nlu.outcome import Entity, Reading, call
from pixie.nlu.patterns import ANY_BLANKS, GAP, first_match, pattern, patterns, searches
from pixie.nlu.questions import list_items, period
from pixie.nlu.reminders import DEFAULT_TIME, PLAN, propose_reminder
from pixie.nlu.shopping import VAGUE_ADDITION, lower_confidence, propose_changes, propose_recurrence, read_new_quantity
from pixie.nlu.vocabulary import Vocabulary

SCRIPT = pattern(r"[\u0e00-\u0e7f]")
_PARTICLES = tuple(
    "ครับผม ครับ คับ ค่ะ คะ ค่า จ้า จ้ะ จ๊ะ นะ น้า ให้ด้วย ด้วย ให้หน่อย หน่อย ให้ที ที สิ เลย เพิ่มเติม อีก ๆ . ! 。".split()
)  # longest first
_LIST_NAME = pattern(r"รายการ|ลิสต์")
_LIST_TAIL = pattern(
    rf"{ANY_BLANKS}(?:(?:ใน|ลง(?:ใน)?|เข้า(?:ใน)?|จาก|ที่)\s*+)?(?:ลิสต์|ลิสท์|รายการ(?:ซื้อของ|ของ|ช้อปปิ้ง)?|โน้ต).*$"
)
_SMALL_TALK = pattern(r"(?:สวัสดี|หวัดดี|ขอบคุณ|ขอบใจ|555+|ดีจ้า|โอเค|ฝันดี|ราตรีสวัสดิ์|รัก|ขอโทษ|อรุณสวัสดิ์|คิดถึง)")
_DIARY = pattern(r"ปฏิทิน|ประชุม|นัดหมาย|นัดหมอ")
_NEVER = pattern(r"อย่า(?!ลืม)")
_QUESTION = pattern(r"(?:ไหม|มั้ย|มั๊ย|หรือไม่|หรือเปล่า|รึเปล่า|หรือยัง|รึยัง|กี่\S{0,20}|ดี|\?)\s*\??$")
_BUDGET = pattern(r"(?:ใช้(?:เงิน|จ่าย|ไป)|งบ(?!้)|ค่าใช้จ่าย|จ่าย(?:เงิน)?ไป|เงินเหลือ|เหลือเงิน|มีเงิน|เสียเงิน)")
_AMOUNT = pattern(r"เท่าไ[หร]|เหลือ|บ้าง|ยังไง|เกิน|ไหม|มั้ย|ขอดู")
_LIST_QUESTION = pattern(
    r"^(?:เรา|ตอนนี้|ที่บ้าน|ยัง|วันนี้|ต้อง|\s)*(?:(?:ใน(?:ตู้เย็น|บ้าน|รายการ|ลิสต์)|รายการ).{0,40}?)?"
    r"(?:มีอะไร|ต้องซื้ออะไร|ซื้ออะไร|ขาดอะไร|เหลืออะไร|ต้องการอะไร|อะไรบ้าง)",
    r"^(?:ขอ|ช่วย)?(?:ดู|แสดง|เปิด|อ่าน|เช็ค|บอก)?\s*(?:ลิสต์|รายการ)(?:ซื้อของ|ของ|ช้อปปิ้ง|ทั้งหมด)?(?:หน่อย)?$",
)
_ASKS_FOR_ITEM = pattern(r"^(?:เรา|ที่บ้าน)?(?:ยัง)?(?:มี|ซื้อ|ต้องซื้อ)")
_REMOVALS = patterns(
    rf"(?:ช่วย|ขอ|รบกวน)?(?:เอา|ตัด|หยิบ)\s*+(?P<item>.+?){GAP}(?:ออก|ทิ้ง)",
    rf"(?:ช่วย|ขอ|รบกวน)?(?:ลบ|ยกเลิก)\s*+(?P<item>.+?){GAP}(?:ออก.*)?$",
    rf"(?:เรา)?ไม่(?:ต้อง(?:ซื้อ|เอา|การ)?|เอา|ซื้อ)\s*+(?P<item>.+?){GAP}(?:แล้ว|ละ)?$",
)
_PURCHASES = patterns(
    rf"(?:ฉัน|ผม|เรา|หนู|พี่|แม่|พ่อ|เพิ่ง)*(?:ซื้อ|ได้|หยิบ|สั่ง)\s*+(?P<item>.+?){GAP}(?:มา)?(?:เรียบร้อย)?(?:แล้ว|ละ)\s*+"
    r"(?:(?P<price>\d[\d.,]*+)\s*+(?:บาท)?|(?P<amount>\d[\d.,]*+\s*+[\u0e00-\u0e7f.]+))?$",
    rf"(?P<item>.+?){GAP}ซื้อ(?:มา)?แล้ว$",
)
_OUT = patterns(
    rf"(?P<item>.+?){GAP}(?:ใกล้จะ|ใกล้|จะ|กำลังจะ)?หมด(?:แล้ว|ละ)?\s*+(?:(?:ซื้อ|ต้องซื้อ|ฝากซื้อ|เพิ่ม).*)?$",
    rf"(?:เรา|ที่บ้าน)?ไม่มี\s*+(?P<item>.+?){GAP}(?:แล้ว|เหลือ.*)?$",
)
_ADDITIONS = patterns(
    r"(?:ช่วย|ฝาก|รบกวน|ขอ|เรา|ฉัน|ผม|หนู|ต้อง(?!การ)|อย่าลืม|กรุณา|โปรด|ไป|แวะ|อยากให้|และ|แล้วก็|พิกซี่)*\s*"
    r"(?:เพิ่ม|ซื้อ|ใส่|เติม|ขอ|อยากได้|ต้องการ|จด|สั่ง|เอา|อยากกิน)\s*(?P<item>.+)$"
)
_CHANGES = (
    ("remove_item", "remove", _REMOVALS),
    ("mark_purchased", "thai got", _PURCHASES),
    ("add_item", "thai add", _OUT),
    ("add_item", "thai add", _ADDITIONS),
)
# These are also said of things that are not on a list.
_WANTS = pattern(r"ขอ|อยาก|เอา|ต้องการ|สั่ง")
_SPLIT = pattern(rf"{ANY_BLANKS}(?:แล้วก็|และก็|กับ|และ|,|/)\s*")
# "นม 2 กล่อง ไข่ 1 แผง": an amount ends its item.
_AFTER_AMOUNT = pattern(r"(\d[\d.]{0,9}\s*+[\u0e00-\u0e7f.]++)\s++(?=[\u0e00-\u0e7f])")
_VAGUE = pattern(r"ของ|อะไร|บางอย่าง|สิ่ง", _LIST_TAIL.pattern)
_NO_THING = frozenset("ของ สิ่งของ อะไร บางอย่าง มัน นี่ นั่น นี้ อันนี้ อันนั้น หน่อย เข้า".split())


def read_thai(sentence: str, vocabulary: Vocabulary) -> Reading | None:
    """Read a Thai sentence; None if it matches no pattern."""
    text = sentence.strip()
    if _SMALL_TALK.match(text):
        return Reading("chat", 0.9)
    if _REMIND.search(text):
        return _read_reminder(text, vocabulary)
    if _BUDGET.search(text) and _AMOUNT.search(text):
        return call("budget_query", {"period": period(text)}, 0.9)
    if _DIARY.search(text):
        return PLAN
    bare = _bare(text)
    if _LIST_QUESTION.search(bare):
        return list_items(0.9)
    if _NEVER.match(bare):
        return Reading("chat", 0.85)
    if _QUESTION.search(bare):
        items = _items(_ASKS_FOR_ITEM.sub("", bare), vocabulary)
        is_list = _LIST_NAME.search(bare) or any(item.evidence >= KNOWN for item in items)
        return list_items(0.9) if is_list else Reading("unclear", 0.5)
    return read_new_quantity(bare, vocabulary) or _read_changes(bare, vocabulary)


def _bare(text: str) -> str:
    """Remove polite particles from the end."""
    end = len(text)
    while (particle := next((each for each in _PARTICLES if text.endswith(each, 0, end)), None)) is not None:
        end = len(text[: end - len(particle)].rstrip(" ,"))
    return text[:end].strip()


def _read_changes(text: str, vocabulary: Vocabulary) -> Reading | None:
    if (frequency := find_thai_frequency(text)) is not None:
        match = first_match(_ADDITIONS, frequency.rest)
        items = _items(match["item"] if match else frequency.rest, vocabulary)
        return propose_recurrence(items, frequency, "thai recurring")
    for intent, form, bank in _CHANGES:
        if (match := first_match(bank, text)) is None:
            continue
        groups = match.groupdict()
        words = f"{match['item']} {groups.get('amount') or ''}".strip()
        items = _items(words, vocabulary, listed=intent != "add_item")
        if bank is _ADDITIONS and _WANTS.search(text):
            items = [item for item in items if item.evidence >= KNOWN]
        price = groups.get("price")
        reading = propose_changes(intent, form, items, {"price": price.replace(",", "")} if price else None)
        if reading is not None:
            return lower_confidence(reading) if "อยากกิน" in text else reading
        if bank is _ADDITIONS:
            return VAGUE_ADDITION if _VAGUE.search(text) else None
        if bank is not _OUT:
            return None
    items = _items(text, vocabulary)
    if items and all(item.evidence == HOME or normalize(item.typed) in known_item_names() for item in items):
        reading = propose_changes("add_item", "thai add", items)
        return reading and lower_confidence(reading)
    return None


def _items(words: str, vocabulary: Vocabulary, *, listed: bool = False) -> list[Mention]:
    words = re.sub(r"(?:แล้ว|ละ)$", "", _bare(_LIST_TAIL.sub("", words)))
    if not words[:1].isdigit():
        words = _AFTER_AMOUNT.sub(r"\1,", words)
    items = [item for piece in _SPLIT.split(words) for item in mentions(_bare(piece), vocabulary, listed=listed)]
    return [
        item for item in items if item.evidence > DOUBTFUL and len(item.typed) <= 40 and item.typed not in _NO_THING
    ]


# Reminders

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
_DAYS_AHEAD = {"วันนี้": 0, "คืนนี้": 0, "เย็นนี้": 0, "เช้านี้": 0, "บ่ายนี้": 0, "พรุ่งนี้": 1, "มะรืน": 2}
_HOUR = pattern(
    r"(?P<clock>\d{1,2})[.:](?P<minute>\d{2})\s*(?:น|$|\s)|บ่าย\s*(?P<afternoon>[1-5])|(?P<evening>[1-5])\s*ทุ่ม"
    r"|(?P<hour>\d{1,2})\s*โมง(?P<late>เย็น)?|(?P<noon>เที่ยง(?!คืน))"
)


def _read_reminder(text: str, vocabulary: Vocabulary) -> Reading:
    """Read a reminder. Without an hour it needs confirmation; without a day it is a task."""
    frequency, now = find_thai_frequency(text), vocabulary.local_now()
    asks = _REMIND_QUESTION.search(text) and frequency is None and not _REMIND_PLEASE.search(text)
    titles = [match["title"] for form in _TITLES if (match := form.search(text))]
    title = next(filter(None, map(_clean_title, titles or [text])), "")
    day, hour = _DAY.search(text), _find_hour(text)
    on = _find_date(day[0], now) if day else None
    if asks or _REMIND_WHICH.search(text) or not title or on is None and frequency is None:
        return PLAN
    entities = [Entity("task", title, 0.8)]
    if day is not None:
        norm = datetime.combine(on, DEFAULT_TIME, now.tzinfo).isoformat() if on else None
        entities.append(Entity("datetime", day[0], 0.7, norm))
    if frequency is not None:
        entities.append(frequency.entity())
    first = on if on is not None and frequency is None else now.date()
    at = datetime.combine(first, hour or DEFAULT_TIME, now.tzinfo)
    for_home = re.search(r"เตือน(?:พวก)?(?:เรา|ทุกคน)", text) is not None
    reminder = propose_reminder(f"เตือน: {title}", at, frequency, for_home, 0.88 if hour else 0.8)
    return Reading("schedule_message", reminder.confidence, tuple(entities), (reminder,))


def _clean_title(text: str) -> str:
    return _bare(_DAY.sub("", text).strip(' ."')).strip(' ."')[:200]


def _find_date(phrase: str, now: datetime) -> date | None:
    """Return the day of a phrase ("พรุ่งนี้", "วันศุกร์", "15 มีนาคม"), or None."""
    weekdays = {f"วัน{name}": (number - now.weekday()) % 7 or 7 for number, name in enumerate(THAI_DAYS)}
    for word, ahead in (_DAYS_AHEAD | weekdays).items():
        if word in phrase:
            return now.date() + timedelta(days=ahead)
    if (named := re.search(r"\d{1,2}\s*[\u0e00-\u0e7f.]{2,12}", phrase)) is None:
        return None
    # dateparser takes a quarter of a second to load, and few messages name a Thai month.
    from dateparser import parse

    settings = {"RELATIVE_BASE": now.replace(tzinfo=None), "PREFER_DATES_FROM": "future", "PARSERS": ["absolute-time"]}
    moment = parse(named[0], languages=["th"], settings=settings)
    return moment.date() if moment else None


def _find_hour(text: str) -> time | None:
    """Return the hour of “8 โมงเช้า”, “บ่าย 2”, “2 ทุ่ม” or “เวลา 7.30 น.”"""
    if (match := _HOUR.search(text)) is None:
        return None
    hour = int(match["hour"] or match["afternoon"] or match["evening"] or match["clock"] or 12)  # "เที่ยง" is noon
    minute = int(match["minute"] or 0)
    if match["afternoon"] or match["late"]:
        hour += 12 if hour < 12 else 0
    elif match["evening"]:
        hour += 18
    return time(hour, minute) if hour < 24 and minute < 60 else None
