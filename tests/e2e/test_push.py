"""Push notifications, from a message to the recipient's phone.

Only the browser vendor's push service is replaced, by a local one that speaks its protocol. Its messages are handed to
Chromium over DevTools.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import wait_for_result
from tests.e2e.person import Person, unique_name
from tests.push_service import Browser, PushService, push_service
from tests.server import BEN, NOK, PLOY, Server

WORKER_IS_ACTIVE = "async () => (await navigator.serviceWorker.ready).active.state === 'activated'"
FAKE_SUBSCRIPTION = """([endpoint, keys]) => {
  const subscription = { endpoint, keys, options: {}, toJSON: () => ({ endpoint, keys }), unsubscribe: async () => {
    localStorage.removeItem("subscribed");
  } };
  PushManager.prototype.getSubscription = async () => localStorage.getItem("subscribed") && subscription;
  PushManager.prototype.subscribe = async (options) => {
    if (!options.userVisibleOnly || options.applicationServerKey.length !== 65) throw new TypeError("invalid options");
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
    """Run a server that may connect to the local push service."""
    folder = tmp_path_factory.mktemp("pushing") / "data"
    with Server(folder, settings={"PUSH_INTRANET_HOSTS": service.host}) as server:
        yield server


@pytest.fixture
def ben(open_browser: Callable[..., Person], pushing: Server) -> Person:
    """Ben, who has allowed notifications."""
    return open_browser(BEN, at=pushing, permissions=["notifications"])


@pytest.fixture
def phone(ben: Person, service: PushService) -> Browser:
    return fake_push_service(ben, service)


def fake_push_service(person: Person, service: PushService) -> Browser:
    """Make the person's browser subscribe at the local push service."""
    person.goto("home/notices/")
    browser = service.browser(str(person.page.locator("push-device").get_attribute("data-key")))
    script = f"({FAKE_SUBSCRIPTION})({json.dumps([browser.endpoint, browser.keys])})"
    person.page.context.add_init_script(script)
    return browser


def test_mention_is_pushed_to_the_phone_and_opens_the_room(open_browser, ben, phone, pushing):
    ben.goto("home/notices/")
    ben.page.get_by_label("Quiet from").fill("")
    ben.page.get_by_label("Quiet until").fill("")
    ben.press("Save")
    ben.expect_text("Your notification settings are saved.")
    ben.press("Turn on notifications")
    ben.expect_text("Notifications are on for this device, even while Pantry Pixie is closed.")
    this_device = ben.page.locator("[data-device]").filter(has=ben.page.locator("[data-self]:visible"))
    this_device.get_by_role("button", name="Test ").click()
    assert phone.wait_for(1)["title"] == "It works"

    nok, room = open_browser(NOK, at=pushing), unique_name("room")
    nok.create_room(room)
    nok.send_message("@Ben, is there milk?")
    payload = phone.wait_for(2)
    assert (payload["title"], payload["body"]) == (f"Nok in #{room}", "@Ben, is there milk?")

    deliver_push_message(ben, payload)
    notifications = wait_for_notifications(ben)
    assert notifications == [{key: payload[key] for key in ("title", "body", "tag")}]

    click_notification(ben)
    expect(ben.page.locator("#t-channel")).to_have_text(room)
    ben.goto("home/notices/")
    this_device.get_by_role("button", name="Remove ").click()
    ben.expect_text("Notifications are off for")
    expect(ben.page.get_by_role("button", name="Turn on notifications")).to_be_visible()


def deliver_push_message(ben: Person, payload: dict[str, Any]) -> None:
    """Deliver a push message to the service worker over DevTools, once it is active."""
    wait_for_result(ben.page, WORKER_IS_ACTIVE)
    session = ben.page.context.new_cdp_session(ben.page)
    registrations: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: registrations.extend(row["registrationId"] for row in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    for _ in range(100):
        if registrations:
            break
        ben.page.wait_for_timeout(50)
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": ben.server.url, "registrationId": registrations[0], "data": json.dumps(payload)},
    )


SHOWN_NOTIFICATIONS = """async () => {
    const shown = await (await navigator.serviceWorker.ready).getNotifications();
    return shown.length && shown.map(({ title, body, tag }) => ({ title, body, tag }));
}"""


def wait_for_notifications(ben: Person) -> Any:
    """Return the notifications that are shown, from the same call that finds some."""
    return wait_for_result(ben.page, SHOWN_NOTIFICATIONS)


def click_notification(ben: Person) -> None:
    """Click the notification. `focus` is stubbed, since Chromium allows it only after a real click."""
    [worker] = ben.page.context.service_workers
    worker.evaluate(
        """async () => {
            WindowClient.prototype.focus = async function () { return this; };
            const [notification] = await self.registration.getNotifications();
            self.dispatchEvent(new NotificationEvent("notificationclick", { notification }));
        }"""
    )


@pytest.mark.slow
def test_changed_subscription_is_registered(open_browser, pushing, service):
    nok = open_browser(NOK, at=pushing)
    nok.goto("home/notices/")
    wait_for_result(nok.page, WORKER_IS_ACTIVE)
    phone = service.browser(str(nok.page.locator("push-device").get_attribute("data-key")))
    worker = next(candidate for candidate in nok.page.context.service_workers if candidate.url.startswith(pushing.url))
    worker.evaluate(
        """async ([endpoint, keys]) => {
            const event = new ExtendableEvent("pushsubscriptionchange");
            event.newSubscription = { toJSON: () => ({ endpoint, keys }) };
            self.dispatchEvent(event);
        }""",
        [phone.endpoint, phone.keys],
    )
    for _ in range(100):
        nok.goto("home/notices/")
        if nok.page.locator("[data-device]").count():
            break
        nok.page.wait_for_timeout(100)
    nok.page.locator("[data-device]").get_by_role("button", name="Test ").click()
    assert phone.wait_for(1)["title"] == "It works"


def test_permission_is_requested_only_after_a_click(open_browser, pushing):
    ben = open_browser(BEN, at=pushing)
    ben.page.add_init_script(
        "Notification.requestPermission = async () => { window.requested = true; return 'default'; };"
        "Object.defineProperty(Notification, 'permission', { get: () => 'default' });"
    )
    for path in ("", "list/", "chat/", "home/", "home/notices/"):
        ben.goto(path)
        ben.page.wait_for_load_state("networkidle")
        assert ben.page.evaluate("window.requested") is None, path
    ben.press("Turn on notifications")
    ben.page.wait_for_function("window.requested")
    expect(ben.page.get_by_role("button", name="Turn on notifications")).to_be_visible()


def test_denied_permission_shows_instructions(open_browser, pushing):
    ben = open_browser(BEN, at=pushing, viewport={"width": 390, "height": 845})
    ben.page.add_init_script("Object.defineProperty(Notification, 'permission', { get: () => 'denied' });")
    ben.goto("home/notices/")
    ben.expect_text("Notifications are blocked.")
    expect(ben.page.get_by_role("button", name="Turn on notifications")).to_be_hidden()


def test_unreachable_push_service_shows_error(ben):
    ben.page.add_init_script(
        "PushManager.prototype.subscribe = async () => { throw new DOMException('push service error', 'AbortError'); };"
    )
    ben.goto("home/notices/")
    ben.press("Turn on notifications")
    ben.expect_text("Your browser couldn't reach its push service.")
    expect(ben.page.get_by_role("button", name="Try again")).to_be_visible()


def test_signing_out_unsubscribes_the_device(open_browser, pushing, service):
    """Use Ploy, because signing out ends the session for later tests, too."""
    ploy = open_browser(PLOY, at=pushing, permissions=["notifications"])
    fake_push_service(ploy, service)
    ploy.goto("home/notices/")
    ploy.press("Turn on notifications")
    ploy.expect_text("Notifications are on for this device, even while Pantry Pixie is closed.")
    ploy.page.goto(f"{ploy.server.url}/me/")
    ploy.press("Sign out")
    ploy.page.wait_for_url("**/accounts/login/**")
    assert ploy.page.evaluate("localStorage.getItem('subscribed')") is None
