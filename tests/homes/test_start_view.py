import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.cast import found_home


def test_it_leads_home(nok, sign_in):
    assert sign_in(nok).get("/").url == f"/h/{nok.home_id}/"


def test_who_is_not_signed_in_is_led_to_the_door(db):
    assert Client().get("/").url == "/accounts/login/"


def test_who_has_no_home_founds_one(nok, ben, sign_in):
    client = sign_in(ben)
    ben.delete()
    assert client.get("/").url == "/homes/new/"


def test_it_leads_to_the_home_one_looked_at_last(nok, sign_in):
    second = found_home(nok.user, "The river house")
    client = sign_in(nok)
    assert client.get("/").url == f"/h/{nok.home_id}/"
    client.get(f"/h/{second.home_id}/home/")
    assert client.get("/").url == f"/h/{second.home_id}/"


def test_a_home_one_has_left_is_not_where_it_leads(nok, ben, sign_in):
    own = found_home(ben.user, "Ben's studio")
    client = sign_in(ben)
    client.get(f"/h/{nok.home_id}/home/")
    ben.delete()
    assert client.get("/").url == f"/h/{own.home_id}/"


def test_what_is_not_there_is_told_in_our_words(client, db):
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert "Nothing here" in page.text


def test_an_old_form_is_told_in_our_words(db):
    page = Client(enforce_csrf_checks=True).post("/join/", {"invitation": "x"})
    assert page.status_code == 403
    assert "This page is too old" in page.text


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500"])
def test_what_went_wrong_is_told_without_a_home_or_a_session(code):
    page = render_to_string(f"{code}.html")
    assert '<html lang="en">' in page
    assert 'href="/"' in page
