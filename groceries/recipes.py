"""Recipes of web pages."""

from django.conf import settings

from groceries.parsing.recipes import Recipe, read_recipe
from pantry.public_web import fetch_page


def fetch_recipe(url: str) -> Recipe:
    """Return the recipe of a web page. Takes seconds: call it outside of transactions. Raises ActionError."""
    return read_recipe(*fetch_page(url, settings.RECIPE_INTRANET_HOSTS))
