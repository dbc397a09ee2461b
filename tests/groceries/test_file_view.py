"""The page that takes lines of another product's file onto a list."""

import html
import json
import re
from uuid import uuid4

import pytest
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from groceries.actions import create_category, create_list
from pantry import settings as product_settings
from tests.counting import queries_of
from tests.factories import by, names
from tests.limits import limit

TABLE = (
    "Item,Amount,Aisle,Price,Done,Barcode\nFlour,200 g,Staple,12,,1\nEggs,12,Chilled,,,2\nMilk,1,,,yes,3\nTea,-1,,,,4\n"
)
LISTS = [
    {"name": "Week", "items": [{"name": "Milk"}]},
    {"name": "Party", "items": [{"name": "Chips"}, {"name": "Cola"}]},
]


@pytest.fixture
def url(nok, weekly):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/import"


@pytest.fixture
def client(nok, sign_in):
    return sign_in(nok)


def upload(client, url, content=TABLE, name="list.bin"):
    """Send the file. Returns the page and the fields of the form with its lines."""
    content = content if isinstance(content, bytes) else content.encode()
    page = client.post(url, {"file": SimpleUploadedFile(name, content)})
    return page, fields_of(page)


def fields_of(page):
    hidden = re.findall(r'<input type="hidden" name="(lines|list|start|op_id)" value="([^"]*)">', page.text)
    return {name: html.unescape(value) for name, value in hidden}


def boxes(page):
    """Return the attributes of each checkbox after its value."""
    return re.findall(r'name="take" value="\d+"( checked)?( disabled)?>', page.text)


def test_paste_page_asks_for_a_file(client, url):
    assert client.get(url).url == url.replace("import", "paste")
    page = client.get(url.replace("import", "paste"))
    assert 'enctype="multipart/form-data"' in page.text and 'type="file"' in page.text


def test_lines_of_a_file_are_chosen_and_undone_as_one(client, nok, url, weekly, events):
    page, form = upload(client, url)
    assert page.status_code == 200
    assert boxes(page) == [(" checked", ""), (" checked", ""), ("", ""), ("", " disabled")]
    assert "Line 5: “-1” is no amount." in page.text
    assert "Columns that are not taken: Barcode" in page.text
    assert events(nok.home) == []
    response = client.post(url, {**form, "take": ["0", "2"], "add": "1"})
    assert response.url == url.removesuffix("import")
    assert sorted(map(str, weekly.entries.all())) == ["Flour (200 g)", "Milk (1 piece)"]
    assert weekly.entries.get(item__name="Flour").note == "฿12"
    client.post(url, {**form, "take": ["0", "2"], "add": "1"})  # sent twice
    assert weekly.entries.count() == 2
    [target] = re.findall(r'action="(/h/[^"]*/operations/[^"]*/undo)"', client.get(response.url).text)
    client.post(target)
    assert not weekly.entries.pending().exists()


def test_aisle_of_the_file_is_taken_if_the_home_has_it(client, nok, url, weekly):
    create_category("Chilled", by=by(nok))
    _page, form = upload(client, url, "Item,Amount,Aisle\nSeitan,1,CHILLED\nApples,2,Elsewhere\n")
    client.post(url, {**form, "take": ["0", "1"], "add": "1"})
    aisles = dict(weekly.entries.values_list("item__name", "item__category__name"))
    assert aisles == {"Seitan": "Chilled", "Apples": "produce"}


def test_line_with_a_problem_is_not_taken(client, url, weekly):
    _page, form = upload(client, url)
    client.post(url, {**form, "take": ["3"], "add": "1"})
    assert not weekly.entries.exists()


def test_one_of_several_lists_is_chosen(client, url, weekly):
    page, form = upload(client, url, json.dumps(LISTS))
    assert '<option value="1">' in page.text
    page = client.post(url, {"lines": form["lines"], "list": "1"})
    assert "Cola" in page.text and 'value="1" selected' in page.text
    client.post(url, {**fields_of(page), "take": ["0", "1"], "add": "1"})
    assert names(weekly.entries.all()) == ["Chips", "Cola"]


def test_catalog_is_not_chosen_from_the_start(client, url):
    page, _form = upload(client, url, json.dumps({"items": [{"name": "Milk", "icon": "milk"}], "shoppinglists": []}))
    assert boxes(page) == [("", "")]


def test_long_list_is_added_part_by_part(client, url, weekly):
    most = limit("Things of such a file on a page")
    page, form = upload(client, url, "\n".join(f"No{number}x" for number in range(most + 2)))
    assert len(boxes(page)) == most and f"1 to {most} of {most + 2}." in page.text
    page = client.post(url, {**form, "take": ["0", str(most)], "add": "1"})
    assert page.status_code == 200 and len(boxes(page)) == 2
    assert names(weekly.entries.all()) == ["No0x"]
    response = client.post(url, {**fields_of(page), "take": [str(most), str(most + 1)], "add": "1"})
    assert response.status_code == 302
    assert weekly.entries.count() == 3


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"PK\x03\x04\x00", "isn&#x27;t a text"),
        (b"", "nothing to buy"),
        (b'{"items": [', "Line 1: this is not valid JSON"),
        (b"milk\n" * 3000, "more than 2,000 things"),
        (b"x" * 2_000_001, "too large"),
    ],
)
def test_file_that_is_no_list_is_refused_at_the_field(client, nok, url, content, words, events):
    page, _form = upload(client, url, content)
    assert page.status_code == 422 and words in page.text
    assert events(nok.home) == []


def test_form_without_a_file_is_refused(client, url):
    assert "Choose a file." in client.post(url, {}).text


@pytest.mark.parametrize("lines", ["x", "e30:1:2", "\x00"])
def test_changed_lines_are_refused(client, url, weekly, lines):
    page = client.post(url, {"lines": lines, "take": ["0"], "add": "1", "op_id": str(uuid4())})
    assert page.status_code == 422
    assert not weekly.entries.exists()


def test_lines_of_a_day_ago_are_refused(client, url, weekly, monkeypatch):
    _page, form = upload(client, url)
    hours = limit("Age of the page with the lines of a file")
    now = signing.time.time()
    monkeypatch.setattr(signing.time, "time", lambda: now + hours * 3600 + 60)
    page = client.post(url, {**form, "take": ["0"], "add": "1"})
    assert page.status_code == 422 and "Choose the file again." in page.text


def test_query_count_is_constant(client, url):
    query_counts = queries_of(lambda: upload(client, url, "milk\n"))
    assert queries_of(lambda: upload(client, url, "milk\neggs\nrice\ntea\n" * 20)) == query_counts


# Access


def test_list_of_another_home_is_not_found(client, nok, mai, url, sign_in, events):
    theirs = create_list("Mine", by=by(mai))
    strange = f"/h/{nok.home_id}/lists/{theirs.pk}/import"
    assert client.get(strange).status_code == 404
    assert upload(client, strange)[0].status_code == 404
    assert upload(sign_in(mai), url)[0].status_code == 404
    assert client.get(strange).status_code == 404
    assert upload(Client(), url)[0].url.startswith("/accounts/login/")
    assert events(nok.home) == []


def test_lines_of_another_home_are_refused(client, url, weekly, mai, sign_in):
    theirs = create_list("Mine", by=by(mai))
    _page, form = upload(sign_in(mai), f"/h/{mai.home_id}/lists/{theirs.pk}/import")
    assert client.post(url, {**form, "take": ["0"], "add": "1"}).status_code == 422
    assert not weekly.entries.exists()


def test_csrf_is_checked(nok, url, weekly):
    client = Client(enforce_csrf_checks=True)
    client.force_login(nok.user)
    assert upload(client, url)[0].status_code == 403


def test_blank_lines_without_a_file_are_refused(client, url):
    page = client.post(url, {"lines": " "})
    assert (page.status_code, "Choose a file." in page.text) == (422, True)


def test_text_is_bounded(client, url):
    row, most = "Milk and eggs and flour\n", limit("Text in such a file that is no table")
    page, _fields = upload(client, url, row * (most // len(row) + 1))
    assert page.status_code == 422
    assert f"{most:,} characters" in page.text


def test_files_are_read_a_few_times_a_minute(client, url, settings):
    most = limit("Such files and recipes that a user lets read, in a minute")
    assert product_settings.API_RATES["files"].startswith(f"{most}/m/user")
    settings.API_RATES = {"files": "1/m/user"}
    page, fields = upload(client, url)
    assert page.status_code == 200
    assert client.post(url, {**fields, "add": "", "take": ["0"]}).status_code == 302  # reads nothing again
    refused, _fields = upload(client, url)
    assert refused.status_code == 429
    assert refused["Retry-After"]
