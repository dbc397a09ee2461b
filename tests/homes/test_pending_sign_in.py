"""A sign-in that waits for its second step ends with the sign-ins of its account."""

from collections.abc import Callable

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.test import Client
from django.urls import reverse

from homes.accounts.actions import end_sign_ins, sign_up
from homes.accounts.models import User

pytestmark = pytest.mark.django_db

EMAIL, PASSWORD, SECRET = "ann@home.example", "quite-a-Long-pass-77", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def set_password(user: User) -> None:
    user.set_password("another-Long-pass-88")
    user.save()


def change_nothing(user: User) -> None:
    pass


@pytest.mark.parametrize(
    ("end", "is_signed_in"), [(change_nothing, True), (set_password, False), (end_sign_ins, False)]
)
def test_second_step_completes_only_a_sign_in_that_still_holds(end: Callable[[User], None], is_signed_in: bool) -> None:
    user = sign_up(EMAIL, PASSWORD, "Ann")
    TOTP.activate(user, SECRET)
    client = Client()
    response = client.post(reverse("account_login"), {"login": EMAIL, "password": PASSWORD})
    assert response.headers["Location"] == reverse("mfa_authenticate")

    end(User.objects.get(pk=user.pk))
    code = format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))
    client.post(reverse("mfa_authenticate"), {"code": code})

    assert ("_auth_user_id" in client.session) is is_signed_in
    assert (client.get("/me/").status_code == 200) is is_signed_in
