"""The language of answers: that of the message, otherwise of the talk, otherwise of the member."""

from collections import Counter

import pytest
from django.utils import timezone, translation

from chat.actions import send_message
from chat.models import Message
from groceries.actions import add_entry
from groceries.models import GroceryList
from homes.actions import rename_user
from pixie.models import PendingAction, Run
from pixie.nlu.corpus import read_corpus
from pixie.nlu.language import language_of
from pixie.runs import confirmations, queue
from pixie.runs.confirmations import parse_yes_no
from pixie.runs.stop import stop_run
from tests.factories import by
from tests.pixie.conftest import answer_to, run_due_schedules
from tests.pixie.runs import MODEL_REQUEST, NOTHING_DONE, agent_messages, pending_entries

# Detection


@pytest.mark.parametrize(("language", "share"), [("en", 0.995), ("th", 0.998), ("de", 0.94), ("es", 0.95)])
def test_language_of_household_messages(language, share):
    """One of the Thai messages is typed with the keyboard set to Latin letters, and two are a number and a thumb."""
    texts = [example.text for example in read_corpus() if example.language == language]
    counts = Counter(language_of(text, "en") for text in texts)
    assert counts[language] / len(texts) >= share, counts


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We need eggs", "en"),
        ("What's on the list?", "en"),
        ("Wir brauchen Eier", "de"),
        ("2 Liter Milch bitte", "de"),
        ("Äpfel, Möhren, Käse", "de"),
        ("LÖSCH DEN KÄSE", "de"),
        ("Necesitamos huevos", "es"),
        ("leche y huevos", "es"),
        ("¿leche?", "es"),
        ("ซื้อไข่", "th"),
        ("almond milk 2ลิตร unsweetened", "th"),
        ("ich brauche rice", "de"),
    ],
)
def test_language_of_a_message(text, language):
    assert language_of(text, "-") == language


@pytest.mark.parametrize(
    "text",
    [
        *("", "3", "👍", "eggs", "Nudeln", "queso", "müsli", "jalapeños", "Häagen-Dazs and müsli"),
        *("Nous avons besoin de lait", "Il faut du lait et des œufs", "Abbiamo bisogno di latte e uova"),
        *("Precisamos de leite e ovos", "Vi behöver mjölk och ägg", "süt lazım", "Нам нужно молоко", "牛奶和鸡蛋"),
    ],
)
def test_text_without_clues_and_other_languages_have_the_fallback(text):
    assert (language_of(text, "es"), language_of(text, "")) == ("es", "")


# The language of an answer


def test_answer_is_in_the_language_of_the_message(nok, weekly, tell):
    thai = tell("เพิ่มไข่ 2 โหล")
    assert (thai.body, thai.metadata["language"]) == ("เพิ่ม ไข่ ใน Weekly shop หมวด นมและไข่ แล้ว", "th")
    receipt = thai.metadata["receipt"]
    assert (receipt["title"], receipt["lines"]) == ("เพิ่ม 1 รายการ", [{"name": "ไข่", "amount": "2 โหล"}])
    english = tell("We need milk")
    assert (english.body, english.metadata["language"]) == ("Added Milk to Weekly shop, under Dairy.", "en")
    assert tell("danke, das war nett von dir").body in ("Jederzeit.", "Gern geschehen.")
    assert tell("gracias por todo").body in ("Cuando quieras.", "Con mucho gusto.")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("เพิ่มข้าว 2 กก.", "เพิ่ม ข้าว ใน Weekly shop หมวด ของแห้ง แล้ว"),
        ("ซื้อนมแล้ว", "หยิบลงตะกร้าแล้ว: นม"),
        ("เอานมออก", "เอาออกจากรายการแล้ว: นม"),
        ("มีอะไรในรายการบ้าง", "มี 1 อย่างใน Weekly shop: นม."),
        ("เดือนนี้ใช้เงินไปเท่าไหร่", "เดือนนี้ใช้ไป ฿0"),
        ("ยกเลิกอันเมื่อกี้", "ย้อนกลับแล้ว: นม"),
        ("ค้นหาเรื่องค่าเช่า", "ไม่เจออะไรเกี่ยวกับ “ค่าเช่า”"),
        ("สวัสดี", "สวัสดี มีอะไรให้ช่วยไหม"),
    ],
)
def test_every_kind_of_thai_message_gets_a_thai_answer(weekly, tell, text, answer):
    tell("เพิ่มนม")
    assert tell(text).body == answer


def test_undecided_message_has_the_language_of_the_persons_last_message_there(nok, ben, weekly, general, tell):
    tell("Pixie, eggs", where=general)
    send_message(general, "Ich bin schon auf dem Weg", by=by(nok))
    send_message(general, "ฉันกลับบ้านแล้ว", by=by(ben))
    assert tell("Pixie: 3 Nudeln", where=general).metadata["language"] == "de"
    assert tell("Pixie: 3 eggs", who=ben, where=general).metadata["language"] == "th"
    assert tell("3 Nudeln").metadata["language"] == "en"  # in another talk


def test_undecided_message_in_a_thread_has_the_language_of_the_thread(nok, weekly, general, tell):
    parent = send_message(general, "Wer kocht heute?", by=by(nok))
    send_message(general, "Me toca a mí esta noche", by=by(nok), parent=parent)
    assert tell("Pixie: 3 eggs", where=general, parent=parent).metadata["language"] == "es"
    assert tell("Pixie: 3 eggs", where=general).metadata["language"] == "de"


def test_deleted_message_does_not_decide(nok, weekly, agent_chat, tell):
    message = tell("Wir brauchen noch etwas")
    assert message.metadata["language"] == "de"
    Message.objects.filter(author_agent=None).update(deleted_at=timezone.now())
    assert tell("3 eggs").metadata["language"] == "en"


@pytest.mark.parametrize(("locale", "language"), [("", "en"), ("en", "en"), ("th", "th"), ("de", "de")])
def test_undecided_first_message_and_unknown_language_have_the_members_locale(nok, weekly, tell, locale, language):
    rename_user(nok.user, locale=locale)
    assert tell("3 eggs").metadata["language"] == language
    assert tell("Nous avons besoin de lait").metadata["language"] == language


def test_message_decides_against_the_members_locale(nok, weekly, tell):
    rename_user(nok.user, locale="th")
    answer = tell("We need 3 bunches of parsley")
    assert (answer.body, answer.metadata["receipt"]["lines"][0]["amount"]) == (
        "Added Parsley to Weekly shop, under Produce.",
        "3 bunches",
    )


def test_mixed_message_has_the_language_of_most_of_its_words():
    assert language_of("nimm chips runter, ich bin auf diät jetzt fr", "-") == "de"
    assert language_of("How much did we spend on Ausflüge seit Ostern?", "-") == "en"
    assert language_of("Callum needs Haferflocken, und zwar die zarten, please.", "-") == "-"  # as much of either
    assert language_of("take off el arroz, we already have una bolsa grande in the garage", "-") == "en"


def test_name_of_a_new_list_is_in_the_language_of_the_home(nok, tell):
    assert tell("เพิ่มไข่ 2 โหล").body == "เพิ่ม ไข่ ใน Groceries หมวด นมและไข่ แล้ว"
    assert GroceryList.objects.get().name == "Groceries"


# Questions


@pytest.mark.parametrize("yes", [True, False])
def test_question_and_its_answer_by_button_are_in_the_language_of_the_message(nok, weekly, eggs, tell, yes):
    add_entry(weekly, "ไข่", by=by(nok))
    question = tell("เพิ่มไข่ 500 ฟอง")
    assert question.body == "ไข่ 500: เยอะมากนะ ปกติซื้อ 1 แน่ใจไหม"
    assert PendingAction.objects.get().description == "เพิ่ม 500 ไข่"
    with translation.override("en"):  # of the page
        reply = confirmations.decide(question, yes=yes, by=by(nok))
    assert reply.body == ("ไข่: ตอนนี้ 501 ใน Weekly shop" if yes else "ไม่ได้เปลี่ยนอะไร")
    assert reply.metadata["language"] == "th"
    if yes:
        assert reply.metadata["receipt"]["title"] == "เพิ่ม 1 รายการ"


@pytest.mark.parametrize(("word", "is_yes"), [("ok", True), ("ja", True), ("vale", True), ("ไม่ค่ะ", False)])
def test_typed_answer_is_in_the_language_of_the_question(nok, weekly, tell, word, is_yes):
    tell("เพิ่มไข่ 500 ฟอง")
    assert tell(word).body == ("เพิ่ม ไข่ ใน Weekly shop หมวด นมและไข่ แล้ว" if is_yes else "ไม่ได้เปลี่ยนอะไร")
    assert pending_entries(weekly) == (["ไข่ (500 piece)"] if is_yes else [])


def test_question_without_a_language_can_be_answered(nok, weekly, tell):
    question = tell("add 500 eggs")
    Message.objects.filter(pk=question.pk).update(metadata={"run": question.metadata["run"]})
    question.refresh_from_db()
    assert confirmations.decide(question, yes=True, by=by(nok)).metadata["language"] == "en"
    assert pending_entries(weekly) == ["Eggs (500 piece)"]


def test_closed_question_is_refused_in_the_language_of_the_page(nok, weekly, tell):
    question = tell("เพิ่มไข่ 500 ฟอง")
    confirmations.decide(question, yes=False, by=by(nok))
    with pytest.raises(Exception, match="This question is closed"):
        confirmations.decide(question, yes=False, by=by(nok))


def test_page_shows_the_buttons_under_a_question_in_its_language(nok, weekly, agent_chat, tell, sign_in):
    tell("เพิ่มไข่ 500 ฟอง")
    page = sign_in(nok).get(f"/h/{nok.home_id}/chat/{agent_chat.pk}/").content.decode()
    assert 'lang="th"' in page and "จะไม่มีอะไรเปลี่ยนจนกว่าคุณจะตอบ" in page
    assert "Nothing changes until you answer." not in page
    today = sign_in(nok).get(f"/h/{nok.home_id}/").content.decode()
    assert 'value="yes">ใช่<' in today and 'value="no">ไม่<' in today
    tell("We need 500 lemons")
    page = sign_in(nok).get(f"/h/{nok.home_id}/chat/{agent_chat.pk}/").content.decode()
    assert "Nothing changes until you answer." in page and 'lang="en"' in page


YES = {
    "en": "yes|Yes please.|yep|sure|ok|do it|go ahead|I guess|i suppose so|yes yes|👍|fine",
    "de": "ja|Ja, bitte!|klar|genau|passt|jaaa|na gut|von mir aus|meinetwegen|mach das",
    "es": "sí|si|Sí, por favor|claro que sí|vale|dale|de acuerdo|bueno|supongo que sí|hazlo",
    "th": "ใช่|ใช่ค่ะ|ได้เลยครับ|โอเค|ตกลง|ใช่ๆ|อืม|ก็ได้|เอาเลย|ถูกต้องครับ",
}
NO = {
    "en": "no|No, thank you|nope|nah|never mind|not now|not really|rather not|leave it|👎",
    "de": "nein|Nein danke!|nö|nee|lieber nicht|eher nicht|lass es|doch nicht",
    "es": "no|No, gracias|mejor no|creo que no|déjalo|cancela|ahora no|nooo",
    "th": "ไม่|ไม่ค่ะ|ไม่ใช่|ไม่เอา|ไม่ต้องครับ|ไม่เป็นไร|ยกเลิก|อย่าเพิ่ง|ไม่ดีกว่า",
}


@pytest.mark.parametrize("text", [text for words in YES.values() for text in words.split("|")])
def test_yes_in_each_language(text):
    assert parse_yes_no(text) is True


@pytest.mark.parametrize("text", [text for words in NO.values() for text in words.split("|")])
def test_no_in_each_language(text):
    assert parse_yes_no(text) is False


@pytest.mark.parametrize(
    "text",
    ["", "please", "danke", "yes and milk", "ja Milch", "no milk", "ok?", "sin leche", "ซื้อไข่", "yes no", "y" * 61],
)
def test_other_messages_are_neither_yes_nor_no(text):
    assert parse_yes_no(text) is None


def test_no_other_message_of_a_household_is_taken_for_an_answer():
    """“ok” and a thumb thank for an answer, too; they count only while a question is open."""
    thanks = {"ok", "👍", "gracias 👍", "no no no", "อือ"}
    others = (each.text for each in read_corpus() if each.intent not in ("yes", "no") and each.text not in thanks)
    assert [text for text in others if parse_yes_no(text) is not None] == []


# Other answers of a run


def test_failure_and_stop_are_told_in_the_language_of_the_message(nok, agent_chat):
    for end in (stop_run, queue.fail_run):
        message = send_message(agent_chat, "Wir brauchen noch Brot", by=by(nok))
        queue.enqueue_runs(nok.home_id)
        end(Run.objects.get(trigger_message=message))
        assert answer_to(message).metadata["language"] == "de"
    assert agent_messages() == [
        "Angehalten.",
        "Entschuldigung, das konnte ich nicht zu Ende bringen, und es wurde nichts geändert. "
        "Versuch es bitte noch einmal.",
    ]


def test_scheduled_run_has_the_locale_of_its_author(nok, later, freeze_time, general):
    rename_user(nok.user, locale="es")
    freeze_time("2026-03-31 08:00")
    later("09:00", "Remind us: die Tonnen und das Altglas raus")
    later("10:00", "was steht auf der Liste und was nicht")
    freeze_time("2026-03-31 10:01")
    run_due_schedules()
    reminder, answer = agent_messages()
    assert reminder.startswith("Recordatorio: die Tonnen und das Altglas raus")
    assert answer.startswith("Todavía no hay ninguna lista.")


# Language models


@pytest.mark.parametrize(
    ("text", "name", "note"),
    [
        (f"Pixie, {MODEL_REQUEST}", "English", NOTHING_DONE),
        (
            "kannst du dir etwas für die Feier überlegen",
            "German",
            "Es wurde nichts geändert. Es wurde nichts gesendet.",
        ),
        ("ช่วยคิดอะไรสักอย่างสำหรับงานเลี้ยงหน่อย", "Thai", "ไม่มีอะไรถูกเปลี่ยน ไม่มีอะไรถูกส่งออกไป"),
        ("Pourrais-tu penser à quelque chose pour la fête", None, NOTHING_DONE),
    ],
)
def test_model_is_told_the_language_and_the_note_has_it(weekly, tell, provider, text, name, note):
    answer = tell(text)
    content = provider.requests[0]["messages"][0]["content"][0]["text"]
    assert (f'"answer_in": "{name}"' in content) if name else ("answer_in" not in content)
    assert answer.body == f"Well.\n\n{note}"
