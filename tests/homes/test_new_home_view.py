import pytest
from django.test import Client

from homes.accounts.models import User
from homes.models import Home, Membership
from tests.factories import person

URL = "/homes/new/"


@pytest.fixture
def client_without_home(db, sign_in):
    client = Client()
    client.force_login(person("Nok"))
    return client


def test_creating_a_home_leads_to_its_list(client_without_home, events):
    assert "What's your home called?" in client_without_home.get(URL).text
    response = client_without_home.post(URL, {"name": "  Apartment   42 ", "timezone": "Europe/Berlin"})
    owner = Membership.objects.get()
    assert response.url == f"/h/{owner.home_id}/list/"
    page = client_without_home.get(response.url, follow=True).text
    assert "Groceries" in page
    assert "autofocus" in page
    assert owner.is_owner
    assert (owner.home.name, owner.home.timezone, owner.home.currency) == ("Apartment 42", "Europe/Berlin", "EUR")
    assert events(owner.home)[:2] == ["home_created", "member_joined"]


@pytest.mark.parametrize(
    ("zone", "currency"),
    [("Asia/Bangkok", "THB"), ("Europe/London", "GBP"), ("Australia/Perth", "AUD"), ("America/Bogota", "USD")],
)
def test_currency_is_guessed_from_the_time_zone(client_without_home, zone, currency):
    client_without_home.post(URL, {"name": "Apartment 42", "timezone": zone})
    assert Home.objects.get().currency == currency


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "\x00", "x" * 5000])
def test_invalid_time_zone_is_ignored(client_without_home, zone):
    client_without_home.post(URL, {"name": "Apartment 42", "timezone": zone})
    assert Home.objects.get().timezone == "Asia/Bangkok"


@pytest.mark.parametrize("name", ["", "  ", "\x00", "\u200b", "x" * 5000])
def test_invalid_name_shows_an_error(client_without_home, name):
    page = client_without_home.post(URL, {"name": name})
    assert page.status_code == 422
    assert "field__error" in page.text
    assert not Home.objects.exists()


@pytest.mark.parametrize("name", ["'; DROP TABLE homes_home;--", "<script>alert(1)</script>", "🏡", "بيتنا", "บ้านเรา"])
def test_unusual_name_is_accepted_and_escaped(client_without_home, name):
    client_without_home.post(URL, {"name": name})
    home = Home.objects.get()
    assert home.name == name
    assert "<script>alert" not in client_without_home.get(f"/h/{home.pk}/home/").text


def test_new_home_page_redirects_anonymous_users_to_sign_in(db):
    assert Client().get(URL).url == f"/accounts/login/?next={URL}"
    assert Client().post(URL, {"name": "Apartment 42"}).status_code == 302
    assert not Home.objects.exists()


def test_user_can_create_a_second_home(nok, sign_in):
    client = sign_in(nok)
    assert "Back to Apartment 42" in client.get(URL).text
    client.post(URL, {"name": "The river house"})
    assert Membership.objects.filter(user=nok.user).count() == 2
    assert User.objects.count() == 1
