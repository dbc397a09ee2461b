"""Chromium for browser tests: the installed one, or the path in CHROMIUM."""

import os
import shutil

from playwright.sync_api import Page

from tests.server import PASSWORD, Server

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""


def sign_in(page: Page, server: Server, email: str, password: str = PASSWORD) -> str:
    """Sign in through the form. Returns the id of the home it redirects to."""
    page.goto(f"{server.url}/accounts/login/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/h/**")
    return page.url.split("/h/")[1].split("/")[0]
