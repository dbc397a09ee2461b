import pytest
from django.test import Client

from homes.accounts.models import User
from homes.models import Home, Membership
from tests.cast import person

URL = "/homes/new/"


@pytest.fixture
def newcomer(db, sign_in):
    client = Client()
    client.force_login(person("Nok"))
    return client


def test_it_works(newcomer, events):
    assert "What's your home called?" in newcomer.get(URL).text
    response = newcomer.post(URL, {"name": "  Apartment   42 ", "timezone": "Europe/Berlin"})
    owner = Membership.objects.get()
    assert response.url == f"/h/{owner.home_id}/"
    assert owner.is_owner
    assert (owner.home.name, owner.home.timezone, owner.home.currency) == ("Apartment 42", "Europe/Berlin", "EUR")
    assert events(owner.home)[:2] == ["home_created", "member_joined"]


@pytest.mark.parametrize(
    ("zone", "currency"),
    [("Asia/Bangkok", "THB"), ("Europe/London", "GBP"), ("Australia/Perth", "AUD"), ("America/Bogota", "USD")],
)
def test_the_currency_is_guessed_from_the_time_zone(newcomer, zone, currency):
    newcomer.post(URL, {"name": "Apartment 42", "timezone": zone})
    assert Home.objects.get().currency == currency


@pytest.mark.parametrize("zone", ["", "Mars/Olympus", "../../etc/passwd", "\x00", "x" * 5000])
def test_a_time_zone_that_is_none_is_left_out(newcomer, zone):
    newcomer.post(URL, {"name": "Apartment 42", "timezone": zone})
    assert Home.objects.get().timezone == "Asia/Bangkok"


@pytest.mark.parametrize("name", ["", "  ", "\x00", "\u200b", "x" * 5000])
def test_a_name_that_is_none_is_refused(newcomer, name):
    page = newcomer.post(URL, {"name": name})
    assert page.status_code == 422
    assert "field__error" in page.text
    assert not Home.objects.exists()


@pytest.mark.parametrize("name", ["'; DROP TABLE homes_home;--", "<script>alert(1)</script>", "🏡", "بيتنا", "บ้านเรา"])
def test_a_strange_name_is_a_name(newcomer, name):
    newcomer.post(URL, {"name": name})
    home = Home.objects.get()
    assert home.name == name
    assert "<script>alert" not in newcomer.get(f"/h/{home.pk}/home/").text


def test_it_asks_to_sign_in(db):
    assert Client().get(URL).url == f"/accounts/login/?next={URL}"
    assert Client().post(URL, {"name": "Apartment 42"}).status_code == 302
    assert not Home.objects.exists()


def test_a_second_home_may_be_founded(nok, sign_in):
    client = sign_in(nok)
    assert "Back to Apartment 42" in client.get(URL).text
    client.post(URL, {"name": "The river house"})
    assert Membership.objects.filter(user=nok.user).count() == 2
    assert User.objects.count() == 1
