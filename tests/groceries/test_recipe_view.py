"""The page, the API and the command that take the ingredients of a web page's recipe."""

import re
from uuid import uuid4

import pytest

from groceries.actions import create_list
from tests.api.client import ApiClient
from tests.factories import by
from tests.groceries.test_recipes_parsing import MICRODATA
from tests.limits import limit
from tests.web_pages import WebPages


@pytest.fixture
def web(settings):
    with WebPages() as running:
        settings.RECIPE_INTRANET_HOSTS = [running.host]
        running.add("/pancakes", MICRODATA)
        yield running


@pytest.fixture
def url(nok, weekly):
    return f"/h/{nok.home_id}/lists/{weekly.pk}/recipe"


@pytest.fixture
def client(nok, sign_in):
    return sign_in(nok)


def test_ingredients_of_a_page_are_scaled_and_chosen(client, url, web, weekly, events, nok):
    assert client.get(url).url == url.replace("recipe", "paste")
    page = client.post(url, {"url": f" {web.url}/pancakes "})
    assert page.status_code == 200 and "<strong>Pan cakes, 4 servings</strong>" in page.text
    assert page.text.count('name="take"') == 2
    assert 'name="has" value="4"' in page.text and 'name="needs" value="4"' in page.text
    assert events(nok.home) == []
    fields = {"text": "200 g flour\n3 eggs", "recipe": "Pan cakes, 4 servings", "has": "4", "needs": "6"}
    page = client.post(url.replace("recipe", "paste"), fields)
    assert "<strong>Pan cakes, 4 servings</strong>" in page.text
    digest = re.search(r'name="digest" value="(\w+)"', page.text)[1]
    client.post(url.replace("recipe", "paste"), {**fields, "digest": digest, "take": ["0", "1"], "op_id": str(uuid4())})
    assert sorted(map(str, weekly.entries.all())) == ["Eggs (4.5 piece)", "Flour (300 g)"]


def test_page_that_cannot_be_read_is_refused_at_the_field(client, url, web, weekly, events, nok):
    web.add("/other", "<p>Hello</p>")
    texts = {
        f"{web.url}/other": "There is no recipe on that page",
        "http://127.0.0.1:1/": "on the public internet",
        "x": "Enter the whole address",
        "": "This field is required",
        "x" * (limit("Address of a web page with a recipe") + 1): "at most 2000 characters",
    }
    for address, text in texts.items():
        page = client.post(url, {"url": address})
        assert page.status_code == 422 and text in page.text
    assert events(nok.home) == []


def test_recipe_with_too_many_ingredients_says_so(client, url, web):
    lines = "".join(f"<li itemprop='recipeIngredient'>No{number}x</li>" for number in range(600))
    web.add("/feast", f"<div itemscope itemtype='https://schema.org/Recipe'>{lines}</div>")
    page = client.post(url, {"url": f"{web.url}/feast"})
    assert page.status_code == 422 and "these are 600" in page.text


def test_list_of_another_home_is_not_found(sign_in, mai, url, web, weekly, nok):
    assert sign_in(mai).post(url, {"url": f"{web.url}/pancakes"}).status_code == 404
    elsewhere = create_list("Elsewhere", by=by(mai))
    assert ApiClient(nok).post(f"lists/{elsewhere.pk}/recipe", {"url": f"{web.url}/pancakes"}).status_code == 404
    assert web.requests == []


# The API


def test_api_reads_a_recipe_to_be_taken(nok, web, weekly, events):
    client = ApiClient(nok)
    recipe = client.post(f"lists/{weekly.pk}/recipe", {"url": f"{web.url}/pancakes"}).json()
    expected = {"name": "Pan cakes", "portions": "4 servings", "serves": "4", "text": "200 g flour\n3 eggs"}
    assert recipe == expected
    assert events(nok.home) == []
    scaled = {"text": recipe["text"], "serves": recipe["serves"], "portions": "6"}
    response = client.post(f"lists/{weekly.pk}/import", scaled)
    assert [row["quantity"] for row in response.json()["results"]] == ["300", "4.5"]
    assert client.post(f"lists/{weekly.pk}/import", {"text": "tea", "serves": "4"}).status_code == 400


def test_api_refuses_a_page_with_the_reason(nok, web, weekly):
    response = ApiClient(nok).post(f"lists/{weekly.pk}/recipe", {"url": "http://169.254.169.254/"})
    assert response.status_code == 400
    assert "on the public internet" in response.json()["error"]["message"]
