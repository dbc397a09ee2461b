"""Forms for lists, entries and recurring items."""

from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from groceries.labels import label_lists
from groceries.models import Category, Frequency, GroceryList, ListEntry
from groceries.parsing.quantities import QuantityError, parse_quantity
from groceries.paste import MAX_CHARS
from pantry.forms import AmountField, LineField, TextField, plain_input
from pantry.models import as_json


class QuantityField(forms.CharField):
    """A quantity such as “1.5”, “1,5” or “½”."""

    widget = plain_input(inputmode="decimal")

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_quantity(text)
        except QuantityError as error:
            raise ValidationError(str(error)) from error

    def prepare_value(self, value: Any) -> Any:
        return as_json(value) if isinstance(value, Decimal) else value


class PriceField(AmountField):
    default_error_messages: ClassVar[dict[str, Any]] = dict.fromkeys(
        AmountField.default_error_messages, _("Enter an amount, like 45 or 13.50.")
    )


class EntryForm(forms.Form):
    name = LineField(label=_("Item"), max_length=100, widget=plain_input())
    quantity = QuantityField(label=_("Quantity"))
    unit = LineField(
        label=_("Unit"),
        max_length=20,
        required=False,
        widget=plain_input(list="units", autocapitalize="none"),
        help_text=_("Leave empty for pieces."),
    )
    note = LineField(label=_("Note"), max_length=200, required=False)
    price_paid = PriceField(label=_("Price"), required=False)
    category = forms.ModelChoiceField(label=_("Aisle"), queryset=Category.objects.none(), empty_label=None)
    list = forms.TypedChoiceField(label=_("List"))

    def __init__(self, data: Any = None, *, entry: ListEntry) -> None:
        initial = {name: getattr(entry, name) for name in ("quantity", "note", "price_paid")}
        item = {"name": entry.item.name, "category": entry.item.category_id, "unit": entry.display_unit}
        item["list"] = entry.list_id
        super().__init__(data, initial={**initial, **item})
        categories: Any = self.fields["category"]
        categories.queryset = Category.objects.filter(home=entry.home_id)
        lists = {str(each.pk): each for each in label_lists(GroceryList.objects.filter(home=entry.home_id).open())}
        if entry.list.is_template or len(lists) < 2:
            del self.fields["list"]
        else:
            field: Any = self.fields["list"]
            field.choices, field.coerce = [(pk, each.label) for pk, each in lists.items()], lists.__getitem__
        price: Any = self.fields["price_paid"]
        price.currency = entry.home.currency
        if not entry.is_purchased:
            del self.fields["price_paid"]


class ListForm(forms.Form):
    name = LineField(label=_("Name of the list"), max_length=80, widget=plain_input())


class PasteForm(forms.Form):
    """A text with things to buy, such as a recipe."""

    text = TextField(label=_("Text or recipe"), widget=forms.Textarea(attrs={"rows": 10}), max_length=MAX_CHARS)
    has = QuantityField(label=_("The recipe is for how many?"), required=False)
    needs = QuantityField(label=_("For how many do you cook?"), required=False)

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or self.cleaned_data
        if (fields.get("has") is None) != (fields.get("needs") is None) and not self.errors:
            raise ValidationError(_("To scale the amounts, enter both numbers of portions."))
        return fields

    @property
    def portions(self) -> tuple[Decimal, Decimal] | None:
        has, needs = self.cleaned_data["has"], self.cleaned_data["needs"]
        return (has, needs) if has and needs else None


class RecurringForm(forms.Form):
    text = LineField(
        label=_("What, and how much"),
        max_length=120,
        help_text=_("Like “2 l milk” or “rice 5 kg”."),
        widget=plain_input(),
    )
    frequency = forms.ChoiceField(
        label=_("How often"), choices=[(value, capfirst(label)) for value, label in Frequency.choices]
    )
