"""The page of notification settings."""

import pytest
from django.test import Client

from homes.notifications import tasks, web_push
from homes.notifications.models import NoticeChoice, PushSubscription

DEVICES = "/me/devices/"


@pytest.fixture
def url(nok):
    return f"/h/{nok.home_id}/home/notices/"


@pytest.fixture
def browser(service):
    return service.browser(web_push.public_key())


def subscription(browser):
    return {"endpoint": browser.endpoint, **browser.keys}


def test_page_shows_the_kinds_and_the_vapid_key(nok, sign_in, url):
    page = sign_in(nok).get(url)
    assert page.status_code == 200
    assert page.text.count('type="checkbox" name="kinds"') == page.text.count("checked") == 6
    assert f'data-key="{web_push.public_key()}"' in page.text
    assert 'value="22:00"' in page.text


def test_saving_the_form_updates_the_settings(nok, sign_in, url, events):
    answer = sign_in(nok).post(url, {"kinds": ["mentioned"], "quiet_from": "21:30", "quiet_until": "06:00"})
    assert answer.url == url
    choice = NoticeChoice.objects.get()
    assert (choice.member, choice.unwanted) == (nok, ["assigned", "list_ready", "reminder", "shopping", "summary"])
    assert (str(choice.quiet_from), str(choice.quiet_until)) == ("21:30:00", "06:00:00")
    assert events(nok.home) == []  # settings are private


def test_saving_empty_times_turns_quiet_hours_off(nok, sign_in, url):
    sign_in(nok).post(url, {"kinds": [], "quiet_from": "", "quiet_until": ""})
    choice = NoticeChoice.objects.get()
    assert (choice.quiet_from, len(choice.unwanted)) == (None, 6)


@pytest.mark.parametrize(
    "invalid",
    [
        {"kinds": ["doorbell"]},
        {"quiet_from": ""},
        {"quiet_until": "22:00"},
        {"quiet_from": "25:00"},
        {"quiet_until": "\x00"},
    ],
)
def test_invalid_values_show_an_error_at_the_field(nok, sign_in, url, invalid):
    page = sign_in(nok).post(url, {"kinds": [], "quiet_from": "22:00", "quiet_until": "07:00", **invalid})
    assert (page.status_code, page.text.count('field__error" id=')) == (422, 1)
    assert not NoticeChoice.objects.exists()


def test_adding_a_device_names_it_after_the_user_agent(nok, sign_in, url, browser):
    client = sign_in(nok)
    client.get(url)
    agent = "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0"
    assert client.post(DEVICES, subscription(browser), headers={"User-Agent": agent}).url == url
    device = PushSubscription.objects.get()
    page = client.get(url).text
    assert (device.user, device.name) == (nok.user, "Firefox, Linux")
    assert f'data-device="{device.endpoint_hash}"' in page
    for secret in (browser.path, browser.keys["auth"], browser.keys["p256dh"]):
        assert secret not in page


@pytest.mark.parametrize("invalid", [{"endpoint": ""}, {"endpoint": "http://10.0.0.1/"}, {"auth": "x"}])
def test_adding_an_invalid_subscription_shows_an_error(nok, sign_in, url, browser, invalid):
    client = sign_in(nok)
    client.get(url)
    page = client.post(DEVICES, {**subscription(browser), **invalid}, follow=True).text
    assert "a valid push subscription" in page
    assert not PushSubscription.objects.exists()


def test_removing_a_device_deletes_it(nok, sign_in, url, device):
    device(nok)
    client = sign_in(nok)
    client.get(url)
    assert client.post(f"{DEVICES}{PushSubscription.objects.get().pk}/forget/").url == url
    assert not PushSubscription.objects.exists()


def test_testing_a_device_sends_a_notification(nok, sign_in, url, device, monkeypatch):
    phone = device(nok)
    monkeypatch.setattr(tasks.test_device, "delay", tasks.test_device)
    assert sign_in(nok).post(f"{DEVICES}{PushSubscription.objects.get().pk}/test/").url == url
    assert phone.titles == ["It works"]


@pytest.mark.parametrize("verb", ["test", "forget"])
def test_device_of_another_user_is_not_found(nok, ben, sign_in, device, verb):
    device(nok)
    assert sign_in(ben).post(f"{DEVICES}{PushSubscription.objects.get().pk}/{verb}/").status_code == 404
    assert PushSubscription.objects.exists()


def test_device_views_require_sign_in_and_post(nok, sign_in, device, url):
    device(nok)
    pk = PushSubscription.objects.get().pk
    for address in (DEVICES, f"{DEVICES}{pk}/test/", f"{DEVICES}{pk}/forget/"):
        assert Client().post(address).url.startswith("/accounts/login/")
        assert sign_in(nok).get(address).status_code == 405


def test_removing_a_device_without_a_home_redirects_to_the_profile(nok, ben, sign_in, device):
    client = sign_in(ben)
    device(ben)
    ben.delete()
    assert client.post(f"{DEVICES}{PushSubscription.objects.get().pk}/forget/").url == "/me/"


def test_service_worker_handles_push_events(db):
    answer = Client().get("/service-worker.js")
    assert answer.headers["Content-Type"].startswith("text/javascript")
    assert "no-cache" in answer.headers["Cache-Control"]
    assert "push-worker" in answer.text
