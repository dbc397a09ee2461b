from decimal import Decimal
from uuid import uuid4

import pytest
from django.test import Client

from groceries.actions import add_entry, change_list_state, create_list
from groceries.models import ListEntry
from homes.events.models import Event
from tests.factories import by

HTMX = {"HX-Request": "true"}


@pytest.fixture
def url(nok, weekly):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/add"


def pending_entries(grocery_list):
    return sorted(str(entry) for entry in grocery_list.entries.pending())


def test_posting_text_adds_an_entry(url, nok, weekly, sign_in, events):
    assert sign_in(nok).post(url, {"text": "2 kg rice"}).url == f"/h/{nok.home_id}/lists/{weekly.pk}/"
    assert pending_entries(weekly) == ["Rice (2 kg)"]
    added = events.of(nok.home)[0]
    assert (added.type, added.actor_user, added.origin) == ("list_item_added", nok.user, "browser")


def test_text_with_several_items_adds_them_all(url, nok, weekly, sign_in, events):
    sign_in(nok).post(url, {"text": "2 l milk and thai basil\n6 eggs"})
    assert pending_entries(weekly) == ["Eggs (6 piece)", "Milk (2 liter)", "Thai basil (1 piece)"]
    assert events(nok.home) == ["list_item_added"] * 3


def test_htmx_request_returns_the_current_list(url, nok, weekly, milk, sign_in):
    part = sign_in(nok).post(url, {"text": "eggs"}, headers=HTMX)
    assert part.status_code == 200
    assert "<html" not in part.text
    assert "Milk" in part.text
    assert "Eggs" in part.text
    assert f'data-seq="{Event.objects.filter(home=nok.home).count()}"' in part.text
    assert "></textarea>" in part.text


def test_posting_the_same_op_id_twice_adds_once(url, nok, weekly, sign_in, events):
    client, once = sign_in(nok), {"text": "eggs, 2 l milk, eggs", "op_id": str(uuid4())}
    for _twice in range(2):
        client.post(url, once)
    assert pending_entries(weekly) == ["Eggs (2 piece)", "Milk (2 liter)"]
    assert len(events(nok.home)) == 3


def test_posting_the_same_text_with_two_op_ids_adds_twice(url, nok, weekly, sign_in):
    client = sign_in(nok)
    for _twice in range(2):
        client.post(url, {"text": "eggs", "op_id": str(uuid4())})
    assert pending_entries(weekly) == ["Eggs (2 piece)"]


@pytest.mark.parametrize("op_id", ["", "no", "\x00", "x" * 5000])
def test_invalid_op_id_is_ignored(url, nok, weekly, sign_in, op_id):
    sign_in(nok).post(url, {"text": "eggs", "op_id": op_id})
    assert pending_entries(weekly) == ["Eggs (1 piece)"]


def test_refused_text_stays_in_the_field_and_adds_nothing(url, nok, weekly, sign_in, events):
    text = "eggs, " + "x" * 101
    for headers in ({}, HTMX):
        page = sign_in(nok).post(url, {"text": text}, headers=headers)
        assert page.status_code == 422
        assert "That name is too long" in page.text
        assert f">{text}</textarea>" in page.text
        assert ("<html" in page.text) is (not headers)
    assert events(nok.home) == []


def test_empty_text_is_refused(url, nok, weekly, sign_in, events):
    for text in ("", "  ", ",", "\x00"):
        page = sign_in(nok).post(url, {"text": text})
        assert page.status_code == 422
    assert "What should go on the list?" in page.text
    assert sign_in(nok).post(url).status_code == 422
    assert events(nok.home) == []


def test_adding_to_a_completed_list_is_refused(url, nok, weekly, sign_in):
    change_list_state(weekly, "completed", by=by(nok))
    page = sign_in(nok).post(url, {"text": "eggs"})
    assert page.status_code == 422
    assert "This list is done." in page.text
    assert pending_entries(weekly) == []


def test_amount_above_the_maximum_is_refused(url, nok, weekly, sign_in):
    add_entry(weekly, "eggs", by=by(nok), quantity=Decimal(99999))
    assert sign_in(nok).post(url, {"text": "9 eggs"}).status_code == 422
    assert pending_entries(weekly) == ["Eggs (99999 piece)"]


@pytest.mark.parametrize(
    "text",
    ["x" * 5000, "🥚🥚 🧀", "‏שלום עולם‎", "a\x00b", "<script>alert(1)</script>", "'; DROP TABLE groceries_listentry; --",
     "0 eggs", "-1 eggs", "1e9 eggs", "NaN", "1e400 kg rice", "{{ home }} %s %(x)s {% include 'base.html' %}", "\ufeff",
     "½ kg ½", "9" * 400, "1/0 kg rice", "\n".join("abcdefg"), "\u202e eggs", "é" * 99],
)  # fmt: skip
def test_any_text_is_added_or_refused(url, nok, sign_in, text):
    client = sign_in(nok)
    assert client.post(url, {"text": text}).status_code in (302, 422)
    page = client.get(url.removesuffix("add")).text
    assert "<script>alert" not in page
    for entry in ListEntry.objects.all():
        assert entry.quantity > 0


def test_adding_to_a_list_of_another_home_is_not_found(nok, mai, sign_in, events):
    theirs = create_list("Mine", by=by(mai))
    assert sign_in(nok).post(f"/h/{nok.home_id}/lists/{theirs.pk}/add", {"text": "eggs"}).status_code == 404
    assert pending_entries(theirs) == []


def test_non_member_cannot_add(url, mai, weekly, sign_in):
    assert sign_in(mai).post(url, {"text": "eggs"}).status_code == 404
    assert pending_entries(weekly) == []


def test_anonymous_user_is_asked_to_sign_in(url, weekly):
    assert Client().post(url, {"text": "eggs"}).url.startswith("/accounts/login/")
    assert pending_entries(weekly) == []


def test_missing_csrf_token_is_refused(url, nok, weekly):
    client = Client(enforce_csrf_checks=True)
    client.force_login(nok.user)
    assert client.post(url, {"text": "eggs"}).status_code == 403
    assert pending_entries(weekly) == []


def test_get_adds_nothing(url, nok, sign_in):
    assert sign_in(nok).get(url, {"text": "eggs"}).status_code == 405


# Preview


def test_preview_shows_parsed_items(url, nok, sign_in, events):
    part = sign_in(nok).get(url.replace("/add", "/understood"), {"text": "2 kg rice and 3 lemons"})
    assert "<html" not in part.text
    for text in ("rice", "2 kg", "lemons", "3"):
        assert text in part.text
    assert events(nok.home) == []


@pytest.mark.parametrize("text", ["", "x" * 5000, "\x00", "<script>alert(1)</script>", "9" * 400, "1/0 kg", "🥚"])
def test_preview_accepts_any_text(url, nok, sign_in, text):
    part = sign_in(nok).get(url.replace("/add", "/understood"), {"text": text})
    assert part.status_code == 200
    assert "<script" not in part.text


def test_preview_is_not_found_for_non_members(url, mai, sign_in):
    assert sign_in(mai).get(url.replace("/add", "/understood"), {"text": "rice"}).status_code == 404
