"""Orders that are none: what sounds like taking away, ticking or changing, but is not meant, or not now."""

import pytest

from pixie.nlu import CHANGES, SURE, Vocabulary, understand

ENGLISH = ("Milk", "Eggs", "Rice", "Bread", "Butter")
LIST = (*ENGLISH, "นม", "ไข่", "ข้าว", "Milch", "Eier", "Reis", "Leche", "Huevos", "Arroz")
HOME = Vocabulary(members=("Nok", "Ben"), agents=("Pixie",), on_list=LIST, items=LIST)


def _acts(text):
    return [call for call in understand(text, HOME).actions if call.confidence >= SURE and call.type in CHANGES]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(text, id=f"{kind}-{number}")
        for kind, texts in {
            "negated": ["อย่าลบไข่", "อย่าเอาไข่ออก", "ห้ามลบนม", "Lösch die Eier nicht", "No borres los huevos",
                        "You can't just clear the list"],
            "from a place": ["เอานมออกจากตู้เย็น", "เอาข้าวออกจากหม้อ", "Remove the eggs from the carton",
                             "Take the bread out of its wrapper", "Take the butter off the heat",
                             "Swap the eggs on the top shelf with the bread", "Nimm die Milch aus dem Kühlschrank",
                             "Saca la leche de la nevera"],
            "another thing": ["Remove the milk stain from the rug"],
            "given up": ["I was going to remove the rice but changed my mind", "I almost cleared the list",
                         "We used to delete the milk every week", "กำลังจะลบข้าว แต่เปลี่ยนใจ",
                         "เกือบลบข้าวออกจากรายการแล้ว ดีนะที่หยุดทัน", "Iba a quitar el arroz pero cambié de idea",
                         "Ich wollte den Reis löschen, habs mir aber anders überlegt"],
            "not now": ["Once Nok gets paid, tick off the rice", "When Ben is home, tick the eggs off",
                        "In an hour, remove the milk", "Tomorrow remove the milk", "พรุ่งนี้ค่อยลบนม",
                        "ถ้าเบนกลับมาแล้วค่อยลบข้าว", "Sobald Ben da ist, streich den Reis",
                        "Cuando llegue Ben, quita el arroz"],
            "somebody else's": ["Nok phoned. Take the eggs off, she said.", "Ben left a note. Clear the list.",
                                "Ben rang: take the rice off", "From Ben: take off the eggs", "เบนโทรมา บอกให้ลบไข่",
                                "Ben hat angerufen. Streich die Eier.", "หมอให้ตัดข้าวออกตอนเย็น",
                                "They say you should replace butter with olive oil"],
            "heard": ["Nok bought milk, or so she claims", "Apparently we no longer need the rice",
                      "Supposedly the milk was bought", "Angeblich brauchen wir keine Milch mehr",
                      "เห็นว่าไม่ต้องซื้อข้าวแล้วนะ", "Parece que ya no necesitamos leche",
                      "Remove milk, remove eggs, remove rice, that's all Ben ever says."],
            "talked about": ["It would be rude to clear the list", "Undo is a useful button",
                             "I'd hate to delete the bread", "Clearing the list is so satisfying",
                             "Removing the bread would be a mistake", "Removing apple seeds is such a pain",
                             "Cambiar la leche por leche de avena me parece un horror",
                             "ฉันว่าเปลี่ยนนมเป็นนมถั่วเหลืองไม่น่าจะอร่อย"],
            "asked": ["Who would clear the list on a Monday", "Why would anyone delete the milk?", "ลบนมทำไม",
                      "ล้างรายการยังไง", "ใครสั่งให้ล้างรายการ"],
            "to somebody else": ["Max, drop it! Leave the bread alone, bad dog",
                                 "Ploy, quita los huevos del fuego que se queman."],
            "somebody else's job": ["Nok will undo it when she gets home.", "หน้าที่ลบข้าวออกจากรายการเป็นของพลอย",
                                    "Quitar el arroz le toca a Ploy, no a ti."],
            "a habit": ["Normally I tick off milk as soon as it's in the trolley."],
            "told": ["Ben swapped the butter for margarine and the cake came out awful"],
            "forbidden": ["stop removing my eggs from the list, guys"],
            "taken back": ["ที่บอกให้ลบนมเมื่อกี้ ไม่เอาแล้วนะ"],
            "from a recipe": ["The recipe reads: add 3 onions and stir.", "My recipe says add 2 kg of potatoes.",
                              "Instructions on the box say: add two eggs and half a cup of water.",
                              "The cookbook says add a pinch of salt", "Im Rezept steht: 3 Zwiebeln dazu"],
            "a sum": ["Add it up: 3 apples and 4 pears make seven.", "add up the milk and the eggs"],
            "on a condition": ["Assuming the oven works, add flour.", "Depending on the weather, add ice cream.",
                               "In case Ben calls, add coffee.", "Provided that Ben pays me back, add a case of beer.",
                               "Unless it rains, get charcoal.", "As soon as I get paid, put wine on the list",
                               "Erst wenn Nok zustimmt, setz drei Flaschen Wein drauf.",
                               "Falls Ben kommt, kauf Bier", "En cuanto cobre, pon vino en la lista"],
            "looked at": ["Check this out, the tomatoes are red.", "Check out the lemons at the new market.",
                          "The shop has bread and butter on offer.", "Bier ist diese Woche im Angebot"],
            "of the past": ["Früher haben wir immer Käse gekauft.", "Back then we bought milk every day",
                            "Als Kind habe ich immer Milch geholt"],
            "never said": ["ไม่เคยบอกให้เอานมออกเลย", "ฉันไม่ได้สั่งให้เอานมออก", "ฉันไม่ได้บอกให้ลบน้ำปลาออก",
                           "I never asked you to remove the milk", "I didn't tell Pixie to clear the list"],
            "no more": ["Kauf bloß keine Butter mehr, haben wir gesagt."],
            "done already": ["ข้าวหมดอายุก็ทิ้งไปแล้ว", "The milk was taken off by mistake"],
        }.items()
        for number, text in enumerate(texts)
    ],
)  # fmt: skip
def test_what_only_sounds_like_an_order_is_not_done_unasked(text):
    assert _acts(text) == []


@pytest.mark.parametrize(
    "text",
    ["take the milk off", "remove the eggs from the list", "please take the rice off the shopping list",
     "can you delete the bread", "we don't need butter anymore", "scratch the milk", "cross off the rice please",
     "clear the list", "undo", "got the milk", "tick off the eggs", "swap the butter for margarine",
     "once a week 2 kg of rice", "check off the milk",
     "I need to remove the rice", "ลบไข่", "เอานมออกจากรายการ", "ไม่ต้องซื้อข้าวแล้ว", "ล้างลิสต์เลย",
     "Nimm die Eier von der Liste", "Wir brauchen keinen Reis mehr", "Quita la leche de la lista"],
)  # fmt: skip
def test_plain_order_is_done(text):
    assert _acts(text) != []
