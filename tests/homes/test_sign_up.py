from django.test import Client

from homes.accounts.models import User
from homes.actions import invite
from homes.models import Membership
from tests.cast import by

WISHES = {"name": "Nok", "email": "Nok@Example.com", "password1": "papaya salad at noon"}


def test_it_works(db):
    client = Client()
    response = client.post("/accounts/signup/", WISHES)
    assert response.url == "/"
    assert client.get("/").url == "/homes/new/"
    user = User.objects.get()
    assert (user.name, user.email, user.locale) == ("Nok", "nok@example.com", "en")


def test_the_language_of_the_page_is_theirs(db):
    Client(headers={"accept-language": "th"}).post("/accounts/signup/", WISHES)
    assert User.objects.get().locale == "th"


def test_an_invitation_is_where_one_lands(nok):
    _invitation, token = invite(by=by(nok))
    client = Client()
    page = client.get(f"/join/{token}/")
    assert f"/accounts/signup/?next=/join/{token}/" in page.text
    assert f'name="next" value="/join/{token}/"' in client.get(f"/accounts/signup/?next=/join/{token}/").text
    response = client.post("/accounts/signup/", {**WISHES, "email": "ben@example.com", "next": f"/join/{token}/"})
    assert response.url == f"/join/{token}/"
    client.post(response.url)
    assert Membership.objects.filter(home=nok.home, user__email="ben@example.com").exists()


def test_somebody_elses_address_is_nowhere_to_land(db):
    response = Client().post("/accounts/signup/", {**WISHES, "next": "https://elsewhere.example/"})
    assert response.url == "/"


def test_a_taken_address_is_refused(nok):
    page = Client().post("/accounts/signup/", {**WISHES, "email": "NOK@example.com"})
    assert "Somebody has an account with this e-mail already." in page.text
    assert User.objects.count() == 1


def test_an_easy_password_is_refused(db):
    page = Client().post("/accounts/signup/", {**WISHES, "password1": "password"})
    assert 'aria-invalid="true"' in page.text
    assert not User.objects.exists()


def test_a_name_has_something_to_see(db):
    for name in ("", "   ", "\u200b\u200d", "\x00"):
        page = Client().post("/accounts/signup/", {**WISHES, "name": name})
        assert "This can&#x27;t be empty." in page.text
    assert not User.objects.exists()


def test_strange_names_are_names(db):
    for number, name in enumerate(("Robert'); DROP TABLE homes;--", "<script>alert(1)</script>", "😀", "مريم", "เบญ")):
        Client().post("/accounts/signup/", {**WISHES, "name": name, "email": f"{number}@example.com"})
        assert User.objects.get(email=f"{number}@example.com").name == name


def test_too_much_or_unwritable_is_told_and_not_a_fault(db):
    for wrong in (
        {"name": "x" * 5000},
        {"email": "nok\x00@example.com"},
        {"email": "n" * 5000},
        {"password1": "\x00" * 9},
    ):
        page = Client().post("/accounts/signup/", {**WISHES, **wrong})
        assert page.status_code == 200
        assert "field__error" in page.text
    assert not User.objects.exists()


def test_signing_in_speaks_the_persons_language(nok):
    nok.user.locale = "th"
    nok.user.save()
    client = Client()
    response = client.post("/accounts/login/", {"login": "nok@example.com", "password": "correct horse battery staple"})
    assert response.url == "/"
    assert client.cookies["django_language"].value == "th"


def test_a_wrong_password_is_told(nok):
    page = Client().post("/accounts/login/", {"login": "nok@example.com", "password": "wrong"})
    assert "do not go together" in page.text


def test_a_letter_sets_a_new_password(nok, mailoutbox):
    client = Client()
    client.post("/accounts/password/reset/", {"email": "nok@example.com"})
    letter = mailoutbox[0]
    assert letter.subject == "Set a new password"
    assert letter.body.startswith("Hello Nok,")
    link = next(line for line in letter.body.splitlines() if "/password/reset/key/" in line)
    form = client.get(link.removeprefix("http://testserver"), follow=True)
    done = client.post(form.redirect_chain[-1][0], {"password1": "mango sticky rice", "password2": "mango sticky rice"})
    assert done.url == "/accounts/password/reset/key/done/"
    nok.user.refresh_from_db()
    assert nok.user.check_password("mango sticky rice")
