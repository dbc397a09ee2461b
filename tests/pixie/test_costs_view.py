"""The page of what Pixie costs."""

from decimal import Decimal

import pytest
from django.urls import reverse

from homes.actions import remove_member
from homes.models import Agent
from pixie.actions import choose_model
from pixie.models import ModelPrice, Run, RunStep
from tests.cast import by
from tests.counting import queries_of


@pytest.fixture
def page(nok, sign_in):
    """`page(by="member")`, as Nok reads it; `page(ben)`."""

    def read(who=nok, **query):
        answer = sign_in(who).get(reverse("pixie:costs", args=[nok.home_id], query=query))
        return answer.content.decode() if answer.status_code == 200 else answer.status_code

    return read


@pytest.fixture
def used(nok, pixie, talk, general):
    """`used("tiny", "0.25")`: an answer of that model, to nobody."""
    ModelPrice.objects.create(model="tiny")

    def use(model, cost=0, **fields):
        run = Run.objects.create(home=nok.home, agent=pixie, channel=talk, **fields)
        tokens = {"input_tokens": 1200, "output_tokens": 34} if model != "local" else {}
        return RunStep.objects.create(run=run, step_number=1, model=model, cost_usd=Decimal(cost), **tokens)

    return use


def test_nothing_was_asked(page):
    shown = page()
    assert "Pixie wasn't asked anything this month." in shown
    assert "US$ 0.00" in shown
    assert "Set a monthly limit" in shown
    assert "columns" not in shown


def test_answers_that_cost_nothing(page, used):
    used("local")
    shown = page()
    for said in ("1 answer, none from a language model", "No language model", "columns__fill"):
        assert said in shown


def test_what_was_spent_by_model_and_by_day(page, used):
    used("tiny", "0.25")
    used("tiny", "0.5")
    used("local")
    shown = page()
    for said in ("US$ 0.75", "3 answers", "2 language model calls", "2,400 input tokens", "0.7500", "2,468", "tiny"):
        assert said in shown, said


def test_by_whom(nok, ben, general, page, tell, weekly):
    tell("Pixie, we need eggs", who=ben, where=general)
    assert "Ben" in page(by="member")
    assert "Pixie" in page(by="agent")
    remove_member(ben, by=by(nok))
    assert "Former member" in page(by="member")


def test_of_an_agent_that_began_by_itself(page, used):
    used("tiny", "0.25")
    assert "Automatic" in page(by="member")


def test_another_month(clock, page, used):
    used("tiny", "0.25", created_at=clock("2026-03-04 12:00"))
    clock("2026-04-04 12:00")
    assert "US$ 0.00" in page()
    march = page(month="2026-03")
    assert "US$ 0.25" in march
    assert "Set a monthly limit" not in march
    assert "?month=2026-04" in march
    assert "?month=2026-05" not in page(month="nonsense")


def test_against_the_limit_of_the_home(nok, ben, page, used):
    choose_model(by=by(nok), provider="", monthly_budget_usd=Decimal(1))
    used("tiny", "0.25")
    shown = page(ben)
    assert "of US$ 1.00 this month" in shown
    assert 'width="25.0%"' in shown
    assert "The budget is used up." not in shown
    used("tiny", "0.75")
    assert "The budget is used up." in page(ben)
    assert "bar__fill--over" in page(ben)


def test_members_are_told_who_sets_a_limit(ben, page):
    assert "An owner can set one." in page(ben)


def test_against_the_limits_of_agents(nok, pixie, page, used):
    assert "Agent limits" not in page()
    Agent.objects.filter(pk=pixie.pk).update(monthly_budget_usd=Decimal(2))
    used("tiny", "0.5")
    shown = page()
    assert "Agent limits" in shown
    assert "US$ 0.50 of 2.00" in shown


def test_a_model_without_a_price_is_named(page, used):
    used("nameless")
    assert "count as free: nameless." in page()
    used("<script>")
    assert "&lt;script&gt;" in page()
    assert "<script>," not in page()


def test_a_stranger_finds_nothing(mai, page):
    assert page(mai) == 404


def test_more_days_and_models_cost_no_more_queries(page, used):
    for number in range(2):
        used(f"model-{number}")
    few = queries_of(page)
    for number in range(20):
        used(f"model-{number}")
    assert queries_of(page) == few
