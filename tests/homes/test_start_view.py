from urllib.parse import parse_qs

import pytest
from django.template.loader import render_to_string
from django.test import Client

from tests.factories import found_home


def test_start_redirects_to_the_home(nok, sign_in):
    assert sign_in(nok).get("/").url == f"/h/{nok.home_id}/"


def test_start_redirects_anonymous_users_to_sign_in(db):
    assert Client().get("/").url == "/accounts/login/"


def test_start_without_a_home_redirects_to_create_one(nok, ben, sign_in):
    client = sign_in(ben)
    ben.delete()
    assert client.get("/").url == "/homes/new/"


def test_start_redirects_to_the_home_opened_last(nok, sign_in):
    second = found_home(nok.user, "The river house")
    client = sign_in(nok)
    assert client.get("/").url == f"/h/{nok.home_id}/"
    client.get(f"/h/{second.home_id}/home/")
    assert client.get("/").url == f"/h/{second.home_id}/"


def test_start_ignores_a_home_that_the_user_left(nok, ben, sign_in):
    own = found_home(ben.user, "Ben's studio")
    client = sign_in(ben)
    client.get(f"/h/{nok.home_id}/home/")
    ben.delete()
    assert client.get("/").url == f"/h/{own.home_id}/"


@pytest.mark.parametrize(("path", "place"), [("/list/", "list/"), ("/chat/", "chat/")])
def test_app_shortcuts_redirect_into_the_home(nok, sign_in, path, place):
    assert sign_in(nok).get(path).url == f"/h/{nok.home_id}/{place}"
    assert Client().get(path).url == f"/accounts/login/?next={path}"


@pytest.mark.parametrize(
    ("shared", "field"),
    [
        ({"text": "2 kg rice"}, "2 kg rice"),
        ({"title": "Curry", "text": "rice, basil"}, "Curry\nrice, basil"),
        ({"text": "https://a.example/1 or https://a.example/2"}, "https://a.example/1 or https://a.example/2"),
        ({"text": "mi\0lk"}, "milk"),
        ({}, ""),
    ],
)
def test_shared_text_prefills_the_list_without_adding(nok, weekly, sign_in, events, shared, field):
    client = sign_in(nok)
    page = client.get("/share/", shared, follow=True)
    assert page.status_code == 200
    url, query = page.redirect_chain[-1][0].split("?")
    assert url == f"/h/{nok.home_id}/lists/{weekly.pk}/"
    assert parse_qs(query, keep_blank_values=True) == {"add": [field]}
    assert events(nok.home) == []


@pytest.mark.parametrize(
    ("shared", "text"),
    [
        ({"title": "Curry", "text": "rice, basil", "url": "https://a.example/1"}, "Curry\nrice, basil"),
        ({"title": "Curry", "text": "Curry https://a.example/1", "url": ""}, "Curry"),
        ({"url": "https://a.example/1"}, ""),
    ],
)
def test_shared_web_address_may_be_of_a_recipe(nok, weekly, sign_in, events, shared, text):
    page = sign_in(nok).get("/share/", shared, follow=True)
    assert page.status_code == 200
    url, query = page.redirect_chain[-1][0].split("?")
    assert url == f"/h/{nok.home_id}/lists/{weekly.pk}/paste"
    assert parse_qs(query, keep_blank_values=True) == {"text": [text], "url": ["https://a.example/1"]}
    assert 'value="https://a.example/1"' in page.text
    assert text in page.text
    assert events(nok.home) == []


def test_shared_web_address_prefills_a_list_that_is_created(nok, sign_in):
    page = sign_in(nok).get("/share/?url=https://a.example/1", follow=True)
    assert "What you shared will be added to it." in page.text


def test_shared_text_prefills_a_list_that_is_created(nok, sign_in):
    client = sign_in(nok)
    page = client.get("/share/?text=rice", follow=True)
    assert "What you shared will be added to it." in page.text
    assert client.post(page.redirect_chain[-1][0], {"name": "Shop"}).url.endswith("/?add=rice")


def test_sharing_redirects_anonymous_users_to_sign_in(db):
    assert Client().get("/share/?text=rice").url == "/accounts/login/?next=/share/%3Ftext%3Drice"


def test_404_page_is_ours(client, db):
    page = client.get("/nowhere/")
    assert page.status_code == 404
    assert "Page not found" in page.text


def test_csrf_error_page_is_ours(db):
    page = Client(enforce_csrf_checks=True).post("/join/", {"invitation": "x"})
    assert page.status_code == 403
    assert "This page has expired" in page.text


@pytest.mark.parametrize("code", ["400", "403", "403_csrf", "404", "429", "500"])
def test_error_pages_render_without_home_or_session(code):
    page = render_to_string(f"{code}.html")
    assert '<html lang="en">' in page
    assert 'href="/"' in page
