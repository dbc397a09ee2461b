"""The current email stays until another one is confirmed, whatever else happens meanwhile."""

import re

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from homes.accounts.actions import sign_up
from homes.accounts.models import User
from tests.api.client import ApiClient

pytestmark = pytest.mark.both_databases
PASSWORD = "correct horse battery staple"


def by_sign_up(email):
    return sign_up(email, PASSWORD, "Som")


def by_page(email):
    Client().post("/accounts/signup/", {"name": "Som", "email": email, "password1": PASSWORD})
    return User.objects.get(email=email)


def by_command(email):
    """As `createsuperuser` and the demo do: without allauth's row."""
    return User.objects.create_user(email, PASSWORD, name="Som")


def confirmed(email):
    user = by_sign_up(email)
    EmailAddress.objects.filter(user=user).update(verified=True)
    return user


MADE = [by_sign_up, by_page, by_command, confirmed]


@pytest.fixture(params=[True, False], ids=["with a mail server", "without"])
def mail_server(request, settings, db):
    """Without one, letters are printed to the console."""
    if not request.param:
        settings.EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"


def page_sign_in(email, password=PASSWORD):
    client = Client()
    client.post("/accounts/login/", {"login": email, "password": password})
    return client


def can_sign_in(email):
    api = ApiClient().post("/auth/login", {"email": email, "password": PASSWORD}).status_code == 200
    page = page_sign_in(email).get("/me/").status_code == 200
    assert api is page
    return api


def ask_for(user, new):
    client = page_sign_in(user.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = client.post("/accounts/email/", {"email": new, "action_add": ""})
    assert answer.status_code < 500
    return client, answer


def link():
    return re.search(r"http://testserver(/accounts/confirm-email/\S+)", mail.outbox[-1].body)[1]


@pytest.mark.parametrize("make", MADE)
def test_current_address_stays_until_the_new_one_is_confirmed(mail_server, make):
    user = make("som@example.com")
    client, _answer = ask_for(user, "new@example.com")
    assert client.get("/api/auth/me").json()["user"]["email"] == "som@example.com"
    assert (can_sign_in("som@example.com"), can_sign_in("new@example.com")) == (True, False)
    page = client.get("/accounts/email/").text
    assert "You sign in with <strong>som@example.com</strong>" in page
    assert "We sent a link to <strong>new@example.com</strong>" in page


@pytest.mark.parametrize("make", MADE)
def test_confirming_the_new_address_makes_it_the_current_one(db, make):
    ask_for(make("som@example.com"), "new@example.com")
    Client().post(link())
    assert (can_sign_in("som@example.com"), can_sign_in("new@example.com")) == (False, True)
    assert list(EmailAddress.objects.values_list("email", "primary", "verified")) == [("new@example.com", True, True)]


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("action", ["action_remove", "action_primary", "action_send"])
@pytest.mark.parametrize("email", ["som@example.com", "new@example.com"])
def test_no_button_replaces_the_current_address(db, make, action, email):
    client, _answer = ask_for(make("som@example.com"), "new@example.com")
    assert client.post("/accounts/email/", {"email": email, action: ""}).status_code < 500
    assert User.objects.get().email == "som@example.com"
    assert can_sign_in("som@example.com")


def test_second_wish_replaces_the_first(db):
    user = by_sign_up("som@example.com")
    ask_for(user, "typo@example.com")
    first = link()
    ask_for(user, "new@example.com")
    Client().post(first)
    assert User.objects.get().email == "som@example.com"
    Client().post(link())
    assert User.objects.get().email == "new@example.com"


def test_link_is_sent_again_for_the_same_wish(db):
    user = by_sign_up("som@example.com")
    for _time in range(2):
        ask_for(user, "new@example.com")
    assert [letter.to for letter in mail.outbox] == [["som@example.com"], ["new@example.com"], ["new@example.com"]]


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("verification", ["none", "mandatory"])
def test_current_address_is_told_at_once_of_each_wish(db, make, verification, settings):
    user = make("som@example.com")
    if verification == "mandatory":  # without it, people sign in with an address that isn't confirmed
        EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
        settings.ACCOUNT_EMAIL_VERIFICATION = verification
    for email in ("eve@example.com", "eve@example.org"):
        mail.outbox.clear()
        ask_for(user, email)
        notice, _letter = mail.outbox
        assert (notice.to, notice.subject) == (["som@example.com"], "A change of your email address was requested")
        assert f"from som@example.com to {email} was requested" in notice.body.replace("\n", " ")
        assert "/confirm-email/" not in notice.body
    Client().post("/accounts/password/reset/", {"email": "som@example.com"})
    reset = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", mail.outbox[-1].body)[1]
    confirmation = re.search(r"http://testserver(/accounts/confirm-email/\S+)", mail.outbox[-2].body)[1]
    client = Client()
    form = client.get(reset).url
    client.post(form, {"password1": "staple battery horse", "password2": "staple battery horse"})
    Client().post(confirmation)
    user.refresh_from_db()
    assert user.email == "som@example.com"  # as the letter promises of a new password


def test_change_goes_on_while_the_mail_server_refuses_the_notice(db, monkeypatch):
    from homes.accounts.adapter import AccountAdapter

    send_mail = AccountAdapter.send_mail

    def refuse_notices(self, template_prefix, email, context):
        if template_prefix.endswith("email_change_requested"):
            raise OSError
        send_mail(self, template_prefix, email, context)

    monkeypatch.setattr(AccountAdapter, "send_mail", refuse_notices)
    ask_for(by_sign_up("som@example.com"), "new@example.com")
    Client().post(link())
    assert User.objects.get().email == "new@example.com"


def test_several_people_can_ask_at_once(mail_server):
    """Two empty emails violated the constraint."""
    people = [by_sign_up(f"person{number}@example.com") for number in range(3)]
    for number, user in enumerate(people):
        ask_for(user, f"new{number}@example.com")
    assert all(can_sign_in(user.email) for user in people)
    assert set(User.objects.values_list("email", flat=True)) == {user.email for user in people}


def test_several_people_asking_for_one_address_leaves_it_to_the_first_who_confirms(db):
    som, lek = by_sign_up("som@example.com"), by_sign_up("lek@example.com")
    links = []
    for user in (som, lek):
        ask_for(user, "new@example.com")
        links.append(link())
    for address in links:
        assert Client().post(address).status_code < 500
    assert set(User.objects.values_list("email", flat=True)) == {"new@example.com", "lek@example.com"}


@pytest.mark.parametrize("make", MADE)
def test_address_that_somebody_else_took_meanwhile_is_refused(db, make):
    som = by_sign_up("som@example.com")
    ask_for(som, "new@example.com")
    address = link()
    make("new@example.com")
    answer = Client().post(address, follow=True)
    assert (answer.status_code, "already belongs to another account" in answer.text) == (200, True)
    som.refresh_from_db()
    assert som.email == "som@example.com"


@pytest.mark.parametrize("make", MADE)
@pytest.mark.parametrize("verification", ["none", "mandatory"])
def test_address_of_another_account_is_not_taken(db, make, verification, settings):
    make("lek@example.com")
    som = confirmed("som@example.com")
    EmailAddress.objects.update(verified=True)
    settings.ACCOUNT_EMAIL_VERIFICATION = verification
    _client, answer = ask_for(som, "LEK@example.com")
    if verification == "none":
        assert "already an account with this email" in answer.text
    som.refresh_from_db()
    assert som.email == "som@example.com"


def test_unconfirmed_address_is_free_for_whoever_signs_up_with_it(db):
    ask_for(by_sign_up("som@example.com"), "new@example.com")
    by_page("new@example.com")
    assert can_sign_in("new@example.com")
    assert can_sign_in("som@example.com")


def test_password_is_not_reset_by_an_unconfirmed_address(db):
    ask_for(by_sign_up("som@example.com"), "new@example.com")
    mail.outbox.clear()
    Client().post("/accounts/password/reset/", {"email": "new@example.com"})
    assert not any("/password/reset/key/" in letter.body for letter in mail.outbox)
    Client().post("/accounts/password/reset/", {"email": "SOM@example.com"})
    assert "/password/reset/key/" in mail.outbox[-1].body


LOOKALIKES = [
    "som@\u200bexample.com",  # a zero-width space
    "som@\uff45xample.com",  # a wide letter, which mail servers take for the ASCII one
    "\u017fom@example.com",  # a long s, whose capital is S
    "so\u0131m@example.com",  # a dotless i, whose capital is I
    "\u0130som@example.com",
    "som@ex\u0430mple.com",  # a Cyrillic letter
    "som@b\u00fccher.example",
]


@pytest.mark.parametrize("email", LOOKALIKES)
def test_address_that_may_be_taken_for_another_is_refused_everywhere(db, email):
    user = by_sign_up("som@example.com")
    api = ApiClient().post("/auth/signup", {"email": email, "password": PASSWORD, "name": "Som"})
    page = Client().post("/accounts/signup/", {"name": "Som", "email": email, "password1": PASSWORD})
    _client, change = ask_for(user, email)
    assert (api.status_code, page.status_code, change.status_code) == (400, 200, 200)
    for answer in (api, page, change):
        assert "letters without accents" in answer.text
    with pytest.raises(ValidationError, match="without accents"):  # as createsuperuser and the admin site do
        User._meta.get_field("email").clean(email, None)
    assert list(User.objects.values_list("email", flat=True)) == ["som@example.com"]
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["som@example.com"]


def test_domain_in_its_ascii_form_is_accepted(db):
    assert by_page("som@xn--bcher-kva.example")


def test_email_is_never_empty(db):
    user = by_sign_up("som@example.com")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(email="")


def test_simultaneous_sign_up_on_the_page_is_told_that_the_email_is_taken(db, monkeypatch):
    by_sign_up("som@example.com")
    monkeypatch.setattr(
        "homes.accounts.forms.SignupForm.validate_unique_email", lambda form, value: _not_taken(form, value)
    )
    answer = Client().post("/accounts/signup/", {"name": "Som", "email": "som@example.com", "password1": PASSWORD})
    assert (answer.status_code, answer.url) == (302, "/accounts/login/")
    assert User.objects.count() == 1


def _not_taken(form, value):
    """As the check answers when the other request hasn't been committed yet."""
    form.account_already_exists = False
    return value
