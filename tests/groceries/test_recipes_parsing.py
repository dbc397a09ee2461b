"""Reading schema.org's Recipe from web pages."""

import json
from decimal import Decimal

import pytest

from groceries.parsing.recipes import read_recipe
from pantry.errors import ActionError

RECIPE = {
    "@context": "https://schema.org",
    "@type": "Recipe",
    "name": "Pancakes",
    "recipeYield": "4 servings",
    "recipeIngredient": ["200 g flour", "3 eggs"],
}
MICRODATA = """<div itemscope itemtype="https://schema.org/Recipe">
  <div itemprop="author" itemscope itemtype="https://schema.org/Person"><b itemprop="name">Mai</b></div>
  <h1 itemprop="name">Pan<b>cakes</b></h1><meta itemprop="recipeYield" content="4 servings">
  <li itemprop="recipeIngredient"><span>200 g</span> flour</li><li itemprop="recipeIngredient ingredients">3 eggs</li>
</div>"""


def page(*data):
    scripts = (f'<script type="application/ld+json">{each}</script>' for each in data)
    return f"<!doctype html><html><head>{''.join(scripts)}</head><body><p>Hello</p></body></html>".encode()


def read(**fields):
    return read_recipe(page(json.dumps({**RECIPE, **fields})))


def assert_pancakes(recipe):
    assert (recipe.title, recipe.serves) == ("Pancakes, 4 servings", 4)
    assert recipe.text == "200 g flour\n3 eggs"


@pytest.mark.parametrize(
    "data",
    [
        RECIPE,
        [{"@type": "WebSite", "name": "Food"}, RECIPE],
        {"@graph": [{"@type": "WebPage"}, {**RECIPE, "@type": ["NewsArticle", "Recipe"]}]},
        {"@type": "WebPage", "mainEntity": {**RECIPE, "@type": "https://schema.org/Recipe"}},
    ],
)
def test_recipe_is_found_wherever_a_page_has_it(data):
    assert_pancakes(read_recipe(page(json.dumps(data))))


def test_recipe_in_microdata_is_read():
    recipe = read_recipe(MICRODATA.encode())
    assert recipe.name.replace(" ", "") == "Pancakes"
    assert (recipe.portions, recipe.text) == ("4 servings", "200 g flour\n3 eggs")


def test_broken_and_other_data_is_skipped():
    broken = "<!-- {" + '"a": [' * 50 + " -->"
    assert_pancakes(read_recipe(page(broken, "[" * 100_000, '"text"', "", json.dumps(RECIPE))))
    wrapped = "//<![CDATA[\n" + json.dumps(RECIPE) + ";\n//]]>"
    assert_pancakes(read_recipe(page(wrapped)))


def test_text_has_no_markup_and_can_be_stored():
    ingredients = [
        "<p>1 cup &amp;frac12; milk</p>",
        "salt\npepper",
        "\ud800tea",
        {"value": 2, "unitText": "kg", "name": "rice"},
        " ",
    ]
    assert read(recipeIngredient=ingredients).text.splitlines() == [
        "1 cup ½ milk",
        "salt",
        "pepper",
        "?tea",
        "2 kg rice",
    ]


@pytest.mark.parametrize(
    ("value", "portions", "serves"),
    [
        (4, "4", 4),
        (["6", "6 pieces"], "6 pieces", 6),
        ("4-6", "4-6", None),
        ("a cake", "a cake", None),
        ("0", "0", None),
        (None, "", None),
        ({"@type": "QuantitativeValue", "value": 2.5, "unitText": "l"}, "2.5 l", Decimal("2.5")),
    ],
)
def test_number_of_portions_is_taken_if_it_is_one(value, portions, serves):
    recipe = read(recipeYield=value)
    assert (recipe.portions, recipe.serves) == (portions, serves)


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("Crème".encode(), "latin-1"),
        ("Crème".encode("latin-1"), "latin-1"),
        ("Crème".encode(), "no-such-encoding"),
    ],
)
def test_page_is_decoded(content, encoding):
    html = MICRODATA.encode().replace(b"flour", content)
    assert "200 g Crème" in read_recipe(html, encoding).text


@pytest.mark.parametrize(
    "content", [b"", b"<!--", b"<p>Hello</p>", b"\x00\xff", page(json.dumps({**RECIPE, "recipeIngredient": []}))]
)
def test_page_without_a_recipe_is_refused(content):
    with pytest.raises(ActionError, match="There is no recipe on that page"):
        read_recipe(content)
