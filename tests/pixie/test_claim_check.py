"""Claims of a model to have done something are recognized, held back until verified, and corrected."""

import pytest

from pantry import broadcast
from pixie.models import RunMessage, RunStatus, StopReason
from pixie.nlu.outcome import Proposal
from pixie.runs import claim_check, prompt
from pixie.runs.claim_check import check_claims, claimed_acts, is_supported
from pixie.runs.outcomes import Doubt
from pixie.tools import Line, Result
from tests.factories import names
from tests.pixie.providers import Call, Reply
from tests.pixie.runs import MODEL_REQUEST, get_run

ADD_RESULT = Result("add_item", {}, (Line("Milk"),))
LIST_RESULT = Result("list_items", {}, (Line("Milk"),))

CLAIMS = [
    "I added milk to the list.",
    "I've just added milk.",
    "I have put milk on the list.",
    "Added milk.",
    "Okay, added milk and eggs!",
    "Milk added.",
    "Milk is added to Weekly shop.",
    "Milk has been added.",
    "Both were removed.",
    "I removed it from the list.",
    "I took the milk off the list.",
    "I've taken off the eggs.",
    "Done.",
    "Done!",
    "All set.",
    "It's taken care of.",
    "Milk is now on the list.",
    "Milk is off the list.",
    "The eggs are in the basket.",
    "I bought the milk.",
    "I marked the eggs as bought.",
    "I've scheduled rice for every week.",
    "I've saved that.",
    "I told Ben about it.",
    "No problem, I added milk.",
    "I didn't find eggs, so I added milk.",
    "✅ Milk",
    "เพิ่มนมแล้วค่ะ",
    "เพิ่มนมลงในรายการแล้ว",
    "ลบไข่ออกแล้วครับ",
    "ซื้อนมแล้ว",
    "เรียบร้อยแล้วค่ะ",
    "จดไว้ให้แล้วนะ",
    "บันทึกแล้ว",
]
NO_CLAIMS = [
    "Shall I add milk?",
    "Is it done?",
    "Should the milk be added?",
    "I could not add milk.",
    "I haven't added anything.",
    "Nothing was added.",
    "I did not remove it.",
    "It was not removed.",
    "Once it is added, everybody sees it.",
    "If you want it removed, say so.",
    "You have bought milk twice this month.",
    "Milk was added by Ben.",
    "There are eggs and milk on the list.",
    "Tell me when you are done?",
    "I can add milk for you.",
    "I will look at the list.",
    "Have you bought milk?",
    "Balloons, perhaps, and a cake.",
    "Let me add it.",
    "ให้เพิ่มนมไหมคะ",
    "ยังไม่ได้เพิ่มนม",
    "มีไข่กับนมอยู่ในรายการ",
    "ซื้อนมแล้วหรือยัง",
]


@pytest.mark.parametrize("sentence", CLAIMS)
def test_claim_is_recognized(sentence):
    assert claimed_acts(sentence)
    assert not is_supported(sentence, [])
    assert not is_supported(sentence, [LIST_RESULT])  # a read supports no claim


@pytest.mark.parametrize("sentence", NO_CLAIMS)
def test_other_sentence_is_not_a_claim(sentence):
    assert claimed_acts(sentence) == set()
    assert is_supported(sentence, [])


@pytest.mark.parametrize(
    ("sentence", "outcomes", "expected"),
    [
        ("I added milk.", [ADD_RESULT], True),
        ("Done.", [ADD_RESULT], True),
        ("I removed milk.", [ADD_RESULT], False),
        ("I added milk and removed eggs.", [ADD_RESULT], False),
        ("I added milk and removed eggs.", [ADD_RESULT, Result("remove_item", {}, (Line("Eggs"),))], True),
        ("I bought the milk.", [Result("mark_purchased", {}, (Line("Milk"),))], True),
        ("Rice is scheduled for each week.", [Result("set_recurring", {}, (Line("Rice"),))], True),
        ("I added rice.", [ADD_RESULT, Doubt(Proposal("add_item", {"name": "rice"}, 0.9), "a lot")], False),
        ("เพิ่มนมแล้ว", [ADD_RESULT], True),
        ("ลบนมออกแล้ว", [ADD_RESULT], False),
    ],
)
def test_claim_is_supported_by_matching_results_only(sentence, outcomes, expected):
    assert is_supported(sentence, outcomes) == expected


@pytest.mark.parametrize("sentence", CLAIMS)
@pytest.mark.parametrize("before", ["", "Hello there. ", "There is rice. "])
def test_unsupported_claim_is_held_back_at_any_length(sentence, before):
    text = f"{before}{sentence}"
    for length in range(len(text) + 1):
        safe_text = check_claims(text[:length], []).safe_text
        assert text.startswith(safe_text)
        assert not claimed_acts(safe_text), safe_text
    final_check = check_claims(text, [], is_complete=True)
    assert (final_check.safe_text.rstrip(), bool(final_check.false_claim)) == (before.rstrip(), True)


@pytest.mark.parametrize("sentence", NO_CLAIMS)
def test_text_without_claims_is_shown_completely(sentence):
    assert check_claims(sentence, [], is_complete=True) == claim_check.ClaimCheck(sentence)


def test_supported_claim_is_streamed():
    assert check_claims("I added milk to your ", [ADD_RESULT]).safe_text == "I added milk to your "


def test_text_without_claims_is_streamed_up_to_the_last_word():
    text = "There could be a green curry, with chicken and coconut milk, "
    assert check_claims(text + "and ba", []).safe_text == text + "and "


# In a run


@pytest.fixture
def streamed_texts(monkeypatch):
    """The texts that were streamed to clients."""
    frames = []
    monkeypatch.setattr(broadcast, "send_transient", lambda home_id, frame, **_more: frames.append(frame["text"]))
    return frames


def test_false_claim_is_corrected_before_it_is_streamed(tell, weekly, provider, streamed_texts):
    provider.enqueue(
        Reply("Sure. I added balloons to the list.", pieces=3, pause=0.01),
        Reply(calls=(Call("add_item", {"name": "balloons"}),)),
        Reply("I added balloons."),
    )
    assert tell(MODEL_REQUEST).body == "I added balloons."
    assert names(weekly.entries.all()) == ["Balloons"]
    assert not any("to the list" in text for text in streamed_texts)
    correction = provider.requests[1]["messages"][-1]["content"][0]["text"]
    assert correction == prompt.load_prompt("false_claim").replace("{sentence}", "I added balloons to the list.")


def test_repeated_false_claim_is_not_shown(tell, weekly, provider, streamed_texts):
    provider.respond = lambda _body: Reply("Done! I removed everything.", pieces=4, pause=0.005)
    answer = tell(MODEL_REQUEST)
    assert "removed" not in answer.body + str(streamed_texts)
    assert len(provider.requests) == 2
    assert get_run().stop_reason == StopReason.END_TURN
    assert get_run().error == "the model claimed what it did not do"


def test_repeated_false_claim_after_a_call_reports_the_call(tell, weekly, provider):
    provider.enqueue(
        Reply(calls=(Call("add_item", {"name": "cake"}),)), Reply("I removed the milk."), Reply("I removed the milk.")
    )
    answer = tell(MODEL_REQUEST)
    assert answer.body.startswith("Added Cake to Weekly shop")
    assert get_run().status == RunStatus.COMPLETED
    assert RunMessage.objects.filter(message_type="system_message").count() == 1


def test_text_before_a_call_is_dropped(tell, weekly, provider, streamed_texts):
    provider.enqueue(
        Reply("I added the cake.", (Call("add_item", {"name": "cake"}),), pieces=4, pause=0.01),
        Reply("Cake it is."),
    )
    assert tell(MODEL_REQUEST).body == "Cake it is."
    assert not any("added" in text for text in streamed_texts)
