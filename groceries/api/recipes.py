"""API that reads recipes of web pages."""

from typing import Any

from rest_framework import serializers

from groceries.api.lists import ListViewSet
from groceries.models import GroceryList
from groceries.recipes import fetch_recipe
from pantry.api.endpoints import endpoint
from pantry.api.fields import NumberField, Text
from pantry.public_web import MAX_URL_CHARS


class RecipeUrl(serializers.Serializer):  # type: ignore[type-arg]
    url = Text(MAX_URL_CHARS, help_text="Of a public page with a recipe, as schema.org describes them.")


class RecipeSerializer(serializers.Serializer):  # type: ignore[type-arg]
    name = serializers.CharField()
    portions = serializers.CharField(help_text="What it makes, as the page says it: “4 servings”. May be empty.")
    serves = NumberField(allow_null=True, help_text="For how many it is, if `portions` names one number.")
    text = serializers.CharField(help_text="The ingredients, one on each line, for `import`.")


class RecipeViewSet(ListViewSet):
    serializer_class = RecipeSerializer
    group = "files"
    waits_for_others = True

    @endpoint(
        "Read the recipe of a web page", request=RecipeUrl, status=200, errors=(400, 404, 429),
        example={"url": "https://recipes.example/pancakes"},
    )  # fmt: skip
    def create(self, grocery_list: GroceryList, data: dict[str, Any]) -> Any:
        """Changes nothing: post the `text` to `import`, with `serves` and `portions` to cook for another number."""
        return fetch_recipe(data["url"])

    def represent(self, row: Any) -> Any:
        return self.serializer_class(row).data
