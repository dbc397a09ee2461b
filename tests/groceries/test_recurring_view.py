import re
from datetime import timedelta
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


def test_posting_the_same_item_adds_another_rule(url, nok, rule, sign_in):
    sign_in(nok).post(url, {"text": "rice 10 kg", "frequency": "weekly"})
    page = sign_in(nok).get(url).text
    assert "Rice, 5 kg" in page
    assert "Rice, 10 kg" in page


def test_own_rule_and_first_day_are_saved(url, nok, sign_in, freeze_time):
    freeze_time("2026-03-11 12:00")
    own = {"frequency": "rule", "rrule": "rrule:freq=monthly;byday=-1fr", "starts_on": "2026-05-01"}
    assert sign_in(nok).post(url, {"text": "2 l milk", **own}).status_code == 302
    rule = RecurringItem.objects.get()
    assert (rule.rrule, str(rule.starts_on)) == ("FREQ=MONTHLY;BYDAY=-1FR", "2026-05-01")
    page = sign_in(nok).get(url).text
    assert "On the last Friday of every month" in page
    assert re.search("next on .*", page)[0] == "next on Friday 29 May"


@pytest.mark.parametrize(
    "invalid",
    [{"text": ""}, {"text": "x" * 121}, {"text": "x" * 5000}, {"text": "x" * 110}, {"text": "\x00"}]
    + [{"frequency": "hourly"}, {"frequency": ""}, {"frequency": "\x00"}, {"frequency": "rule", "rrule": ""}]
    + [{"frequency": "rule", "rrule": rrule} for rrule in ("FREQ=NEVER", "FREQ=DAILY;UNTIL=20200101", "x" * 300)]
    + [{"starts_on": day} for day in ("tomorrow", "2199-01-01", "0001-01-01", "9999-12-31")],
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


def test_rule_can_be_skipped_and_the_toast_undoes_it(url, nok, rule, sign_in):
    client, due = sign_in(nok), rule.next_due_at
    page = client.post(f"{url}{rule.pk}/skip", follow=True).text
    assert "Rice is skipped once." in page
    rule.refresh_from_db()
    assert rule.next_due_at > due
    undo_url = re.search(r'action="(/h/[^"]+/operations/[^"]+/undo)"', page)[1]
    assert "Undone." in client.post(undo_url, follow=True).text
    rule.refresh_from_db()
    assert rule.next_due_at == due
    assert "nothing left to undo" in client.post(undo_url, follow=True).text


def test_toast_of_a_stop_brings_the_rule_back(url, nok, rule, sign_in):
    client = sign_in(nok)
    page = client.post(f"{url}{rule.pk}/stop", follow=True).text
    client.post(re.search(r'action="(/h/[^"]+/operations/[^"]+/undo)"', page)[1])
    assert RecurringItem.objects.get().pk == rule.pk


def test_operation_of_another_member_cannot_be_undone(url, nok, ben, rule, sign_in):
    page = sign_in(nok).post(f"{url}{rule.pk}/pause", follow=True).text
    undo_url = re.search(r'action="(/h/[^"]+/operations/[^"]+/undo)"', page)[1]
    assert sign_in(ben).post(undo_url).status_code == 404
    rule.refresh_from_db()
    assert rule.paused_at


# Editing


def test_edit_page_shows_the_rule(url, nok, rule, sign_in):
    page = sign_in(nok).get(f"{url}{rule.pk}/edit").text
    assert 'value="5"' in page
    assert '<option value="monthly" selected>' in page


def test_editing_changes_the_amount_and_keeps_the_due_time(url, nok, rule, sign_in):
    form = {"quantity": "10", "unit": "kg", "frequency": "monthly", "starts_on": str(rule.starts_on)}
    assert sign_in(nok).post(f"{url}{rule.pk}/edit", form).url == url
    changed = RecurringItem.objects.get()
    assert (changed.quantity, changed.next_due_at) == (10, rule.next_due_at)


def test_editing_changes_the_rule(url, nok, rule, sign_in):
    form = {"quantity": "5", "unit": "kg", "starts_on": str(rule.starts_on)}
    sign_in(nok).post(f"{url}{rule.pk}/edit", {**form, "frequency": "rule", "rrule": "FREQ=DAILY;INTERVAL=3"})
    assert RecurringItem.objects.get().rrule == "FREQ=DAILY;INTERVAL=3"
    page = sign_in(nok).get(f"{url}{rule.pk}/edit").text
    assert '<option value="rule" selected>' in page
    assert 'value="FREQ=DAILY;INTERVAL=3"' in page


@pytest.mark.parametrize("invalid", [{"quantity": "0"}, {"starts_on": ""}, {"frequency": "rule", "rrule": "daily"}])
def test_edit_page_with_invalid_values_shows_the_error(url, nok, rule, sign_in, invalid):
    form = {"quantity": "5", "unit": "kg", "frequency": "weekly", "starts_on": str(rule.starts_on)}
    page = sign_in(nok).post(f"{url}{rule.pk}/edit", {**form, **invalid})
    assert page.status_code == 422
    assert page.text.count('class="field__error" id=') == 1


def test_rule_can_be_moved_to_another_day_once(url, nok, rule, sign_in):
    day = rule.next_due_at.astimezone(nok.home.zone).date() + timedelta(days=2)
    assert sign_in(nok).post(f"{url}{rule.pk}/snooze", {"day": str(day)}).url == url
    rule.refresh_from_db()
    assert rule.next_due_at.astimezone(nok.home.zone).date() == day


@pytest.mark.parametrize("day", ["", "tomorrow", "2020-01-01", "9999-12-31"])
def test_day_that_does_not_do_is_refused(url, nok, rule, sign_in, day):
    page = sign_in(nok).post(f"{url}{rule.pk}/snooze", {"day": day})
    assert page.status_code == 422
    assert page.text.count('class="field__error" id=') == 1


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

VERBS = ["pause", "resume", "skip", "stop", "snooze", "add"]


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


def test_edit_page_is_not_found_for_strangers(url, nok, mai, rule, sign_in):
    theirs = set_recurring("Zorkmids", "weekly", by=by(mai))
    assert sign_in(mai).get(f"{url}{rule.pk}/edit").status_code == 404
    assert sign_in(nok).get(f"{url}{theirs.pk}/edit").status_code == 404
    assert sign_in(mai).post(f"{url}undo/{uuid4()}").status_code == 404


def test_page_is_not_found_for_non_members(url, mai, rule, sign_in):
    assert sign_in(mai).get(url).status_code == 404
    assert sign_in(mai).post(url, {"text": "eggs", "frequency": "weekly"}).status_code == 404


def test_page_asks_anonymous_users_to_sign_in(url):
    assert Client().get(url).url == f"/accounts/login/?next={url}"
