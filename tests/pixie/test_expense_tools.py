"""Tools for shared expenses: Pixie adds one and says who owes whom."""

from decimal import Decimal

import pytest

from groceries.actions import create_expense, settle_up
from groceries.models import Expense
from homes.accounts.models import User
from pixie.nlu.outcome import Proposal
from pixie.replies import answers
from pixie.replies.calls import describe_call
from pixie.runs.tool_calls import try_tool
from pixie.tools import TOOLS
from tests.factories import by


@pytest.fixture
def ask(nok, ben, pixie):
    """Call a tool as Pixie for Nok and return the answer: `ask("list_balances")`."""

    def call(tool, *, who=nok, **payload):
        outcome = try_tool(by(who).as_agent(pixie), Proposal(tool, payload, 1.0), is_confirmed=True)
        return answers.describe_outcomes([outcome])

    return call


def only_shares():
    return {share.person.name: share.amount for share in Expense.objects.get().shares}


def test_expense_is_the_persons_and_shared_by_all(ask, nok):
    answer = ask("add_expense", what="Pizza", amount="฿450", category="eating out")
    assert answer == "Added “Pizza” for ฿450: Nok paid, shared by Nok and Ben."
    assert only_shares() == {"Nok": 225, "Ben": 225}
    assert Expense.objects.get().paid_by == nok.user


def test_expense_of_somebody_else_for_some(ask, ben):
    ask("add_expense", what="Taxi", amount=120, paid_by="ben", among=["me"])
    assert (only_shares(), Expense.objects.get().paid_by) == ({"Nok": 120}, ben.user)


def test_unknown_and_ambiguous_people_are_refused(ask, ploy):
    assert "nobody called “Mai”" in ask("add_expense", what="Taxi", amount=120, paid_by="Mai")
    User.objects.filter(pk=ploy.user_id).update(name="Ben")
    assert "Several people here are called “Ben”" in ask("add_expense", what="Taxi", amount=120, among=["Ben"])
    assert not Expense.objects.exists()


@pytest.mark.parametrize("amount", ["", "much", 0, -5, "1000000000"])
def test_invalid_amount_is_refused(ask, amount):
    ask("add_expense", what="Taxi", amount=amount)
    assert not Expense.objects.exists()


def test_question_says_who_pays_what(nok, ben):
    tool = TOOLS["add_expense"]
    arguments = dict(tool.arguments.model_validate({"what": "Pizza", "amount": 450}))
    described = describe_call(Proposal(tool.name, {**arguments, **tool.resolve(by(nok), **arguments)}, 1.0))
    assert described == "add the expense “Pizza” of ฿450, paid by Nok and shared by Nok and Ben"
    assert describe_call(Proposal(tool.name, arguments, 1.0)) == "add the expense “Pizza” of 450"


def test_balances_are_told(ask, nok, ben):
    assert ask("list_balances") == "Nobody owes anything."
    create_expense("Pizza", Decimal(450), by=by(nok))
    assert ask("list_balances") == "Ben owes Nok ฿225."
    settle_up(str(ben.user_id), str(nok.user_id), Decimal(225), by=by(ben))
    assert ask("list_balances") == "Nobody owes anything."


def test_balances_of_another_home_are_not_told(ask, nok, mai):
    create_expense("Pizza", Decimal(450), by=by(nok))
    assert ask("list_balances", who=mai) == "Nobody owes anything."
