"""Importing a home on its page."""

import json
import re
from contextlib import closing
from uuid import UUID

import pytest
from playwright.sync_api import expect

from tests.bench.imports import home_file
from tests.e2e.person import unique_name
from tests.server import MAI, NOK, Visitor

PAGE = "/homes/import/"


@pytest.fixture
def file(server, tmp_path):
    """`file(change)`: the path of an exported home with a name of its own, after `change` to its content."""
    with closing(Visitor(server, NOK)) as nok:
        content = nok.get(f"/api/homes/{nok.home}/export").raise_for_status().json()

    def write(change=lambda content: content):
        path = tmp_path / f"{unique_name()}.json"
        name = unique_name("House ")
        path.write_text(json.dumps(change({**content, "home": {**content["home"], "name": name}})))
        return path, name

    return write


def long_file(content):
    """Return a home that takes any machine a while to import."""
    file = home_file(content)
    messages = [
        {**message, "id": str(UUID(int=number * 1_000_000 + at + 1))}
        for number in range(4)
        for at, message in enumerate(file["chat"]["messages"])
    ]
    return {**file, "chat": {**file["chat"], "messages": messages}}


def choose(person, path):
    person.goto(f"{person.server.url}{PAGE}")
    person.page.get_by_label("File").set_input_files(path)
    person.press("Import home")


def test_home_is_imported_and_opened(open_browser, file):
    mai, (path, name) = open_browser(MAI), file()
    choose(mai, path)
    mai.expect_text(f"{name} is imported.")
    mai.follow_link("Open home")
    expect(mai.page.locator(".head__over")).to_contain_text(name)


def test_progress_is_shown_on_every_device_until_it_is_cancelled(open_browser, file):
    (path, name), here = file(long_file), open_browser(MAI)
    choose(here, path)
    here.expect_text(re.compile(r"[1-9]\d* of \d+ rows imported"))
    there = open_browser(MAI)
    there.goto(f"{there.server.url}{PAGE}")
    there.expect_text(name)
    here.page.reload()
    here.expect_text(re.compile(r"rows imported"))
    there.press("Cancel import")
    there.expect_text("The import was cancelled. Nothing of it is left.")
    here.expect_text("The import was cancelled. Nothing of it is left.")
    expect(here.page.get_by_role("button", name="Import home")).to_be_visible()


def damage(content):
    content["groceries"]["categories"][1]["name"] = ""
    return content


def test_invalid_row_is_named(open_browser, file):
    mai, (path, name) = open_browser(MAI), file(damage)
    choose(mai, path)
    mai.expect_text(f"{name} wasn't imported.")
    mai.expect_text(re.compile(r"see groceries\.categories\.1"))


def test_other_file_is_refused_at_once(open_browser, file):
    mai, (path, _name) = open_browser(MAI, refused=400), file(lambda content: {"recipes": []})
    choose(mai, path)
    mai.expect_text("This file isn't an exported home.")


def test_busy_server_is_tried_again(open_browser, file):
    mai, (path, name), answers = open_browser(MAI, refused=503), file(), []

    def answer(route):
        answers.append(route.request.headers["idempotency-key"])
        if len(answers) < 3:
            return route.fulfill(status=503, headers={"Retry-After": "1"}, json={"error": {"message": "Busy"}})
        return route.continue_()

    mai.page.route("**/api/homes/import", answer)
    choose(mai, path)
    mai.expect_text(f"{name} is imported.")
    assert (len(answers), len(set(answers))) == (3, 1)
