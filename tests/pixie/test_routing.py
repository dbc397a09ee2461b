"""Routes of messages: to local understanding or to a model of some size."""

import pytest

from pixie.llm.routing import Tier, choose_tier, needs_model
from pixie.nlu.outcome import Proposal, Understanding

SMALL, NORMAL, LARGE = Tier
LOCAL, OVER_BUDGET = "local", "over budget"
LONG_REQUEST = "Plan a menu for the weekend. We are four. Ben eats no fish. Keep it cheap."
PLANNING_REQUEST = "Plan dinners for the whole week"


def build_understanding(text, *confidences, tool="add_item", question=None):
    actions = tuple(Proposal(tool, {"name": "eggs"}, confidence) for confidence in confidences)
    return Understanding(text, "chat", 0.5, actions=actions, question=question)


@pytest.mark.parametrize(
    ("understanding", "options", "expected"),
    [
        (build_understanding("we need eggs", 0.95), {}, LOCAL),
        (build_understanding("we need eggs", 0.85), {}, LOCAL),
        (build_understanding("eggs or so", 0.84), {}, SMALL),
        (build_understanding("eggs, milk or so", 0.95, 0.5), {}, NORMAL),
        (build_understanding("add some stuff", question="What should go on the list?"), {}, LOCAL),
        (build_understanding("remind me of the bins", 0.95, tool="create_task"), {}, SMALL),  # an unavailable tool
        (build_understanding("how are you"), {}, SMALL),
        (build_understanding("why is rice so dear"), {}, NORMAL),
        (build_understanding(LONG_REQUEST), {}, LARGE),
        (build_understanding(PLANNING_REQUEST), {}, LARGE),
        (build_understanding("และ " * 61), {}, LARGE),
        (build_understanding("วางแผนอาหารทั้งสัปดาห์"), {}, LARGE),
        (build_understanding("ช่วยแนะนำเมนูหน่อย"), {}, NORMAL),
        (build_understanding(PLANNING_REQUEST), {"budget_left": 0.5}, LARGE),
        (build_understanding(PLANNING_REQUEST), {"budget_left": 0.1}, NORMAL),
        (build_understanding("how are you"), {"budget_left": 0.1}, SMALL),
        (build_understanding("how are you"), {"budget_left": 0.0}, OVER_BUDGET),
        (build_understanding("we need eggs", 0.95), {"budget_left": 0.0}, LOCAL),
        (build_understanding("we need eggs", 0.95), {"requested": "model"}, SMALL),
        (build_understanding("we need eggs", 0.95), {"requested": "model", "budget_left": 0.0}, OVER_BUDGET),
        (build_understanding("how are you"), {"requested": "local"}, LOCAL),
    ],
)
def test_route_of_a_message(understanding, options, expected):
    if needs_model(understanding, options.get("requested", ""), {"add_item"}):
        assert (choose_tier(understanding, options.get("budget_left")) or OVER_BUDGET) == expected
    else:
        assert expected == LOCAL
