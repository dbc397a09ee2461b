"""The costs page."""

from decimal import Decimal

import pytest
from django.urls import reverse

from homes.actions import remove_member
from homes.models import Agent
from pixie.actions import choose_model
from pixie.models import ModelPrice, Run, RunStep
from tests.counting import queries_of
from tests.factories import by


@pytest.fixture
def page(nok, sign_in):
    """Return the page's HTML for Nok, or its status if it is not 200: `page(by="member")`, `page(ben)`."""

    def read(who=nok, **query):
        answer = sign_in(who).get(reverse("pixie:costs", args=[nok.home_id], query=query))
        return answer.content.decode() if answer.status_code == 200 else answer.status_code

    return read


@pytest.fixture
def add_step(nok, pixie, agent_chat, general):
    """Create a step of a run without a message: `add_step("tiny", "0.25")`."""
    ModelPrice.objects.create(model="tiny")

    def create(model, cost=0, **fields):
        run = Run.objects.create(home=nok.home, agent=pixie, channel=agent_chat, **fields)
        tokens = {"input_tokens": 1200, "output_tokens": 34} if model != "local" else {}
        return RunStep.objects.create(run=run, step_number=1, model=model, cost_usd=Decimal(cost), **tokens)

    return create


def test_page_without_usage(page):
    html = page()
    assert "Pixie wasn't asked anything this month." in html
    assert "US$ 0.00" in html
    assert "Set a monthly limit" in html
    assert "columns" not in html


def test_page_with_local_answers_only(page, add_step):
    add_step("local")
    html = page()
    for text in ("1 answer, none from a language model", "No language model", "columns__fill"):
        assert text in html


def test_costs_are_shown_by_model_and_day(page, add_step):
    add_step("tiny", "0.25")
    add_step("tiny", "0.5")
    add_step("local")
    html = page()
    for text in ("US$ 0.75", "3 answers", "2 language model calls", "2,400 input tokens", "0.7500", "2,468", "tiny"):
        assert text in html, text


def test_costs_are_shown_by_member_and_agent(nok, ben, general, page, tell, weekly):
    tell("Pixie, we need eggs", who=ben, where=general)
    assert "Ben" in page(by="member")
    assert "Pixie" in page(by="agent")
    remove_member(ben, by=by(nok))
    assert "Former member" in page(by="member")


def test_runs_without_a_member_are_shown_as_automatic(page, add_step):
    add_step("tiny", "0.25")
    assert "Automatic" in page(by="member")


def test_earlier_month_is_shown(freeze_time, page, add_step):
    add_step("tiny", "0.25", created_at=freeze_time("2026-03-04 12:00"))
    freeze_time("2026-04-04 12:00")
    assert "US$ 0.00" in page()
    march = page(month="2026-03")
    assert "US$ 0.25" in march
    assert "Set a monthly limit" not in march
    assert "?month=2026-04" in march
    assert "?month=2026-05" not in page(month="nonsense")


def test_spending_is_compared_with_the_homes_limit(nok, ben, page, add_step):
    choose_model(by=by(nok), provider="", monthly_budget_usd=Decimal(1))
    add_step("tiny", "0.25")
    html = page(ben)
    assert "of US$ 1.00 this month" in html
    assert 'width="25.0%"' in html
    assert "The budget is used up." not in html
    add_step("tiny", "0.75")
    assert "The budget is used up." in page(ben)
    assert "bar__fill--over" in page(ben)


def test_plain_member_is_told_that_owners_set_the_limit(ben, page):
    assert "An owner can set one." in page(ben)


def test_spending_is_compared_with_agents_limits(nok, pixie, page, add_step):
    assert "Agent limits" not in page()
    Agent.objects.filter(pk=pixie.pk).update(monthly_budget_usd=Decimal(2))
    add_step("tiny", "0.5")
    html = page()
    assert "Agent limits" in html
    assert "US$ 0.50 of 2.00" in html


def test_models_without_a_price_are_listed_and_escaped(page, add_step):
    add_step("nameless")
    assert "count as free: nameless." in page()
    add_step("<script>")
    assert "&lt;script&gt;" in page()
    assert "<script>," not in page()


def test_page_of_another_home_is_not_found(mai, page):
    assert page(mai) == 404


def test_query_count_does_not_grow_with_models(page, add_step):
    for number in range(2):
        add_step(f"model-{number}")
    query_count = queries_of(page)
    for number in range(20):
        add_step(f"model-{number}")
    assert queries_of(page) == query_count
