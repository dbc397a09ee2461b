"""Devices, notification settings and VAPID keys."""

from datetime import UTC, datetime, time

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from homes.accounts.adapter import AccountAdapter
from homes.accounts.user_agent import device_name
from homes.actions import remove_member
from homes.notifications import web_push
from homes.notifications.actions import add_device, remove_device, update_notice_choice
from homes.notifications.models import NoticeChoice, PushSubscription
from pantry.errors import ActionError
from pantry.secret import new_vapid_key, vapid_key
from tests.factories import by, run_concurrently

pytestmark = pytest.mark.both_databases

UTC_NOON = datetime(2026, 3, 31, 12, tzinfo=UTC)


@pytest.fixture
def browser(service):
    return service.browser(web_push.public_key())


def add(member, browser, name="Chrome, Linux"):
    return add_device(member.user, browser.endpoint, **browser.keys, name=name)


# Devices


def test_adding_a_browser_twice_updates_the_device(nok, browser):
    first, second = add(nok, browser), add(nok, browser, "Renamed")
    assert (first.pk, second.name, PushSubscription.objects.count()) == (second.pk, "Renamed", 1)


@pytest.mark.django_db(transaction=True)
def test_adding_a_browser_concurrently_creates_one_device(nok, browser):
    run_concurrently(*[lambda: add(nok, browser)] * 4)
    assert PushSubscription.objects.count() == 1


def test_adding_a_browser_of_another_user_moves_the_device(nok, ben, browser):
    add(nok, browser)
    add(ben, browser)
    assert PushSubscription.objects.get().user == ben.user


def test_adding_a_known_endpoint_with_other_keys_is_rejected(nok, mai, service, browser):
    add(nok, browser)
    keys = service.browser(web_push.public_key()).keys
    with pytest.raises(ActionError):
        add_device(mai.user, browser.endpoint, **keys, name="Mine")
    assert PushSubscription.objects.get().user == nok.user


@pytest.mark.parametrize(
    "invalid",
    [
        {"endpoint": "https://10.0.0.1/"},
        {"endpoint": "https://push.example.com/" + "x" * 1000},
        {"p256dh": ""},
        {"p256dh": "AAAA"},
        {"p256dh": "B" + "A" * 86},
        {"p256dh": "!" * 87},
        {"auth": "AAAA"},
        {"auth": ""},
        {"auth": "é"},
    ],
)
def test_invalid_subscription_is_rejected(nok, browser, invalid):
    with pytest.raises(ActionError):
        add_device(nok.user, **{"endpoint": browser.endpoint, **browser.keys, "name": "x", **invalid})
    assert not PushSubscription.objects.exists()


def test_adding_a_device_beyond_the_maximum_deletes_the_oldest(nok, service, monkeypatch):
    monkeypatch.setattr(PushSubscription, "MAX_PER_USER", 2)
    devices = [add(nok, service.browser("")) for _each in range(3)]
    assert set(PushSubscription.objects.all()) == set(devices[1:])


def test_removing_a_device_is_idempotent(nok, browser):
    device = add(nok, browser)
    remove_device(device)
    remove_device(device)
    assert not PushSubscription.objects.exists()


def test_setting_a_password_removes_the_devices(nok, browser):
    """Whoever knew the old password may have added a device."""
    add(nok, browser)
    AccountAdapter().set_password(nok.user, "another horse battery staple")
    assert not PushSubscription.objects.exists()


def test_endpoint_hash_does_not_contain_the_endpoint(nok, browser):
    device = add(nok, browser)
    assert len(device.endpoint_hash) == 64
    assert browser.path not in device.endpoint_hash


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Mobile "
         "Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 "
         "Safari/537.36 Edg/140.0.0.0", "Edge, Windows"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox, Linux"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
         "Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 "
         "Safari/605.1.15", "Safari, Mac"),
        ("Mozilla/5.0 (Linux; Android 15; SM-S931B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/28.0 "
         "Chrome/130.0.0.0 Mobile Safari/537.36", "Samsung Internet, Android"),
        ("curl/8", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_device_name_contains_browser_and_system(user_agent, name):
    assert device_name(user_agent) == name


# Settings


def test_default_settings_have_all_kinds_and_quiet_nights(nok):
    choice = NoticeChoice.of(nok)
    assert choice.wants("mentioned")
    assert (choice.quiet_from, choice.quiet_until) == (time(22), time(7))


def test_updating_settings_keeps_kinds_that_are_not_named(nok):
    update_notice_choice(nok, {"mentioned": False}, None, None)
    choice = update_notice_choice(nok, {"shopping": False, "list_ready": True}, time(21), time(6))
    assert (choice.unwanted, NoticeChoice.objects.count()) == (["mentioned", "shopping"], 1)


@pytest.mark.parametrize("hours", [(time(22), None), (None, time(7)), (time(7), time(7))])
def test_quiet_hours_with_one_end_or_no_length_are_rejected(nok, hours):
    with pytest.raises(ActionError):
        update_notice_choice(nok, {}, *hours)
    with pytest.raises(IntegrityError), transaction.atomic():
        NoticeChoice.objects.create(home=nok.home, member=nok, quiet_from=hours[0], quiet_until=hours[1])


def test_unknown_notification_kind_is_rejected(nok):
    with pytest.raises(ActionError, match="carrier pigeons"):
        update_notice_choice(nok, {"carrier pigeons": True}, None, None)


def test_removing_a_member_deletes_their_settings(nok, ben):
    update_notice_choice(ben, {"mentioned": False}, None, None)
    remove_member(ben, by=by(nok))
    assert not NoticeChoice.objects.exists()


@pytest.mark.parametrize(
    ("hours", "moment", "ends"),
    [
        ((22, 7), "2026-03-31 21:59", None),
        ((22, 7), "2026-03-31 22:00", "2026-04-01 07:00"),
        ((22, 7), "2026-04-01 00:00", "2026-04-01 07:00"),
        ((22, 7), "2026-04-01 06:59", "2026-04-01 07:00"),
        ((22, 7), "2026-04-01 07:00", None),
        ((13, 15), "2026-03-31 14:00", "2026-03-31 15:00"),
        ((13, 15), "2026-03-31 15:00", None),
        ((13, 15), "2026-03-31 02:00", None),
    ],
)
def test_quiet_hours_use_the_time_zone_of_the_home(nok, hours, moment, ends):
    choice = NoticeChoice(home=nok.home, member=nok, quiet_from=time(hours[0]), quiet_until=time(hours[1]))

    def local(text):
        return text and datetime.fromisoformat(text).replace(tzinfo=nok.home.zone)

    assert choice.quiet_ends(local(moment).astimezone(UTC)) == local(ends)


def test_quiet_hours_across_daylight_saving_end_at_the_local_time(nok):
    nok.home.timezone = "Europe/Berlin"
    ends_at = NoticeChoice.of(nok).quiet_ends(datetime(2026, 3, 28, 23, tzinfo=UTC))
    assert ends_at == datetime(2026, 3, 29, 5, tzinfo=UTC)


def test_quiet_ends_without_quiet_hours_is_none(nok):
    assert NoticeChoice(home=nok.home, member=nok, quiet_from=None, quiet_until=None).quiet_ends(UTC_NOON) is None


# Keys


def test_vapid_keys_prints_the_key_pair_in_use(capsys, settings):
    call_command("vapid_keys")
    assert capsys.readouterr().out.split() == [
        f"VAPID_PRIVATE_KEY={settings.VAPID_PRIVATE_KEY}", "#", "Public", "key:", web_push.public_key(),
    ]  # fmt: skip


def test_vapid_keys_new_prints_another_pair_without_storing_it(capsys, settings):
    before = settings.VAPID_PRIVATE_KEY
    call_command("vapid_keys", "--new")
    private = capsys.readouterr().out.splitlines()[0].removeprefix("VAPID_PRIVATE_KEY=")
    assert private != before
    assert web_push.public_key(private) != web_push.public_key()
    assert vapid_key(settings.DATA_DIR) == before


def test_vapid_key_is_generated_once_and_stored(tmp_path):
    key = vapid_key(tmp_path / "data")
    assert vapid_key(tmp_path / "data") == key != new_vapid_key()
    assert (tmp_path / "data" / "vapid_key").stat().st_mode & 0o077 == 0
