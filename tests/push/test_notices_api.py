"""Devices and notification settings over the API."""

import pytest

from homes.accounts.actions import create_api_token
from homes.notifications import tasks, web_push
from homes.notifications.models import NoticeChoice, PushSubscription
from tests.api.client import ApiClient

DEVICES = "/users/me/devices"


@pytest.fixture
def api_client(db):
    return ApiClient


@pytest.fixture
def subscription(service):
    browser = service.browser(web_push.public_key())
    return {"endpoint": browser.endpoint, "keys": browser.keys, "expirationTime": None}


def test_device_can_be_registered_listed_and_removed(api_client, nok, subscription):
    me = api_client(nok)
    assert me.get(f"{DEVICES}/key").json() == {"public_key": web_push.public_key()}
    created = me.post(DEVICES, {**subscription, "name": "Kitchen display"})
    assert (created.status_code, created.json()["name"]) == (201, "Kitchen display")
    assert me.post(DEVICES, subscription).json()["id"] == created.json()["id"]
    [listed] = me.get(DEVICES).json()["results"]
    assert listed["id"] == created.json()["id"]
    assert subscription["endpoint"] not in str(listed)
    assert me.delete(f"{DEVICES}/{listed['id']}").status_code == 204
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "invalid",
    [{"endpoint": "https://169.254.169.254/"}, {"keys": {"p256dh": "x", "auth": "y"}}, {"keys": {}}, {"keys": 1}],
)
def test_invalid_subscription_is_rejected(api_client, nok, subscription, invalid):
    assert api_client(nok).post(DEVICES, {**subscription, **invalid}).status_code == 400
    assert not PushSubscription.objects.exists()


def test_testing_a_device_sends_a_notification(api_client, nok, device, monkeypatch):
    phone = device(nok)
    monkeypatch.setattr(tasks.test_device, "delay", tasks.test_device)
    assert api_client(nok).post(f"{DEVICES}/{PushSubscription.objects.get().pk}/test").status_code == 204
    assert phone.titles == ["It works"]


def test_devices_of_other_users_are_not_found(api_client, nok, ben, device):
    device(nok)
    pk = PushSubscription.objects.get().pk
    assert api_client(ben).get(DEVICES).json()["results"] == []
    assert api_client(ben).delete(f"{DEVICES}/{pk}").status_code == 404
    assert api_client(ben).post(f"{DEVICES}/{pk}/test").status_code == 404
    assert PushSubscription.objects.exists()


def test_personal_token_cannot_access_devices(api_client, nok, subscription):
    """A device would get private messages, also of homes that the token has no access to."""
    _token, key = create_api_token(nok.user, "Script", ["read", "write", "chat", "admin"])
    script = api_client(nok, token=key)
    assert script.post(DEVICES, subscription).status_code == 403
    assert script.get(DEVICES).status_code == 403


def test_settings_can_be_read_and_changed_partially(api_client, nok):
    me = api_client(nok)
    kinds = dict.fromkeys(("assigned", "list_ready", "mentioned", "reminder", "shopping", "summary"), True)
    assert me.get("notices").json() == {"kinds": kinds, "quiet_from": "22:00:00", "quiet_until": "07:00:00"}
    answer = me.patch("notices", {"kinds": {"shopping": False}})
    assert answer.json()["kinds"] == {**kinds, "shopping": False}
    answer = me.patch("notices", {"quiet_from": None, "quiet_until": None})
    assert (answer.json()["quiet_from"], answer.json()["kinds"]["shopping"]) == (None, False)


@pytest.mark.parametrize(
    "invalid",
    [{"quiet_from": None}, {"quiet_from": "07:00"}, {"kinds": {"doorbell": True}}, {"kinds": {"shopping": "?"}}],
)
def test_invalid_settings_are_rejected(api_client, nok, invalid):
    assert api_client(nok).patch("notices", invalid).status_code == 400
    assert not NoticeChoice.objects.exists()


def test_settings_of_another_home_are_forbidden(api_client, nok, mai):
    assert api_client(mai).get(f"/homes/{nok.home_id}/notices").status_code == 403
