"""Tests of a member's lessons on the memory page, over the API, and in exports."""

import pytest
from django.urls import reverse

from homes.accounts.actions import create_api_token
from homes.actions import update_home
from homes.models import Home
from pantry.errors import Forbidden
from pixie.actions import learn_lesson
from pixie.models import Lesson
from tests.api.client import ApiClient
from tests.counting import queries_of
from tests.factories import by


def learn(member, text="We need 2 eggs", *, is_right=True, intent="add_item", **payload):
    calls = [{"type": intent, "payload": {"name": "eggs", "quantity": "2"} | payload}]
    return learn_lesson(text, intent, by=by(member), is_right=is_right, calls=calls)


@pytest.fixture
def page(nok, sign_in):
    """Get the memory page as Nok, or as `who`."""

    def read(who=nok, **query):
        return sign_in(who).get(reverse("pixie:memory", args=[nok.home_id], query=query)).text

    return read


def delete_url(lesson):
    return reverse("pixie:delete_lesson", args=[lesson.home_id, lesson.pk])


# The page


def test_page_without_lessons_has_no_section(page):
    assert "What you taught" not in page()


def test_page_lists_the_members_own_lessons(nok, ben, page):
    learn(nok)
    learn(nok, "eggs?! <b>", is_right=False)
    learn(ben, "Bens own")
    html = page()
    assert "You said “We need 2 eggs”" in html
    assert "add 2 eggs" in html
    assert html.index("eggs?! &lt;b&gt;") < html.index("We need 2 eggs")  # the newest first
    assert ">right<" in html
    assert ">wrong<" in html
    assert "Bens own" not in html
    assert "Bens own" in page(ben)


@pytest.mark.parametrize("call", [{"type": "gone", "payload": {}}, {"type": "add_item", "payload": {"name": 1}}])
def test_page_shows_the_intent_of_a_call_that_no_longer_exists(nok, page, call):
    learn_lesson("We need eggs", "add_item", by=by(nok), is_right=True, calls=[call])
    assert "add_item" in page()


def test_lessons_are_paginated_with_constant_queries(nok, page):
    learn(nok)
    page()
    few = queries_of(page)
    for number in range(30):
        learn(nok, f"eggs for {'x' * number}")
    assert queries_of(page) == few
    assert "taught=2#lessons" in page()
    assert "We need 2 eggs" not in page()
    assert "We need 2 eggs" in page(taught=2)
    assert "eggs for" in page(taught="nonsense")


def test_member_deletes_a_lesson_once(nok, sign_in):
    lesson, client = learn(nok), sign_in(nok)
    assert "Forgotten." in client.post(delete_url(lesson), follow=True).text
    assert client.post(delete_url(lesson)).status_code == 404
    assert not Lesson.objects.exists()
    assert client.get(delete_url(lesson)).status_code == 405


def test_nobody_else_deletes_a_lesson(nok, ben, mai, sign_in):
    lesson = learn(ben)
    assert sign_in(nok).post(delete_url(lesson)).status_code == 404
    assert sign_in(mai).post(delete_url(lesson)).status_code == 404
    assert sign_in(mai).post(f"/h/{mai.home_id}/memory/lessons/{lesson.pk}/delete").status_code == 404
    assert Lesson.objects.exists()


# The API


def test_api_lists_and_deletes_the_callers_lessons(nok, ben):
    lesson = learn(nok)
    learn(ben, "Bens own", is_right=False)
    (row,) = ApiClient(nok).get("lessons").json()["results"]
    assert {**row, "updated_at": None} == {
        "id": str(lesson.pk), "text": "We need 2 eggs", "intent": "add_item", "is_right": True, "updated_at": None,
    }  # fmt: skip
    assert ApiClient(ben).delete(f"lessons/{lesson.pk}").status_code == 404
    assert ApiClient(nok).delete(f"lessons/{lesson.pk}").status_code == 204
    assert ApiClient(nok).delete(f"lessons/{lesson.pk}").status_code == 404
    assert [row.text for row in Lesson.objects.all()] == ["Bens own"]


def test_strangers_get_no_lessons(nok, mai):
    lesson = learn(nok)
    for path in ("lessons", f"lessons/{lesson.pk}"):
        assert ApiClient(mai).get(f"/homes/{nok.home_id}/{path}").status_code == 403
    assert ApiClient(mai).delete(f"/homes/{nok.home_id}/lessons/{lesson.pk}").status_code == 403
    assert ApiClient(mai).delete(f"lessons/{lesson.pk}").status_code == 404


@pytest.mark.parametrize(
    ("scopes", "expected"), [(["read"], (200, 403)), (["chat"], (403, 204)), (["write"], (403,) * 2)]
)
def test_scopes_of_lessons(nok, scopes, expected):
    lesson = learn(nok)
    client = ApiClient(nok, token=create_api_token(nok.user, "Display", scopes)[1])
    assert (client.get("lessons").status_code, client.delete(f"lessons/{lesson.pk}").status_code) == expected


def test_events_and_audit_of_others_show_no_text(nok, ben):
    learn(ben, "Bens own")
    assert "Bens own" not in ApiClient(nok).get("events?limit=200").text
    assert "Bens own" not in ApiClient(nok).get("audit").text


# Export and import of the home


@pytest.mark.both_databases
def test_export_has_ones_own_lessons_and_import_restores_them(nok, ben):
    learn(nok)
    learn(nok, "eggs\nand ham", is_right=False)
    learn(ben, "Bens own")
    file = ApiClient(nok).get("export")
    assert "Bens own" not in file.text
    home = ApiClient(nok).import_home(file.json())
    rows = [(row.text, row.is_right, row.calls) for row in Lesson.objects.filter(home=home).order_by("pk")]
    calls = [{"type": "add_item", "payload": {"name": "eggs", "quantity": "2"}}]
    assert rows == [("We need 2 eggs", True, calls), ("eggs\nand ham", False, calls)]


def test_import_of_a_file_without_lessons(nok):
    file = ApiClient(nok).get("export").json()
    del file["memory"]["lessons"]
    assert ApiClient(nok).import_home(file)


@pytest.mark.parametrize("row", [{}, {"text": "x" * 501}, {"text": ""}, {"calls": [1]}, {"is_right": None}])
def test_invalid_lessons_are_rejected(nok, row):
    file = ApiClient(nok).get("export").json()
    valid = {"text": "x", "intent": "add_item", "calls": [], "is_right": True}
    file["memory"]["lessons"] = [valid | row if row else {}]
    assert "memory.lessons" in ApiClient(nok).import_file(file)["error"]


def test_import_does_not_take_over_the_consent(nok):
    update_home(nok.home, by=by(nok), shares_examples=True)
    file = ApiClient(nok).get("export").json()
    assert file["home"]["shares_examples"] is True
    assert Home.objects.get(pk=ApiClient(nok).import_home(file)).shares_examples is False


# The consent


def test_only_an_owner_shares_examples(nok, ben, sign_in):
    assert nok.home.shares_examples is False
    with pytest.raises(Forbidden):
        update_home(nok.home, by=by(ben), shares_examples=True)
    assert ApiClient(ben).patch(f"/homes/{nok.home_id}", {"shares_examples": True}).status_code == 403
    assert ApiClient(nok).patch(f"/homes/{nok.home_id}", {"shares_examples": True}).json()["shares_examples"] is True
    url = reverse("homes:home", args=[nok.home_id])
    assert "without names, email addresses and phone numbers" in sign_in(nok).get(url).text
    fields = {"name": nok.home.name, "timezone": nok.home.timezone, "currency": "THB", "monthly_budget": ""}
    for extra, expected in (({}, False), ({"shares_examples": "on"}, True)):
        sign_in(nok).post(reverse("homes:update", args=[nok.home_id]), fields | extra)
        assert Home.objects.get(pk=nok.home_id).shares_examples is expected


def test_members_see_whether_examples_are_shared(nok, ben, page, sign_in):
    learn(ben)
    assert "shares its examples" not in page(ben)
    update_home(nok.home, by=by(nok), shares_examples=True)
    assert "shares its examples" in page(ben)
    assert "Share examples" in sign_in(ben).get(reverse("homes:home", args=[nok.home_id])).text
