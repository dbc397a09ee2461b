"""“Done” is said from what tools did: what claims an act is recognised, held back, and corrected."""

import pytest

from pantry import broadcast
from pixie.models import RunMessage, RunStatus, StopReason
from pixie.nlu.outcome import Proposal
from pixie.runs import claim_check, prompt
from pixie.runs.claim_check import check_claims, claimed_acts, is_supported
from pixie.runs.outcomes import Doubt
from pixie.tools import Line, Result
from tests.factories import names
from tests.pixie.providers import Says, Wants
from tests.pixie.test_thinking import HARD, the_run

ADDED = Result("add_item", {}, (Line("Milk"),))
LISTED = Result("list_items", {}, (Line("Milk"),))

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
def test_a_claim_is_one(sentence):
    assert claimed_acts(sentence)
    assert not is_supported(sentence, [])
    assert not is_supported(sentence, [LISTED])  # to have looked is not to have done


@pytest.mark.parametrize("sentence", NO_CLAIMS)
def test_what_is_no_claim_may_be_said(sentence):
    assert claimed_acts(sentence) == set()
    assert is_supported(sentence, [])


@pytest.mark.parametrize(
    ("sentence", "outcomes", "is_true"),
    [
        ("I added milk.", [ADDED], True),
        ("Done.", [ADDED], True),
        ("I removed milk.", [ADDED], False),
        ("I added milk and removed eggs.", [ADDED], False),
        ("I added milk and removed eggs.", [ADDED, Result("remove_item", {}, (Line("Eggs"),))], True),
        ("I bought the milk.", [Result("mark_purchased", {}, (Line("Milk"),))], True),
        ("Rice is scheduled for each week.", [Result("set_recurring", {}, (Line("Rice"),))], True),
        ("I added rice.", [ADDED, Doubt(Proposal("add_item", {"name": "rice"}, 0.9), "a lot")], False),
        ("เพิ่มนมแล้ว", [ADDED], True),
        ("ลบนมออกแล้ว", [ADDED], False),
    ],
)
def test_a_claim_needs_its_result(sentence, outcomes, is_true):
    assert is_supported(sentence, outcomes) == is_true


@pytest.mark.parametrize("sentence", CLAIMS)
@pytest.mark.parametrize("before", ["", "Hello there. ", "There is rice. "])
def test_however_it_is_cut_up_no_claim_is_seen_before_its_end(sentence, before):
    text = f"{before}{sentence}"
    for length in range(len(text) + 1):
        shown = check_claims(text[:length], []).safe_text
        assert text.startswith(shown)
        assert not claimed_acts(shown), shown
    whole = check_claims(text, [], is_complete=True)
    assert (whole.safe_text.rstrip(), bool(whole.false_claim)) == (before.rstrip(), True)


@pytest.mark.parametrize("sentence", NO_CLAIMS)
def test_what_is_no_claim_is_shown_in_the_end(sentence):
    assert check_claims(sentence, [], is_complete=True) == claim_check.ClaimCheck(sentence)


def test_a_true_claim_is_shown_as_it_comes():
    assert check_claims("I added milk to your ", [ADDED]).safe_text == "I added milk to your "


def test_most_of_a_text_does_not_wait():
    text = "There could be a green curry, with chicken and coconut milk, "
    assert check_claims(text + "and ba", []).safe_text == text + "and "


# In a run


@pytest.fixture
def seen(monkeypatch):
    """All that anybody looking on could have read."""
    frames = []
    monkeypatch.setattr(broadcast, "send_transient", lambda home_id, said, **_more: frames.append(said["text"]))
    return frames


def test_a_false_claim_is_corrected_before_anybody_reads_it(tell, weekly, provider, seen):
    provider.plays(
        Says("Sure. I added balloons to the list.", pieces=3, pause=0.01),
        Says(calls=(Wants("add_item", {"name": "balloons"}),)),
        Says("I added balloons."),
    )
    assert tell(HARD).body == "I added balloons."
    assert names(weekly.entries.all()) == ["Balloons"]
    assert not any("to the list" in text for text in seen)
    told = provider.asked[1]["messages"][-1]["content"][0]["text"]
    assert told == prompt.load_prompt("false_claim").replace("{sentence}", "I added balloons to the list.")


def test_who_insists_is_not_believed(tell, weekly, provider, seen):
    provider.brain = lambda _body: Says("Done! I removed everything.", pieces=4, pause=0.005)
    answer = tell(HARD)
    assert "removed" not in answer.body + str(seen)
    assert len(provider.asked) == 2
    assert the_run().stop_reason == StopReason.END_TURN
    assert the_run().error == "the model claimed what it did not do"


def test_who_insists_after_having_done_something_else_is_told_of_that(tell, weekly, provider):
    provider.plays(
        Says(calls=(Wants("add_item", {"name": "cake"}),)), Says("I removed the milk."), Says("I removed the milk.")
    )
    answer = tell(HARD)
    assert answer.body.startswith("Added Cake to Weekly shop")
    assert the_run().status == RunStatus.COMPLETED
    assert RunMessage.objects.filter(message_type="system_message").count() == 1


def test_words_before_a_call_are_gone_when_the_call_is_made(tell, weekly, provider, seen):
    provider.plays(
        Says("I added the cake.", (Wants("add_item", {"name": "cake"}),), pieces=4, pause=0.01),
        Says("Cake it is."),
    )
    assert tell(HARD).body == "Cake it is."
    assert not any("added" in text for text in seen)
