from decimal import Decimal

import pytest
from django.test import Client

from homes.actions import invite
from tests.factories import by, found_home, move_in

FIELDS = {
    "name": "Apartment 43",
    "timezone": "Asia/Tokyo",
    "currency": "JPY",
    "monthly_budget": "13,000",
}


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/home/"


def test_home_page_shows_members_and_invite_form_to_an_owner(url, nok, ben, sign_in):
    page = sign_in(nok).get(url).text
    assert "Members" in page
    assert "Ben" in page
    assert "Invite someone" in page


def test_home_page_shows_no_forms_to_a_member(url, nok, ben, sign_in):
    page = sign_in(ben).get(url).text
    assert "Asia/Bangkok" in page
    assert "An owner can change this." in page
    assert "Invite someone" not in page
    assert f"{url}update/" not in page


def test_home_page_returns_404_to_non_members(url, mai, sign_in):
    client = sign_in(mai)
    assert client.get(url).status_code == 404
    assert client.post(f"{url}update/", FIELDS).status_code == 404


def test_home_page_redirects_anonymous_users_to_sign_in(url):
    assert Client().get(url).url == f"/accounts/login/?next={url}"
    assert Client().post(f"{url}update/", FIELDS).status_code == 302


def test_home_page_links_to_other_homes(url, nok, sign_in):
    second = found_home(nok.user, "The river house")
    assert f'href="/h/{second.home_id}/"' in sign_in(nok).get(url).text


def test_home_page_query_count_is_independent_of_members(url, nok, ben, sign_in, django_assert_max_num_queries):
    client = sign_in(nok)
    client.get(url)
    with django_assert_max_num_queries(14) as few:
        client.get(url)
    most = len(few)
    for name in ("Ploy", "Aom", "Fon"):
        move_in(nok, name)
        invite(by=by(nok))
    client.get(url)  # what happened since is counted anew once, for the badge
    with django_assert_max_num_queries(most):
        client.get(url)


def test_owner_can_update_the_home(url, nok, sign_in, events):
    client = sign_in(nok)
    assert client.post(f"{url}update/", FIELDS).url == url
    home = nok.home
    home.refresh_from_db()
    assert (home.name, home.timezone, home.currency) == ("Apartment 43", "Asia/Tokyo", "JPY")
    assert home.monthly_budget == Decimal(13000)
    assert events(home) == ["home_updated"]
    assert "Home settings saved." in client.get(url).text


def test_budget_can_be_removed(url, nok, sign_in):
    client = sign_in(nok)
    client.post(f"{url}update/", FIELDS)
    client.post(f"{url}update/", {**FIELDS, "monthly_budget": ""})
    nok.home.refresh_from_db()
    assert nok.home.monthly_budget is None


def test_member_updating_the_home_sees_an_error(url, nok, ben, sign_in, events):
    client = sign_in(ben)
    assert client.post(f"{url}update/", FIELDS).url == url
    assert "Only an owner can change the home. Ask Nok." in client.get(url).text
    assert events(nok.home) == []


@pytest.mark.parametrize(
    "invalid",
    [
        {"name": ""},
        {"name": "x" * 5000},
        {"timezone": "Mars/Olympus"},
        {"currency": "baht"},
        {"monthly_budget": "-1"},
        {"monthly_budget": "NaN"},
        {"monthly_budget": "lots"},
        {"monthly_budget": "1" * 30},
    ],
)
def test_invalid_value_shows_an_error_at_its_field(url, nok, sign_in, events, invalid):
    page = sign_in(nok).post(f"{url}update/", {**FIELDS, **invalid})
    assert page.status_code == 422
    assert page.text.count('class="field__error" id=') == 1
    assert '<h1 class="head__title display">Apartment 42</h1>' in page.text
    assert events(nok.home) == []


def test_update_url_rejects_get(url, nok, sign_in):
    assert sign_in(nok).get(f"{url}update/").status_code == 405
