"""Chromium for browser tests: the installed one, or the path in CHROMIUM."""

import os
import shutil
import time
from typing import Any

from playwright.sync_api import Page

from tests.server import PASSWORD, Server

TIMEOUT_SECONDS = 60
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
# Without a graphics card, a process of its own for drawing only costs time.
CHROMIUM_OPTIONS = ["--no-sandbox", "--in-process-gpu"]


def sign_in(page: Page, server: Server, email: str, password: str = PASSWORD) -> str:
    """Sign in through the form. Returns the id of the home it redirects to."""
    page.goto(f"{server.url}/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/h/**")
    return page.url.split("/h/")[1].split("/")[0]


def wait_for_result(page: Page, function: str, arg: Any = None) -> Any:
    """Call an async function in the page until its result is truthy, and return that.

    Playwright's `wait_for_function` takes the promise itself for the result. Raises TimeoutError.
    """
    deadline = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < deadline:
        if result := page.evaluate(function, arg):
            return result
        page.wait_for_timeout(50)
    raise TimeoutError(f"{function} stays false")
