"""Forms of the pantry."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from groceries.forms import QuantityField, UnitField
from groceries.models import Barcode, Item, PantryBatch, Place
from pantry.forms import DateInput, LineField, plain_input


class _BatchFields(forms.Form):
    best_before = forms.DateField(label=_("Best before"), required=False, widget=DateInput())
    place = forms.ChoiceField(label=_("Place"), required=False, choices=[("", "–"), *Place.choices])


class PantryForm(_BatchFields):
    """Something that is at home, as somebody says it."""

    text = LineField(
        label=_("What, and how much"),
        max_length=120,
        help_text=_("Like “2 l milk” or “rice 5 kg”."),
        widget=plain_input(),
    )
    field_order = ("text",)


class BatchForm(_BatchFields):
    """The amount, the day and the place of a batch."""

    quantity = QuantityField(label=_("Quantity"))
    unit = UnitField()
    field_order = ("quantity", "unit")

    def __init__(self, data: Any = None, *, item: Item, batch: PantryBatch | None = None) -> None:
        if batch is None:
            unit = "" if item.default_unit == "piece" else item.default_unit
            initial = {"quantity": item.default_quantity or 1, "unit": unit}
        else:
            names = ("quantity", "best_before", "place")
            initial = {name: getattr(batch, name) for name in names} | {"unit": batch.display_unit}
        super().__init__(data, initial=initial)
        for field in self.fields.values():
            field.show_hidden_initial = batch is not None  # so that what others changed meanwhile stays

    @property
    def changes(self) -> dict[str, Any]:
        """Return what was changed. A number and its unit are one amount."""
        names = set(self.changed_data)
        if not names.isdisjoint({"quantity", "unit"}):
            names |= {"quantity", "unit"}
        return {name: self.cleaned_data[name] for name in names}


class ScanForm(_BatchFields):
    """A code that was scanned or typed and, of one that is new, what the home means by it."""

    code = LineField(label=_("Barcode"), max_length=Barcode.MAX_CHARS, widget=plain_input(autocapitalize="none"))
    do = forms.ChoiceField(
        label=_("What to do"),
        choices=[("add", _("Put it in")), ("use", _("Take it out"))],
        widget=forms.RadioSelect,
        initial="add",
    )
    name = LineField(label=_("Item"), max_length=100, required=False, widget=plain_input())
    quantity = QuantityField(label=_("Quantity"), required=False)
    unit = UnitField()

    field_order = ("code", "do", "name", "quantity", "unit")


class MinimumForm(forms.Form):
    """The least that should be at home."""

    quantity = QuantityField(label=_("Keep at least"), required=False)
    unit = UnitField()

    def __init__(self, data: Any = None, *, item: Item) -> None:
        unit = item.min_unit or item.default_unit
        initial = {"quantity": item.min_quantity, "unit": "" if unit == "piece" else unit}
        super().__init__(data, initial=initial, auto_id="minimum_%s")
