from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from groceries.actions import add_entry, create_list, pause_recurring, set_recurring
from groceries.models import GroceryList, RecurringItem
from tests.counting import queries_of
from tests.factories import by

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/recurring/"


@pytest.fixture
def rule(nok):
    return set_recurring("Rice", "monthly", by=by(nok), quantity=Decimal(5), unit="kg")


def test_page_shows_the_rules(url, nok, rule, sign_in):
    page = sign_in(nok).get(url).text
    assert "Rice, 5 kg" in page
    assert "Every month" in page


def test_home_without_rules_shows_a_hint(url, nok, sign_in):
    assert "No recurring items yet." in sign_in(nok).get(url).text


def test_rules_of_other_homes_are_not_listed(url, nok, mai, sign_in):
    set_recurring("Zorkmids", "weekly", by=by(mai))
    assert "Zorkmids" not in sign_in(nok).get(url).text


def test_posting_the_form_creates_a_rule(url, nok, sign_in, events):
    assert sign_in(nok).post(url, {"text": "2 l milk", "frequency": "weekly"}).url == url
    rule = RecurringItem.objects.get()
    assert (rule.item.name, rule.quantity, rule.unit, rule.frequency) == ("Milk", 2, "liter", "weekly")
    assert events(nok.home) == ["recurring_set"]


def test_posting_the_same_item_changes_the_rule(url, nok, rule, sign_in):
    sign_in(nok).post(url, {"text": "rice 10 kg", "frequency": "weekly"})
    changed = RecurringItem.objects.get()
    assert (changed.quantity, changed.unit, changed.frequency) == (10, "kg", "weekly")


@pytest.mark.parametrize(
    "invalid",
    [{"text": ""}, {"text": "x" * 121}, {"text": "x" * 5000}, {"text": "x" * 110}, {"text": "\x00"}]
    + [{"frequency": "daily"}, {"frequency": ""}, {"frequency": "\x00"}],
)
def test_invalid_values_show_errors_at_their_fields(url, nok, sign_in, invalid):
    page = sign_in(nok).post(url, {"text": "2 l milk", "frequency": "weekly", **invalid})
    assert page.status_code == 422
    assert page.text.count('class="field__error" id=') == 1
    assert not RecurringItem.objects.exists()


@pytest.mark.parametrize(
    "text", ["🥚", "0 eggs", "-1 eggs", "1e9 eggs", "NaN", "99999999 eggs", "<script>alert(1)</script>", "2 kg", "‏שלום"]
)
def test_any_text_is_saved_or_refused(url, nok, sign_in, text):
    client = sign_in(nok)
    assert client.post(url, {"text": text, "frequency": "weekly"}).status_code in (302, 422)
    assert "<script>alert" not in client.get(url).text


def test_query_count_is_constant(url, nok, sign_in):
    client = sign_in(nok)

    def fill(count):
        for number in range(count):
            set_recurring(f"Rule {number} of {count}", "weekly", by=by(nok))

    fill(3)
    query_counts = queries_of(lambda: client.get(url))
    fill(57)
    assert queries_of(lambda: client.get(url)) == query_counts


# Pause, resume, stop


def test_rule_can_be_paused_and_resumed(url, nok, rule, sign_in, events):
    client = sign_in(nok)
    for _twice in range(2):
        assert client.post(f"{url}{rule.pk}/pause").url == url
    assert "paused" in client.get(url).text
    for _twice in range(2):
        client.post(f"{url}{rule.pk}/resume")
    rule.refresh_from_db()
    assert rule.paused_at is None
    assert events(nok.home).count("recurring_updated") == 2


def test_rule_can_be_stopped(url, nok, rule, sign_in, events):
    client = sign_in(nok)
    assert client.post(f"{url}{rule.pk}/stop").url == url
    assert not RecurringItem.objects.exists()
    assert events(nok.home)[-1] == "recurring_stopped"
    assert client.post(f"{url}{rule.pk}/stop").status_code == 404


def test_unknown_verb_is_not_found(url, nok, rule, sign_in):
    assert sign_in(nok).post(f"{url}{rule.pk}/burn").status_code == 404


# Adding before the due time


def test_add_due_adds_an_item_before_its_due_time(url, nok, weekly, rule, sign_in):
    assert sign_in(nok).post(f"{url}{rule.pk}/add").url == f"/h/{nok.home_id}/lists/{weekly.pk}/"
    assert [str(entry) for entry in weekly.entries.all()] == ["Rice (5 kg)"]


def test_add_due_without_a_list_creates_one(url, nok, rule, sign_in):
    sign_in(nok).post(f"{url}{rule.pk}/add")
    assert [str(entry) for entry in GroceryList.objects.get().entries.all()] == ["Rice (5 kg)"]


def test_add_due_with_the_same_op_id_adds_once(url, nok, weekly, rule, sign_in):
    client, once = sign_in(nok), {"op_id": str(uuid4())}
    for _twice in range(2):
        client.post(f"{url}{rule.pk}/add", once)
    assert [str(entry) for entry in weekly.entries.all()] == ["Rice (5 kg)"]


def test_htmx_request_returns_the_current_list(url, nok, weekly, rule, sign_in):
    part = sign_in(nok).post(f"{url}{rule.pk}/add", headers=HTMX).text
    assert "<html" not in part
    assert "5 kg" in part


def test_amount_above_the_maximum_is_refused(url, nok, weekly, rule, sign_in):
    add_entry(weekly, "Rice", by=by(nok), quantity=Decimal(99999), unit="kg")
    for headers in ({}, HTMX):
        page = sign_in(nok).post(f"{url}{rule.pk}/add", headers=headers)
        assert page.status_code == 422
        assert "more than a list can hold" in page.text


def test_add_due_works_for_a_paused_rule(url, nok, weekly, rule, sign_in):
    pause_recurring(rule, by=by(nok))
    assert sign_in(nok).post(f"{url}{rule.pk}/add").status_code == 302


# Access

VERBS = ["pause", "resume", "stop", "add"]


@pytest.mark.parametrize("verb", VERBS)
def test_rule_of_another_home_is_not_found(url, nok, mai, sign_in, verb):
    theirs = set_recurring("Zorkmids", "weekly", by=by(mai))
    create_list("Mine", by=by(mai))
    assert sign_in(nok).post(f"{url}{theirs.pk}/{verb}").status_code == 404
    assert sign_in(nok).post(f"{url}{uuid4()}/{verb}").status_code == 404
    assert RecurringItem.objects.filter(pk=theirs.pk, paused_at=None).exists()


@pytest.mark.parametrize("verb", VERBS)
def test_non_member_gets_404(url, nok, mai, rule, sign_in, events, verb):
    before = events(nok.home)
    assert sign_in(mai).post(f"{url}{rule.pk}/{verb}").status_code == 404
    assert events(nok.home) == before


@pytest.mark.parametrize("verb", VERBS)
def test_anonymous_user_is_asked_to_sign_in(url, nok, rule, events, verb):
    before = events(nok.home)
    assert Client().post(f"{url}{rule.pk}/{verb}").url.startswith("/accounts/login/")
    assert events(nok.home) == before


@pytest.mark.parametrize("verb", VERBS)
def test_get_changes_nothing(url, nok, rule, sign_in, verb):
    assert sign_in(nok).get(f"{url}{rule.pk}/{verb}").status_code == 405


def test_page_is_not_found_for_non_members(url, mai, rule, sign_in):
    assert sign_in(mai).get(url).status_code == 404
    assert sign_in(mai).post(url, {"text": "eggs", "frequency": "weekly"}).status_code == 404


def test_page_asks_anonymous_users_to_sign_in(url):
    assert Client().get(url).url == f"/accounts/login/?next={url}"
