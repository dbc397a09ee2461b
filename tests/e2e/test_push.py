"""A notice, from one person's words to the other's phone.

Only the browser maker's push service is replaced, which no test can reach: by one that speaks its protocol, and whose
messages Chromium is handed the way it would get them.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.people import Person, own_word
from tests.push_service import Browser, PushService, push_service
from tests.server import BEN, NOK, PLOY, Server

SUBSCRIBED = """([endpoint, keys]) => {
  const subscription = { endpoint, keys, options: {}, toJSON: () => ({ endpoint, keys }), unsubscribe: async () => {
    localStorage.removeItem("subscribed");
  } };
  PushManager.prototype.getSubscription = async () => localStorage.getItem("subscribed") && subscription;
  PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new TypeError("not so");
    localStorage.setItem("subscribed", "yes");
    return subscription;
  };
}"""


@pytest.fixture(scope="module")
def service() -> Iterator[PushService]:
    with push_service() as running:
        yield running


@pytest.fixture(scope="module")
def pushing(service: PushService, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that may speak to that push service."""
    folder = tmp_path_factory.mktemp("pushing") / "data"
    with Server(folder, settings={"PUSH_INTRANET_HOSTS": service.host}) as server:
        yield server


@pytest.fixture
def ben(meet: Callable[..., Person], pushing: Server) -> Person:
    """His browser asks nothing: he said yes."""
    return meet(BEN, at=pushing, permissions=["notifications"])


@pytest.fixture
def phone(ben: Person, service: PushService) -> Browser:
    return phone_of(ben, service)


def phone_of(person: Person, service: PushService) -> Browser:
    """What their browser gets from its push service when it asks."""
    person.goes_to("home/notices/")
    browser = service.browser(str(person.page.locator("push-device").get_attribute("data-key")))
    script = f"({SUBSCRIBED})({json.dumps([browser.endpoint, browser.keys])})"
    person.page.context.add_init_script(script)
    return browser


def wait_for(ben: Person, phone: Browser, number: int) -> dict[str, Any]:
    for _try in range(600):
        if len(phone.received) >= number:
            break
        ben.page.wait_for_timeout(100)
    return phone.received[number - 1]


def test_from_words_to_the_phone(meet, ben, phone, pushing):
    ben.goes_to("home/notices/")
    ben.page.get_by_label("Quiet from").fill("")
    ben.page.get_by_label("Quiet until").fill("")
    ben.presses("Save")
    ben.reads("Your notification settings are saved.")
    ben.presses("Turn on notifications")
    ben.reads("Notifications are on for this device.")
    ben.reads("Notifications are on for this device, even while Pantry Pixie is closed.")
    here = ben.page.locator("[data-device]").filter(has=ben.page.locator("[data-self]:visible"))
    here.get_by_role("button", name="Try ").click()
    assert wait_for(ben, phone, 1)["title"] == "It works"

    nok, room = meet(NOK, at=pushing), own_word("room")
    nok.opens_room(room)
    nok.says("@Ben, is there milk?")
    told = wait_for(ben, phone, 2)
    assert (told["title"], told["body"]) == (f"Nok in #{room}", "@Ben, is there milk?")

    hand_over(ben, told)
    shown = ben.page.evaluate(
        """async () => (await (await navigator.serviceWorker.ready).getNotifications())
            .map(({ title, body, tag }) => ({ title, body, tag }))"""
    )
    assert shown == [{key: told[key] for key in ("title", "body", "tag")}]

    press(ben)
    expect(ben.page.locator("#t-channel")).to_have_text(room)
    ben.goes_to("home/notices/")
    here.get_by_role("button", name="Remove ").click()
    ben.reads("Notifications are off for")
    expect(ben.page.get_by_role("button", name="Turn on notifications")).to_be_visible()


def hand_over(ben: Person, told: dict[str, Any]) -> None:
    """As Chromium does with what its push service brings."""
    session = ben.page.context.new_cdp_session(ben.page)
    known: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda said: known.extend(each["registrationId"] for each in said["registrations"]),
    )
    session.send("ServiceWorker.enable")
    for _try in range(100):
        if known:
            break
        ben.page.wait_for_timeout(50)
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": ben.server.url, "registrationId": known[0], "data": json.dumps(told)},
    )
    ben.page.wait_for_function(
        "async () => (await (await navigator.serviceWorker.ready).getNotifications()).length > 0"
    )


def press(ben: Person) -> None:
    """The notice that is shown. A page may only be brought to the front by a true press, so that part is left out."""
    [worker] = ben.page.context.service_workers
    worker.evaluate(
        """async () => {
            WindowClient.prototype.focus = async function () { return this; };
            const [notification] = await self.registration.getNotifications();
            self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
        }"""
    )


def test_a_device_that_gets_another_address_is_found_there(meet, pushing, service):
    nok = meet(NOK, at=pushing)
    nok.goes_to("home/notices/")
    nok.page.wait_for_function("async () => (await navigator.serviceWorker.ready).active.state === 'activated'")
    phone = service.browser(str(nok.page.locator("push-device").get_attribute("data-key")))
    worker = next(each for each in nok.page.context.service_workers if each.url.startswith(pushing.url))
    worker.evaluate(
        """async ([endpoint, keys]) => {
            const moved = new ExtendableEvent("pushsubscriptionchange");
            moved.newSubscription = { toJSON: () => ({ endpoint, keys }) };
            self.dispatchEvent(moved);
        }""",
        [phone.endpoint, phone.keys],
    )
    for _try in range(100):
        nok.goes_to("home/notices/")
        if nok.page.locator("[data-device]").count():
            break
        nok.page.wait_for_timeout(100)
    nok.page.locator("[data-device]").get_by_role("button", name="Try ").click()
    assert wait_for(nok, phone, 1)["title"] == "It works"


def test_nothing_is_asked_before_somebody_presses(meet, pushing):
    ben = meet(BEN, at=pushing)
    ben.page.add_init_script(
        "Notification.requestPermission = async () => { window.asked = true; return 'default'; };"
        "Object.defineProperty(Notification, 'permission', { get: () => 'default' });"
    )
    for path in ("", "list/", "chat/", "home/", "home/notices/"):
        ben.goes_to(path)
        ben.page.wait_for_load_state("networkidle")
        assert ben.page.evaluate("window.asked") is None, path
    ben.presses("Turn on notifications")
    ben.page.wait_for_function("window.asked")
    expect(ben.page.get_by_role("button", name="Turn on notifications")).to_be_visible()


def test_a_browser_that_was_told_no_says_how_to_change_it(meet, pushing):
    ben = meet(BEN, at=pushing, viewport={"width": 390, "height": 845})
    ben.page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' });")
    ben.goes_to("home/notices/")
    ben.reads("Notifications are blocked.")
    expect(ben.page.get_by_role("button", name="Turn on notifications")).to_be_hidden()


def test_a_push_service_that_cannot_be_reached_is_explained(ben):
    ben.page.add_init_script(
        "PushManager.prototype.subscribe = async () => { throw new DOMException('push service error', 'AbortError'); };"
    )
    ben.goes_to("home/notices/")
    ben.presses("Turn on notifications")
    ben.reads("Your browser couldn't reach its push service.")
    expect(ben.page.get_by_role("button", name="Try again")).to_be_visible()


def test_signing_out_takes_the_device_along(meet, pushing, service):
    """Ploy does it: whoever signs out is signed out for the tests that follow, too."""
    ploy = meet(PLOY, at=pushing, permissions=["notifications"])
    phone_of(ploy, service)
    ploy.goes_to("home/notices/")
    ploy.presses("Turn on notifications")
    ploy.reads("Notifications are on for this device.")
    ploy.page.goto(f"{ploy.server.url}/me/")
    ploy.presses("Sign out")
    ploy.page.wait_for_url("**/accounts/login/**")
    assert ploy.page.evaluate("localStorage.getItem('subscribed')") is None
