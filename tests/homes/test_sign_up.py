import pytest
from django.test import Client

from homes.accounts.models import User
from homes.actions import invite
from homes.models import Membership
from tests.factories import by

pytestmark = pytest.mark.both_databases

FORM_DATA = {"name": "Nok", "email": "Nok@Example.com", "password1": "papaya salad at noon"}


def test_signing_up_creates_an_account_and_signs_in(db):
    client = Client()
    response = client.post("/accounts/signup/", FORM_DATA)
    assert response.url == "/"
    assert client.get("/").url == "/homes/new/"
    user = User.objects.get()
    assert (user.name, user.email, user.locale) == ("Nok", "nok@example.com", "en")


def test_signing_up_stores_the_language_of_the_page(db, settings):
    settings.LANGUAGES = [("en", "English"), ("th", "Thai")]
    Client(headers={"accept-language": "th"}).post("/accounts/signup/", FORM_DATA)
    assert User.objects.get().locale == "th"


def test_signing_up_redirects_to_the_invitation(nok):
    _invitation, token = invite(by=by(nok))
    client = Client()
    page = client.get(f"/join/{token}/")
    assert f"/accounts/signup/?next=/join/{token}/" in page.text
    assert f'name="next" value="/join/{token}/"' in client.get(f"/accounts/signup/?next=/join/{token}/").text
    response = client.post("/accounts/signup/", {**FORM_DATA, "email": "ben@example.com", "next": f"/join/{token}/"})
    assert response.url == f"/join/{token}/"
    client.post(response.url)
    assert Membership.objects.filter(home=nok.home, user__email="ben@example.com").exists()


def test_signing_up_ignores_redirects_to_other_hosts(db):
    response = Client().post("/accounts/signup/", {**FORM_DATA, "next": "https://elsewhere.example/"})
    assert response.url == "/"


def test_email_in_use_is_rejected(nok):
    page = Client().post("/accounts/signup/", {**FORM_DATA, "email": "NOK@example.com"})
    assert "already an account with this email" in page.text
    assert User.objects.count() == 1


def test_weak_password_is_rejected(db):
    page = Client().post("/accounts/signup/", {**FORM_DATA, "password1": "password"})
    assert 'aria-invalid="true"' in page.text
    assert not User.objects.exists()


def test_invisible_name_is_rejected(db):
    for name in ("", "   ", "\u200b\u200d", "\x00", "\u3164", "\u2800 \u115f"):
        page = Client().post("/accounts/signup/", {**FORM_DATA, "name": name})
        assert "This can&#x27;t be empty." in page.text
    assert not User.objects.exists()


def test_unusual_names_are_accepted(db):
    for number, name in enumerate(("Robert'); DROP TABLE homes;--", "<script>alert(1)</script>", "😀", "مريم", "เบญ")):
        Client().post("/accounts/signup/", {**FORM_DATA, "name": name, "email": f"{number}@example.com"})
        assert User.objects.get(email=f"{number}@example.com").name == name


def test_overlong_or_unstorable_values_show_an_error(db):
    for wrong in (
        {"name": "x" * 5000},
        {"email": "nok\x00@example.com"},
        {"email": "n" * 5000},
        {"password1": "\x00" * 9},
    ):
        page = Client().post("/accounts/signup/", {**FORM_DATA, **wrong})
        assert page.status_code == 200
        assert "field__error" in page.text
    assert not User.objects.exists()


def test_wrong_password_shows_an_error(nok):
    page = Client().post("/accounts/login/", {"login": "nok@example.com", "password": "wrong"})
    assert "Wrong email or password" in page.text


def test_password_can_be_reset_by_email(nok, mailoutbox):
    client = Client()
    client.post("/accounts/password/reset/", {"email": "nok@example.com"})
    email = mailoutbox[0]
    assert email.subject == "Set a new password"
    assert email.body.startswith("Hello Nok,")
    link = next(line for line in email.body.splitlines() if "/password/reset/key/" in line)
    form = client.get(link.removeprefix("http://testserver"), follow=True)
    response = client.post(
        form.redirect_chain[-1][0], {"password1": "mango sticky rice", "password2": "mango sticky rice"}
    )
    assert response.url == "/accounts/password/reset/key/done/"
    nok.user.refresh_from_db()
    assert nok.user.check_password("mango sticky rice")
