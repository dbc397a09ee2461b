"""What agents used, at the API."""

from decimal import Decimal

import pytest

from homes.models import Agent
from pixie.models import Run, RunStep
from tests.api.client import Program
from tests.pixie.test_thinking import HARD


@pytest.fixture
def usage():
    """`usage(nok, "group_by=day")`"""
    return lambda who, said="": Program(who).get(f"usage?{said}")


def test_a_home_that_asked_nothing(nok, pixie, usage):
    told = usage(nok).json()
    assert (told["totals"]["runs"], told["totals"]["cost_usd"], told["groups"]) == (0, 0, [])
    assert (told["budget"]["limit_usd"], told["budget"]["spent_usd"], told["budget"]["is_spent"]) == (None, "0", False)
    assert [each["agent_id"] for each in told["agents"]] == [str(pixie.pk)]


def test_all_of_it_by_what_one_asks_for(nok, ben, pixie, general, tell, weekly, provider, usage):
    tell("We need eggs")
    tell(f"Pixie, {HARD}", who=ben, where=general)
    told = usage(nok).json()
    known = ("runs", "calls", "input_tokens", "output_tokens", "cost_usd")
    assert [told["totals"][name] for name in known] == [2, 1, 100, 20, 0.012]
    assert [(each["key"], each["runs"], each["cost_usd"]) for each in told["groups"]] == [
        ("tiny", 1, 0.012),
        ("local", 1, 0.0),
    ]
    people = usage(nok, "group_by=member").json()["groups"]
    assert [(each["key"], each["calls"]) for each in people] == [(str(ben.user_id), 1), (str(nok.user_id), 0)]
    (agent,) = usage(nok, "group_by=agent").json()["groups"]
    assert (agent["key"], agent["runs"]) == (str(pixie.pk), 2)
    (day,) = usage(nok, "group_by=day").json()["groups"]
    assert (day["key"], day["runs"]) == (str(nok.home.now().date()), 2)


def test_from_a_day_to_a_day(clock, nok, pixie, talk, usage):
    for day in ("2026-03-30", "2026-03-31", "2026-04-01"):
        run = Run.objects.create(home=nok.home, agent=pixie, channel=talk, created_at=clock(f"{day} 23:30"))
        RunStep.objects.create(run=run, step_number=1, model="tiny")
    told = usage(nok, "from=2026-03-31&to=2026-04-01&group_by=day").json()
    assert (told["from"], told["to"]) == ("2026-03-31", "2026-04-01")
    assert [each["key"] for each in told["groups"]] == ["2026-03-31", "2026-04-01"]
    assert usage(nok, "from=2026-03-01&to=2026-03-31").json()["totals"]["runs"] == 2


def test_what_has_no_price_is_named(nok, pixie, talk, usage):
    run = Run.objects.create(home=nok.home, agent=pixie, channel=talk)
    RunStep.objects.create(run=run, step_number=1, model="nameless", input_tokens=5)
    assert usage(nok).json()["without_price"] == ["nameless"]


def test_the_state_of_the_limits(nok, pixie, talk, settings, usage):
    settings.PIXIE_MONTHLY_BUDGET_USD = Decimal(5)
    Agent.objects.filter(pk=pixie.pk).update(monthly_budget_usd=Decimal(1))
    run = Run.objects.create(home=nok.home, agent=pixie, channel=talk)
    RunStep.objects.create(run=run, step_number=1, model="tiny", cost_usd=Decimal("1.5"))
    told = usage(nok).json()
    assert (told["budget"]["limit_usd"], told["budget"]["spent_usd"], told["budget"]["is_spent"]) == ("5", "1.5", False)
    (own,) = told["agents"]
    assert (own["limit_usd"], own["spent_usd"], own["is_spent"]) == ("1", "1.5", True)


@pytest.mark.parametrize("said", ["from=2026-04-02&to=2026-04-01", "from=soon", "group_by=mood"])
def test_what_makes_no_sense_is_refused(nok, usage, said):
    assert usage(nok, said).status_code == 400


def test_of_another_home_nothing_is_told(nok, mai, tell, weekly, usage):
    tell("We need eggs")
    assert Program(mai).get(f"/homes/{nok.home_id}/usage").status_code == 403
    assert usage(mai).json()["totals"]["runs"] == 0
