"""Tools that answer questions about lists and purchases."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from groceries.actions import (
    add_entry,
    archive_list,
    change_list_state,
    create_list,
    fire_due,
    purchase_entry,
    remove_entry,
    set_recurring,
)
from groceries.models import ListEntry
from homes.events.actor import Actor
from pixie.nlu.outcome import Proposal
from pixie.replies import answers
from pixie.runs.outcomes import Refusal
from pixie.runs.tool_calls import try_tool
from tests.factories import by


@pytest.fixture
def ask(nok, pixie):
    """Call a tool as Pixie for Nok and return the answer: `ask("item_on_list", name="rice")`."""

    def call(tool, *, who=nok, **payload):
        with timezone.override(who.home.zone):
            outcome = try_tool(by(who).as_agent(pixie), Proposal(tool, payload, 1.0), is_confirmed=False)
            return answers.describe_outcomes([outcome])

    return call


@pytest.fixture
def added(freeze_time, nok, ben, weekly):
    """Ben's rice of yesterday, Nok's milk and eggs of today."""

    def add(member, name, at, **amount):
        entry, _is_new = add_entry(weekly, name, by=by(member), **amount)
        ListEntry.objects.filter(pk=entry.pk).update(created_at=at)

    now = freeze_time("2026-03-10 12:00")
    add(ben, "Rice", now - timedelta(days=1), quantity=Decimal(2), unit="kg")
    add(nok, "Milk", now, quantity=Decimal(1), unit="liter")
    add(nok, "Eggs", now)


@pytest.fixture
def bought(freeze_time, nok, ben, weekly):
    """Coffee of Ben's on 1 March and of Nok's on 9 March, and Ben's tea on 10 March, without a price."""
    purchases = (("03-01", ben, "Coffee", 240), ("03-09", nok, "Coffee", 250), ("03-10", ben, "Tea", None))
    for day, member, name, price in purchases:
        freeze_time(f"2026-{day} 12:00")
        entry, _is_new = add_entry(weekly, name, by=by(nok), quantity=Decimal(2), unit="pack")
        purchase_entry(entry, by=by(member), price=price and Decimal(price))


# Is it on the list?


def test_item_on_list_tells_amount_adder_and_day(added, ask):
    assert ask("item_on_list", name="rice") == "Yes: Rice (2 kg) is on Weekly shop, added by Ben yesterday."
    assert ask("item_on_list", name="egg") == "Yes: Eggs is on Weekly shop, added by Nok today."


def test_item_that_is_not_on_the_list_is_denied_without_the_list(added, ask):
    assert ask("item_on_list", name="bread") == "No, bread is not on Weekly shop."


def test_item_on_none_of_several_lists_is_denied(nok, added, ask):
    create_list("Party", by=by(nok))
    assert ask("item_on_list", name="bread") == "No, bread is not on any list."
    assert ask("item_on_list", name="rice", list="party") == "No, rice is not on Party."


def test_item_on_two_lists_is_told_of_each(nok, added, ask):
    add_entry(create_list("Party", by=by(nok)), "Rice", by=by(nok))
    ListEntry.objects.filter(list__name="Party").update(created_at=timezone.now())
    assert ask("item_on_list", name="rice") == (
        "Yes: Rice is on Party, added by Nok today. Rice (2 kg) is on Weekly shop, added by Ben yesterday."
    )


def test_item_that_is_in_the_basket_is_told(ben, added, ask):
    purchase_entry(ListEntry.objects.get(item__name="Rice"), by=by(ben))
    assert ask("item_on_list", name="rice") == "No, Rice is in the basket of Weekly shop: Ben bought it today."


def test_items_that_share_the_word_are_all_told(nok, weekly, ask):
    for name in ("Cherry tomatoes", "Plum tomatoes"):
        add_entry(weekly, name, by=by(nok))
    first, second = (f"{name} is on Weekly shop, added by Nok today." for name in ("Cherry tomatoes", "Plum tomatoes"))
    assert ask("item_on_list", name="tomatoes") == f"Yes: {first} {second}"


def test_item_that_was_added_automatically_has_no_adder(nok, weekly, ask):
    recurring = set_recurring("Coffee", "weekly", by=by(nok))
    fire_due(recurring, recurring.next_due_at)
    assert ask("item_on_list", name="coffee") == "Yes: Coffee is on Weekly shop, added automatically today."
    assert ask("who_added", name="coffee") == "Coffee was added to Weekly shop automatically today."


def test_who_added_names_the_member(ben, added, ask):
    assert ask("who_added", name="rice") == "Ben added Rice to Weekly shop yesterday."
    purchase_entry(ListEntry.objects.get(item__name="Milk"), by=by(ben))
    assert ask("who_added", name="milk") == "Nok added Milk to Weekly shop today."
    assert ask("who_added", name="bread") == "Bread is not on Weekly shop."


# Which items are on the list?


@pytest.mark.parametrize(
    ("filters", "answer"),
    [
        ({"category": "staples"}, "1 item under Staple is on Weekly shop: Rice (2 kg)."),
        ({"category": "household"}, "Nothing under Household is on Weekly shop."),
        ({"category": "treasure"}, "Nothing under treasure is on Weekly shop."),
        ({"member": "ben"}, "1 item added by Ben is on Weekly shop: Rice (2 kg)."),
        ({"member": "me"}, "2 items added by Nok are on Weekly shop: Milk (1 liter) and Eggs."),
        ({"member": "me", "category": "dairy", "name": "milk"},
         "1 item like “milk”, under Dairy and added by Nok is on Weekly shop: Milk (1 liter)."),
        ({"name": "bread"}, "Nothing like “bread” is on Weekly shop."),
        ({"count_only": True}, "3 items are on Weekly shop."),
        ({"count_only": True, "member": "Ben"}, "1 item added by Ben is on Weekly shop."),
        ({"list": "weekly"}, "3 items are on Weekly shop: Milk (1 liter), Eggs and Rice (2 kg)."),
        ({"list": "nowhere"}, "There is no list “nowhere”. There are: Weekly shop."),
        ({"member": "Mai"}, "There is nobody called “Mai” here. There are: Nok, Ben."),
    ],
)  # fmt: skip
def test_list_items_answers_the_filter(mai, added, ask, filters, answer):
    assert ask("list_items", **filters) == answer


# What was bought?


def test_last_purchase_tells_buyer_day_amount_and_price(bought, ask):
    assert ask("purchases", name="coffee") == "Nok last bought Coffee yesterday: 2 packs. It cost ฿250."
    assert ask("purchases", name="tea") == "Ben last bought Tea today: 2 packs. The price was not entered."
    assert ask("purchases", name="coffee", member="ben") == (
        "Ben last bought Coffee on Sunday 1 March: 2 packs. It cost ฿240."
    )


def test_item_that_was_never_bought_is_denied(bought, weekly, ask):
    assert ask("purchases", name="butter") == "Butter was not bought."
    assert ask("purchases", name="tea", member="me") == "Nok has not bought tea."


def test_purchases_of_a_member_are_listed_newest_first(bought, ask):
    assert ask("purchases", member="Ben") == (
        "Ben bought 2 items: Tea (2 packs, today) and Coffee (2 packs, ฿240, on Sunday 1 March)."
    )


def test_purchases_of_a_period_are_listed_with_their_buyers(bought, ask):
    assert ask("purchases", period="week") == (
        "This week: 2 items were bought: Tea (2 packs, Ben, today) and Coffee (2 packs, ฿250, Nok, yesterday)."
    )
    assert ask("purchases", since="2026-03-10") == (
        "Since Tuesday 10 March: 1 item was bought: Tea (2 packs, Ben, today)."
    )
    assert ask("purchases", member="me", since="2026-03-10") == "Since Tuesday 10 March: Nok has bought nothing."


def test_purchases_show_the_newest_ten_and_count_the_others(nok, weekly, ask):
    for number in range(12):
        purchase_entry(add_entry(weekly, f"Thing {number}", by=by(nok))[0], by=by(nok))
    answer = ask("purchases")
    assert answer.startswith("12 items were bought: Thing 11 (Nok, today), Thing 10 (Nok, today), ")
    assert answer.endswith("Thing 2 (Nok, today) and 2 more.")


def test_purchases_of_an_archived_list_count_and_do_not_name_it(nok, weekly, bought, ask, pixie):
    archive_list(weekly, by=by(nok))
    assert ask("purchases", name="coffee") == "Nok last bought Coffee yesterday: 2 packs. It cost ฿250."
    outcome = try_tool(by(nok).as_agent(pixie), Proposal("purchases", {"name": "coffee"}, 1.0), is_confirmed=False)
    assert "Weekly shop" not in str(outcome)


def test_purchase_that_was_removed_is_not_told(nok, bought, ask):
    remove_entry(ListEntry.objects.get(item__name="Tea"), by=by(nok))
    assert ask("purchases", name="tea") == "Tea was not bought."


# Who may know


QUESTIONS = [
    ("item_on_list", {"name": "caviar"}),
    ("item_on_list", {"name": "truffles"}),
    ("who_added", {"name": "caviar"}),
    ("purchases", {"name": "truffles"}),
    ("purchases", {"member": "Mai"}),
    ("purchases", {}),
    ("list_items", {"name": "caviar"}),
    ("list_items", {"category": "cellar"}),
    ("list_items", {"list": "Mine"}),
    ("list_items", {"member": "Mai"}),
]


@pytest.mark.parametrize(("tool", "payload"), QUESTIONS)
def test_answers_show_nothing_of_another_home(nok, mai, weekly, ask, tool, payload):
    theirs = create_list("Mine", by=by(mai))
    add_entry(theirs, "Caviar", by=by(mai), quantity=Decimal(86), unit="kg")
    purchase_entry(add_entry(theirs, "Truffles", by=by(mai))[0], by=by(mai), price=Decimal(86))
    answer = ask(tool, **payload)
    assert "86" not in answer
    assert "Mai" not in answer.replace("“Mai”", "")


@pytest.mark.parametrize("close", [archive_list, lambda each, by: change_list_state(each, "completed", by=by)])
def test_lists_that_are_archived_or_completed_are_not_shown(nok, weekly, ask, close):
    secret = create_list("Surprise", by=by(nok))
    add_entry(secret, "Cake", by=by(nok))
    close(secret, by=by(nok))
    for tool in ("item_on_list", "who_added", "list_items"):
        assert "Surprise" not in ask(tool, name="cake")


@pytest.mark.parametrize("tool", ["item_on_list", "who_added", "purchases", "list_items"])
def test_questions_need_the_scope_to_read(nok, bought, added, tool):
    actor = Actor.of(nok, scopes=["write", "chat"])
    outcome = try_tool(actor, Proposal(tool, {"name": "rice"}, 1.0), is_confirmed=False)
    assert outcome == Refusal("This token lacks the scope “read”.")


@pytest.mark.parametrize("tool", ["item_on_list", "who_added", "purchases", "list_items"])
def test_more_rows_need_no_more_queries(nok, weekly, ask, tool, django_assert_max_num_queries):
    for number in range(3):
        purchase_entry(add_entry(weekly, f"Cake {number}", by=by(nok))[0], by=by(nok))
        add_entry(weekly, f"Cake {number}", by=by(nok))
    with django_assert_max_num_queries(7):
        ask(tool, name="cake")
