"""Which model answers, if any: a table."""

import pytest

from pixie.llm.access import Tier, choose_tier, needs_model
from pixie.nlu.outcome import Proposal, Understanding

SMALL, NORMAL, LARGE = Tier
HERE, SPENT = "here", "spent"
PLAN = "Plan a menu for the weekend. We are four. Ben eats no fish. Keep it cheap."
WEEK = "Plan dinners for the whole week"


def understood(text, *confidences, tool="add_item", question=None):
    actions = tuple(Proposal(tool, {"name": "eggs"}, confidence) for confidence in confidences)
    return Understanding(text, "chat", 0.5, actions=actions, question=question)


@pytest.mark.parametrize(
    ("said", "options", "expected"),
    [
        (understood("we need eggs", 0.95), {}, HERE),
        (understood("we need eggs", 0.85), {}, HERE),
        (understood("eggs or so", 0.84), {}, SMALL),
        (understood("eggs, milk or so", 0.95, 0.5), {}, NORMAL),
        (understood("add some stuff", question="What should go on the list?"), {}, HERE),
        (understood("remind me of the bins", 0.95, tool="create_task"), {}, SMALL),  # no tool does that here
        (understood("how are you"), {}, SMALL),
        (understood("why is rice so dear"), {}, NORMAL),
        (understood(PLAN), {}, LARGE),
        (understood(WEEK), {}, LARGE),
        (understood("และ " * 61), {}, LARGE),
        (understood("วางแผนอาหารทั้งสัปดาห์"), {}, LARGE),
        (understood("ช่วยแนะนำเมนูหน่อย"), {}, NORMAL),
        (understood(WEEK), {"budget_left": 0.5}, LARGE),
        (understood(WEEK), {"budget_left": 0.1}, NORMAL),
        (understood("how are you"), {"budget_left": 0.1}, SMALL),
        (understood("how are you"), {"budget_left": 0.0}, SPENT),
        (understood("we need eggs", 0.95), {"budget_left": 0.0}, HERE),
        (understood("we need eggs", 0.95), {"requested": "model"}, SMALL),
        (understood("we need eggs", 0.95), {"requested": "model", "budget_left": 0.0}, SPENT),
        (understood("how are you"), {"requested": "local"}, HERE),
    ],
)
def test_the_way_of_a_message(said, options, expected):
    if not needs_model(said, options.get("requested", ""), {"add_item"}):
        assert expected == HERE
    else:
        assert (choose_tier(said, options.get("budget_left")) or SPENT) == expected
