"""A change of the email that is not confirmed yet ends with the sign-ins of whoever may have asked for it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from homes.accounts.actions import sign_up
from homes.accounts.models import User

pytestmark = pytest.mark.django_db(transaction=True)

PASSWORD, NEW_PASSWORD = "quite-a-Long-pass-77", "another-Long-pass-88"
OURS, THEIRS = "ann@home.example", "eve@elsewhere.example"


def signed_in() -> Client:
    client = Client()
    response = client.post(reverse("account_login"), {"login": OURS, "password": PASSWORD})
    assert response.status_code == 302
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    return client


def link_to(address: str, mailbox: list[Any], page: str) -> str:
    letter = next(letter for letter in reversed(mailbox) if address in letter.to and page in letter.body)
    link = re.search(rf"https?://[^/\s]+(/\S*{page}\S+)", letter.body)
    assert link is not None
    return link[1]


def change_password(client: Client, mailbox: list[Any]) -> None:
    passwords = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post(reverse("account_change_password"), passwords).status_code == 302


def reset_password(client: Client, mailbox: list[Any]) -> None:
    client = Client()
    client.post(reverse("account_reset_password"), {"email": OURS})
    form = client.get(link_to(OURS, mailbox, "password/reset/key")).headers["Location"]
    assert client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}).status_code == 302


def sign_out_everywhere(client: Client, mailbox: list[Any]) -> None:
    assert client.post("/me/security/sign-out/").status_code == 302


def turn_on_second_step(client: Client, mailbox: list[Any]) -> None:
    secret = client.get(reverse("mfa_activate_totp")).context["form"].secret
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))
    assert client.post(reverse("mfa_activate_totp"), {"code": code}).status_code == 302


@pytest.mark.parametrize("end", [change_password, reset_password, sign_out_everywhere, turn_on_second_step])
def test_pending_change_of_the_email_ends_with_the_sign_ins(
    end: Callable[[Client, list[Any]], None], mailoutbox: list[Any]
) -> None:
    user = sign_up(OURS, PASSWORD, "Ann")
    borrowed = signed_in()
    assert borrowed.post(reverse("account_email"), {"email": THEIRS, "action_add": ""}).status_code == 302
    link = link_to(THEIRS, mailoutbox, "confirm-email")

    end(signed_in(), mailoutbox)
    Client().post(link)

    assert User.objects.get(pk=user.pk).email == OURS
    assert list(EmailAddress.objects.filter(user=user).values_list("email", flat=True)) == [OURS]
