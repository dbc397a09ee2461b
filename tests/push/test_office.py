"""What the back office sees of people's devices, and what it ends."""

import pytest
from django.test import Client
from django.urls import reverse

from homes.accounts.credentials import password_credential
from homes.notifications.actions import update_notice_choice
from homes.notifications.models import Delivery, NoticeChoice, PushSubscription
from tests.pantry.test_admin import form_of


@pytest.fixture
def office(nok, sign_in) -> Client:
    nok.user.is_staff = nok.user.is_superuser = True
    nok.user.save()
    return sign_in(nok)


def test_it_sees_which_devices_there_are_and_none_of_their_secrets(nok, ben, device, office):
    phone = device(ben)
    made = PushSubscription.objects.get()
    Delivery.objects.create(home=nok.home, device=made, seq=1, due_at=made.created_at)
    update_notice_choice(ben, {"mentioned": False}, None, None)
    pages = [
        reverse(f"admin:notifications_{name}_changelist") for name in ("pushsubscription", "delivery", "noticechoice")
    ]
    pages += [
        reverse("admin:notifications_pushsubscription_change", args=[made.pk]),
        reverse("admin:notifications_delivery_change", args=[Delivery.objects.get().pk]),
        reverse("admin:notifications_noticechoice_change", args=[NoticeChoice.objects.get().pk]),
    ]
    for page in pages:
        answer = office.get(page)
        assert answer.status_code == 200, page
        for secret in (phone.path, *phone.keys.values()):
            assert secret not in answer.text, page
    assert phone.service.host in office.get(pages[0]).text


def test_closing_an_account_ends_what_it_hears(ben, device, office):
    device(ben)
    there = reverse("admin:accounts_user_change", args=[ben.user_id])
    said = {**form_of(office.get(there)), "is_active": "", "is_staff": "", "is_superuser": ""}
    said.pop("is_active")
    assert office.post(there, {key: value for key, value in said.items() if value != ""}).status_code == 302
    ben.user.refresh_from_db()
    assert (ben.user.is_active, PushSubscription.objects.exists()) == (False, False)


@pytest.mark.parametrize(
    "form",
    [
        {"password1": "staple battery horse", "password2": "staple battery horse", "usable_password": "true"},
        {"password1": "", "password2": "", "usable_password": "false", "unset-password": "1"},
    ],
)
def test_resetting_a_password_in_the_office_revokes_devices_sessions_and_sockets(
    ben, device, office, sign_in, monkeypatch, django_capture_on_commit_callbacks, form
):
    device(ben)
    browser, ended = sign_in(ben), []
    monkeypatch.setattr("pantry.broadcast.revoke", ended.append)
    opened_by = password_credential(ben.user)
    there = reverse("admin:auth_user_password_change", args=[ben.user_id])
    with django_capture_on_commit_callbacks(execute=True):
        assert office.post(there, form).status_code == 302
    assert not PushSubscription.objects.exists()
    assert opened_by in ended
    assert browser.get(f"/h/{ben.home_id}/").url.startswith("/accounts/login/")
