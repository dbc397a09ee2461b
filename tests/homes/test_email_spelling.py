"""An account's email has one spelling, so that two accounts can't have one mailbox."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from homes.accounts.actions import sign_up
from homes.accounts.models import User

pytestmark = pytest.mark.django_db

PASSWORD = "quite-a-Long-pass-77"
OTHER_SPELLINGS = ['"ann"@home.example', '"\\ann"@home.example', "ann@[192.0.2.7]", "аnn@home.example"]  # noqa: RUF001


@pytest.mark.parametrize("email", OTHER_SPELLINGS)
def test_sign_up_refuses_other_spellings_of_a_mailbox(email: str) -> None:
    with pytest.raises(ValidationError):
        sign_up(email, PASSWORD, "Eve")


@pytest.mark.parametrize("email", OTHER_SPELLINGS)
def test_pages_refuse_other_spellings_of_a_mailbox(email: str) -> None:
    user = sign_up("ann@home.example", PASSWORD, "Ann")
    client = Client()
    fields = {"email": email, "name": "Eve", "password1": PASSWORD, "password2": PASSWORD}
    client.post(reverse("account_signup"), fields)
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    client.post(reverse("account_email"), {"email": email, "action_add": ""})

    assert list(User.objects.values_list("email", flat=True)) == ["ann@home.example"]
    assert list(EmailAddress.objects.values_list("email", flat=True)) == ["ann@home.example"]
