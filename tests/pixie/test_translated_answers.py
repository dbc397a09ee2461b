"""The answer of each tool, and the question about several acts, in each language."""

from uuid import uuid4

import pytest
from django.utils import timezone, translation

from homes.events.actor import Actor
from homes.events.models import Origin
from pixie.nlu.outcome import Proposal
from pixie.replies import answers
from pixie.runs.tool_calls import try_tool
from tests.factories import by

CALLS = [
    ("add_item", {"name": "Milk", "quantity": "2", "unit": "bottle"}),
    ("add_item", {"name": "Milk", "quantity": "1", "unit": "bottle"}),
    ("change_item", {"name": "Milk", "quantity": "1.5", "unit": "kg"}),
    ("list_items", {}),
    ("mark_purchased", {"name": "Milk", "price": "1250.50"}),
    ("mark_purchased", {"name": "Salt"}),
    ("budget_query", {"period": "week"}),
    ("remove_item", {"name": "Rice"}),
    ("set_recurring", {"name": "Rice", "frequency": "biweekly"}),
    ("remember", {"content": "The gate code is 4711", "for_home": True}),
    ("search_memory", {"query": "gate code"}),
    ("forget", {"query": "gate code"}),
    ("schedule_message", {"prompt": "Remind us: bins", "at": "2026-04-06T08:00", "rrule": "FREQ=WEEKLY;BYDAY=MO"}),
    ("schedule_message", {"prompt": "Remind us: bins", "at": "2026-01-06T08:00"}),
    ("list_scheduled", {}),
    ("cancel_scheduled", {"what": "bins"}),
    ("post_message", {"text": "Hi", "room": "attic"}),
    ("post_message", {"text": "Hi"}),
    ("search", {"query": "zebra"}),
    ("sum_up", {}),
    ("undo", {}),
    ("add_item", {"name": "Salt", "quantity": "500", "unit": "bottle"}),
]
ANSWERS = {
    "de": """
Milk steht jetzt auf Weekly shop, unter Milch & Eier.
Milk: jetzt 3 Flaschen, auf Weekly shop.
Geändert. Milk: 1,5 kg.
Auf Weekly shop steht 1 Ding: Milk (1,5 kg).
Im Korb: Milk.
Im Korb: Salt. Stand vorher nicht auf der Liste: Salt.
Ihr habt diese Woche 1.250,50 ฿ ausgegeben. Ein Einkauf hat keinen Preis.
Rice steht nicht auf der Liste.
Rice: 1, alle 2 Wochen, zum ersten Mal Dienstag, 14. April.
Das merke ich mir für den Haushalt: „The gate code is 4711“
Nok, Dienstag, 31. März: „The gate code is 4711“
Vergessen.
Das poste ich hier, jeden Montag, das nächste Mal Montag, 6. April, 08:00: „bins“
Dieser Zeitpunkt ist vorbei. Wann soll es sein?
jeden Montag, das nächste Mal Montag, 6. April, 08:00: bins
Abgesagt: bins.
Es gibt keinen Raum „attic“. Es gibt: #general.
In #general gepostet: „Hi“
Ich habe nichts zu „zebra“ gefunden.
Alles ruhig: Es ist nichts zu besorgen, und gestern wurde nichts gekauft.
Rückgängig gemacht: Hi.
Salt, 500 Flaschen: Das ist viel. Hast du das so gemeint?
""",
    "es": """
Milk está en Weekly shop, en Lácteos y huevos.
Milk: ahora 3 botellas, en Weekly shop.
Cambiado. Milk: 1,5 kg.
Hay 1 cosa en Weekly shop: Milk (1,5 kg).
En la cesta: Milk.
En la cesta: Salt. No estaba antes en la lista: Salt.
Se gastaron 1.250,50 ฿ esta semana. Una compra no tiene precio.
Rice no está en la lista.
Rice: 1, cada 2 semanas, la primera vez el martes 14 de abril.
Lo recordaré para la casa: “The gate code is 4711”
Nok, el martes 31 de marzo: “The gate code is 4711”
Olvidado.
Lo publicaré aquí, cada lunes, la próxima vez el lunes 6 de abril, 08:00: “bins”
Esa hora ya pasó. ¿Cuándo debe ser?
cada lunes, la próxima vez el lunes 6 de abril, 08:00: bins
Cancelado: bins.
No hay ninguna sala “attic”. Hay: #general.
Publicado en #general: “Hi”
No encontré nada sobre “zebra”.
Todo tranquilo: no hay nada que comprar y ayer no se compró nada.
Deshecho: Hi.
Salt, 500 botellas: es mucho. ¿Es correcto?
""",
    "th": """
เพิ่ม Milk ใน Weekly shop หมวด นมและไข่ แล้ว
Milk: ตอนนี้ 3 ขวด ใน Weekly shop
แก้แล้ว Milk: 1.5 กก.
มี 1 อย่างใน Weekly shop: Milk (1.5 กก.).
หยิบลงตะกร้าแล้ว: Milk
หยิบลงตะกร้าแล้ว: Salt ก่อนหน้านี้ไม่ได้อยู่ในรายการ: Salt
สัปดาห์นี้ใช้ไป ฿1,250.50 มี 1 รายการที่ซื้อแล้วไม่ได้ใส่ราคา
ไม่มี Rice ในรายการ
Rice: 1, ทุก 2 สัปดาห์ เริ่มวันอังคารที่ 14 เมษายน
จะจำไว้ให้ทั้งบ้าน: “The gate code is 4711”
Nok วันอังคารที่ 31 มีนาคม: “The gate code is 4711”
ลืมแล้ว ทั้งหมด 1 เรื่อง
จะโพสต์ที่นี่ ทุกวันจันทร์ ครั้งต่อไปวันจันทร์ที่ 6 เมษายน, 08:00 น.: “bins”
เลยเวลานั้นไปแล้ว ให้เป็นเมื่อไหร่ดี
ทุกวันจันทร์ ครั้งต่อไปวันจันทร์ที่ 6 เมษายน, 08:00 น.: bins
ยกเลิกแล้ว: bins
ไม่มีห้อง “attic” ห้องที่มี: #general
โพสต์ใน #general แล้ว: “Hi”
ไม่เจออะไรเกี่ยวกับ “zebra”
ไม่มีอะไรเป็นพิเศษ ไม่มีของต้องซื้อ และเมื่อวานก็ไม่ได้ซื้ออะไร
ย้อนกลับแล้ว: Hi
Salt 500 ขวด: เยอะมากนะ แน่ใจไหม
""",
}
# One question about all of DOUBTFUL_CALLS.
QUESTIONS = {
    "de": """
Soll ich alle 4 Dinge tun?
1. 24 Flaschen Milk hinzufügen
2. Milk abhaken (für 1.250 ฿)
3. mir für alle im Haushalt merken: bins
4. Rice regelmäßig kaufen (jede Woche)
""",
    "es": """
¿Hago estas 4 cosas?
1. añadir 24 botellas Milk
2. marcar Milk como comprado por 1.250 ฿
3. recordar para todos en casa que bins
4. comprar Rice con regularidad (cada semana)
""",
    "th": """
ให้ทำทั้ง 4 อย่างนี้เลยไหม
1. เพิ่ม 24 ขวด Milk
2. ทำเครื่องหมายว่าซื้อ Milk แล้ว ในราคา ฿1,250
3. จำไว้ให้ทุกคนในบ้านว่า bins
4. ซื้อ Rice เป็นประจำ (ทุกสัปดาห์)
""",
}
DOUBTFUL_CALLS = [
    ("add_item", {"name": "Milk", "quantity": "24", "unit": "bottle"}),
    ("mark_purchased", {"name": "Milk", "price": "1250"}),
    ("remember", {"content": "bins", "for_home": True}),
    ("set_recurring", {"name": "Rice", "frequency": "weekly", "rrule": "FREQ=WEEKLY"}),
]


@pytest.mark.parametrize("language", ANSWERS)
def test_answer_of_each_tool(nok, weekly, general, freeze_time, language):
    freeze_time("2026-03-31 12:00")
    with translation.override(language), timezone.override(nok.home.zone):
        texts = []
        for tool, payload in CALLS:
            by_tool = Actor.of(nok, Origin.MCP, uuid4())
            outcome = try_tool(by_tool, Proposal(tool, payload, 1.0), is_confirmed=tool == "forget")
            texts.append(answers.describe_outcomes([outcome]))
    assert "\n".join(texts).replace("\N{NO-BREAK SPACE}", " ") == ANSWERS[language].strip()


@pytest.mark.parametrize("language", QUESTIONS)
def test_question_about_several_acts(nok, weekly, language):
    with translation.override(language), timezone.override(nok.home.zone):
        doubts = [try_tool(by(nok), Proposal(*call, 0.5), is_confirmed=False) for call in DOUBTFUL_CALLS]
        assert answers.describe_outcomes(doubts) == QUESTIONS[language].strip()
