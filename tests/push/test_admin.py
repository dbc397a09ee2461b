"""Devices in the admin."""

import pytest
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from homes.accounts.credentials import password_credential
from homes.notifications.actions import update_notice_choice
from homes.notifications.models import Delivery, NoticeChoice, PushSubscription
from tests.pantry.test_admin import form_of


@pytest.fixture
def admin_client(nok, sign_in) -> Client:
    nok.user.is_staff = nok.user.is_superuser = True
    nok.user.save()
    TOTP.activate(nok.user, generate_totp_secret())
    return sign_in(nok)


def test_admin_lists_devices_without_secrets(nok, ben, device, admin_client):
    phone = device(ben)
    row = PushSubscription.objects.get()
    Delivery.objects.create(home=nok.home, device=row, seq=1, due_at=row.created_at)
    update_notice_choice(ben, {"mentioned": False}, None, None)
    pages = [
        reverse(f"admin:notifications_{name}_changelist") for name in ("pushsubscription", "delivery", "noticechoice")
    ]
    pages += [
        reverse("admin:notifications_pushsubscription_change", args=[row.pk]),
        reverse("admin:notifications_delivery_change", args=[Delivery.objects.get().pk]),
        reverse("admin:notifications_noticechoice_change", args=[NoticeChoice.objects.get().pk]),
    ]
    for page in pages:
        answer = admin_client.get(page)
        assert answer.status_code == 200, page
        for secret in (phone.path, *phone.keys.values()):
            assert secret not in answer.text, page
    assert phone.service.host in admin_client.get(pages[0]).text


def test_locking_an_account_removes_its_devices(ben, device, admin_client):
    device(ben)
    url = reverse("admin:accounts_user_change", args=[ben.user_id])
    data = {**form_of(admin_client.get(url)), "is_active": "", "is_staff": "", "is_superuser": ""}
    data.pop("is_active")
    assert admin_client.post(url, {key: value for key, value in data.items() if value != ""}).status_code == 302
    ben.user.refresh_from_db()
    assert (ben.user.is_active, PushSubscription.objects.exists()) == (False, False)


@pytest.mark.parametrize(
    "form",
    [
        {"password1": "staple battery horse", "password2": "staple battery horse", "usable_password": "true"},
        {"password1": "", "password2": "", "usable_password": "false", "unset-password": "1"},
    ],
)
def test_resetting_a_password_in_the_admin_revokes_devices_sessions_and_connections(
    ben, device, admin_client, sign_in, monkeypatch, django_capture_on_commit_callbacks, form
):
    device(ben)
    browser, revoked = sign_in(ben), []
    monkeypatch.setattr("pantry.broadcast.revoke", revoked.append)
    credential = password_credential(ben.user)
    url = reverse("admin:auth_user_password_change", args=[ben.user_id])
    with django_capture_on_commit_callbacks(execute=True):
        assert admin_client.post(url, form).status_code == 302
    assert not PushSubscription.objects.exists()
    assert credential in revoked
    assert browser.get(f"/h/{ben.home_id}/").url.startswith("/accounts/login/")
