"""API that takes the lines of other products' files."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from groceries import actions, file_imports
from groceries.api.entries import MAX_ENTRIES, EntrySerializer
from groceries.api.fields import amount
from groceries.api.lists import ListViewSet
from groceries.models import GroceryList
from pantry.api.endpoints import endpoint
from pantry.api.fields import Boolean, Line, NumberField, Text
from pantry.errors import ActionError

MAX_FILE_CHARS = 900_000


class FileText(serializers.Serializer):  # type: ignore[type-arg]
    text = Text(MAX_FILE_CHARS, help_text="Of a CSV file, an export or a plain text.")
    from_list = Line(80, required=False, help_text="The name of a list in the file, if it has several.")
    serves = amount(required=False, help_text="For how many the recipe in the text is.")
    portions = amount(required=False, help_text="For how many to cook it: the amounts are scaled from `serves`.")
    dry_run = Boolean(required=False, help_text="Only return the lines.")


class FileLineSerializer(serializers.Serializer):  # type: ignore[type-arg]
    from_list = serializers.CharField(help_text="The list in the file.")
    number = serializers.IntegerField(help_text="The line of the file, or the place in its list.")
    name = serializers.CharField()
    quantity = NumberField(allow_null=True)
    unit = serializers.CharField(allow_null=True)
    note = serializers.CharField()
    category = serializers.CharField(help_text="The aisle in the file.")
    is_bought = serializers.BooleanField()
    problem = serializers.CharField(help_text="Why it can't be taken, for people.")


class TakenLines(serializers.Serializer):  # type: ignore[type-arg]
    lines = FileLineSerializer(many=True)
    results = EntrySerializer(many=True, help_text="The list items that were added or raised.")


class FileViewSet(ListViewSet):
    group = "files"
    serializer_class = TakenLines

    @endpoint(
        "Take the lines of another product's file onto a list", request=FileText, status=200,
        errors=(400, 404), example={"text": "Item,Quantity,Unit\nMilk,2,l", "dry_run": True},
    )  # fmt: skip
    def create(self, grocery_list: GroceryList, data: dict[str, Any]) -> dict[str, Any]:
        """Reads CSV, exports of KitchenOwl, Mealie, Grocy, AnyList and Bring!, recipes and texts. Takes what isn't
        bought, all or, if a line makes no sense, none."""
        if ("serves" in data) != ("portions" in data):
            raise ActionError(_("Give both `serves` and `portions`, or neither."))
        scale = data["portions"] / data["serves"] if "serves" in data else Decimal(1)
        file = file_imports.read_lists(data["text"].encode(), self.home, scale)
        if data.get("dry_run"):
            return {"lines": file_imports.numbered_lines(file.lists), "results": []}
        chosen = file_imports.find_list(file, data.get("from_list", ""))
        lines = file_imports.lines_to_take(chosen, self.home, MAX_ENTRIES)
        entries = actions.add_lines(grocery_list, lines, by=self.actor())
        return {"lines": file_imports.numbered_lines([chosen]), "results": entries}

    def represent(self, row: Any) -> Any:
        return self.serializer_class(row).data
