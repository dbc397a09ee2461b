import pytest

from homes.accounts.actions import create_api_token
from homes.notifications import tasks, web_push
from homes.notifications.models import NoticeChoice, PushSubscription
from tests.api.client import Program

DEVICES = "/users/me/devices"


@pytest.fixture
def program(db):
    return Program


@pytest.fixture
def said(service):
    browser = service.browser(web_push.public_key())
    return {"endpoint": browser.endpoint, "keys": browser.keys, "expirationTime": None}


def test_a_browser_is_let_in_named_and_forgotten(program, nok, said):
    me = program(nok)
    assert me.get(f"{DEVICES}/key").json() == {"public_key": web_push.public_key()}
    made = me.post(DEVICES, {**said, "name": "Kitchen display"})
    assert (made.status_code, made.json()["name"]) == (201, "Kitchen display")
    assert me.post(DEVICES, said).json()["id"] == made.json()["id"]
    [listed] = me.get(DEVICES).json()["results"]
    assert listed["id"] == made.json()["id"]
    assert said["endpoint"] not in str(listed)
    assert me.delete(f"{DEVICES}/{listed['id']}").status_code == 204
    assert not PushSubscription.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [{"endpoint": "https://169.254.169.254/"}, {"keys": {"p256dh": "x", "auth": "y"}}, {"keys": {}}, {"keys": 1}],
)
def test_what_no_browser_says_is_refused(program, nok, said, wrong):
    assert program(nok).post(DEVICES, {**said, **wrong}).status_code == 400
    assert not PushSubscription.objects.exists()


def test_a_device_is_tried(program, nok, device, monkeypatch):
    phone = device(nok)
    monkeypatch.setattr(tasks.test_device, "delay", tasks.test_device)
    assert program(nok).post(f"{DEVICES}/{PushSubscription.objects.get().pk}/test").status_code == 204
    assert phone.titles == ["It works"]


def test_devices_of_others_are_not_there(program, nok, ben, device):
    device(nok)
    pk = PushSubscription.objects.get().pk
    assert program(ben).get(DEVICES).json()["results"] == []
    assert program(ben).delete(f"{DEVICES}/{pk}").status_code == 404
    assert program(ben).post(f"{DEVICES}/{pk}/test").status_code == 404
    assert PushSubscription.objects.exists()


def test_a_personal_token_cannot_listen_in(program, nok, said):
    """It would hear what is said to the person alone, in homes that the token is not for."""
    _token, key = create_api_token(nok.user, "Script", ["read", "write", "chat", "admin"])
    script = program(nok, token=key)
    assert script.post(DEVICES, said).status_code == 403
    assert script.get(DEVICES).status_code == 403


def test_choices_are_told_and_changed_in_part(program, nok):
    me = program(nok)
    kinds = {"list_ready": True, "mentioned": True, "reminder": True, "shopping": True, "summary": True}
    assert me.get("notices").json() == {"kinds": kinds, "quiet_from": "22:00:00", "quiet_until": "07:00:00"}
    answer = me.patch("notices", {"kinds": {"shopping": False}})
    assert answer.json()["kinds"] == {**kinds, "shopping": False}
    answer = me.patch("notices", {"quiet_from": None, "quiet_until": None})
    assert (answer.json()["quiet_from"], answer.json()["kinds"]["shopping"]) == (None, False)


@pytest.mark.parametrize(
    "wrong",
    [{"quiet_from": None}, {"quiet_from": "07:00"}, {"kinds": {"doorbell": True}}, {"kinds": {"shopping": "?"}}],
)
def test_wrong_choices_are_refused(program, nok, wrong):
    assert program(nok).patch("notices", wrong).status_code == 400
    assert not NoticeChoice.objects.exists()


def test_of_another_home_nothing_is_told(program, nok, mai):
    assert program(mai).get(f"/homes/{nok.home_id}/notices").status_code == 403
