"""Forms for lists, entries and recurring items."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from groceries.actions.items import MAX_ALIASES
from groceries.actions.recurring import first_due
from groceries.file_imports import MAX_TOKEN_CHARS
from groceries.labels import label_lists
from groceries.models import Category, Frequency, GroceryList, Item, ListEntry, RecurringItem, Store
from groceries.parsing.quantities import QuantityError, normalize_unit, parse_quantity
from groceries.parsing.recipes import MAX_TITLE_CHARS
from groceries.paste import MAX_CHARS
from homes.models import Home, Membership
from pantry.forms import AmountField, DateInput, DateTimeInput, LineField, TextField, form_errors, plain_input
from pantry.models import as_json
from pantry.public_web import MAX_URL_CHARS
from pantry.recurrence import normalize_rule
from pantry.text import visible_line
from pantry.years import YEARS, check_year


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


class UnitField(LineField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Unit"),
            max_length=20,
            required=False,
            widget=plain_input(list="units", autocapitalize="none"),
            help_text=_("Leave empty for pieces."),
        )


class EntryForm(forms.Form):
    name = LineField(label=_("Item"), max_length=100, widget=plain_input())
    quantity = QuantityField(label=_("Quantity"))
    unit = UnitField()
    note = LineField(label=_("Note"), max_length=200, required=False)
    price_paid = PriceField(label=_("Price"), required=False)
    assigned_to = forms.TypedChoiceField(label=_("Who gets it?"), required=False, empty_value=None)
    category = forms.ModelChoiceField(label=_("Aisle"), queryset=Category.objects.none(), empty_label=None)
    list = forms.TypedChoiceField(label=_("List"))

    def __init__(self, data: Any = None, *, entry: ListEntry) -> None:
        initial = {name: getattr(entry, name) for name in ("quantity", "note", "price_paid")}
        item = {"name": entry.item.name, "category": entry.item.category_id, "unit": entry.display_unit}
        item |= {"list": entry.list_id, "assigned_to": entry.assigned_to_id or ""}
        super().__init__(data, initial={**initial, **item})
        categories: Any = self.fields["category"]
        categories.queryset = Category.objects.filter(home=entry.home_id)
        members = Membership.objects.filter(home=entry.home_id).select_related("user").order_by("number")
        users = {str(member.user_id): member.user for member in members}
        who: Any = self.fields["assigned_to"]
        who.choices, who.coerce = [("", _("Nobody in particular")), *users.items()], users.__getitem__
        if len(users) < 2 and entry.assigned_to_id is None:
            del self.fields["assigned_to"]
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


class LinesField(TextField):
    """Several names, one on each line."""

    widget = forms.Textarea(attrs={"rows": 3, "autocomplete": "off"})

    def clean(self, value: Any) -> list[str]:
        return [line for text in super().clean(value).splitlines() if (line := visible_line(text))]

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        before, after = (str(self.prepare_value(value) or "").split("\n") for value in (initial, data))
        return list(map(str.strip, before)) != list(map(str.strip, after))


class ItemForm(forms.Form):
    name = LineField(label=_("Name"), max_length=100, widget=plain_input())
    aliases = LinesField(
        label=_("Other names"),
        required=False,
        max_length=MAX_ALIASES * 101,
        help_text=_("One on each line. Whoever writes “OJ” can mean “Orange juice”."),
    )
    category = forms.ModelChoiceField(label=_("Aisle"), queryset=Category.objects.none(), empty_label=None)
    default_quantity = QuantityField(label=_("Usual quantity"), required=False)
    default_unit = UnitField()
    estimated_price = PriceField(label=_("Usual price"), required=False)
    description = LineField(label=_("Description"), max_length=200, required=False)
    is_favourite = forms.BooleanField(
        label=_("Favourite"), required=False, help_text=_("It is offered before you type anything.")
    )

    def __init__(self, data: Any = None, *, item: Item) -> None:
        names = ("name", "default_quantity", "estimated_price", "description", "is_favourite")
        initial = {name: getattr(item, name) for name in names} | {"aliases": item.alias_names}
        unit = "" if item.default_unit == "piece" else item.default_unit
        super().__init__(data, initial={**initial, "category": item.category_id, "default_unit": unit})
        categories: Any = self.fields["category"]
        categories.queryset = Category.objects.filter(home=item.home_id)
        price: Any = self.fields["estimated_price"]
        price.currency = item.home.currency
        for field in self.fields.values():
            field.show_hidden_initial = True  # so that what others changed meanwhile stays

    @property
    def changes(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.changed_data}

    def clean_default_unit(self) -> str:
        return normalize_unit(self.cleaned_data["default_unit"])


class AisleForm(forms.Form):
    name = LineField(label=_("Name of the aisle"), max_length=40, widget=plain_input())


class AisleMergeForm(forms.Form):
    into = forms.ModelChoiceField(label=_("Aisle that stays"), queryset=Category.objects.none())

    def __init__(self, data: Any = None, *, category: Category) -> None:
        super().__init__(data)
        field: Any = self.fields["into"]
        field.queryset = Category.objects.filter(home=category.home_id).exclude(pk=category.pk)


class PriceForm(forms.Form):
    price = PriceField(label=_("Price"), required=False)

    def __init__(self, data: Any = None, *, entry: ListEntry) -> None:
        super().__init__(data, initial={"price": entry.price_paid})
        field: Any = self.fields["price"]
        field.currency = entry.home.currency


class TotalForm(forms.Form):
    total = PriceField(label=_("Total of the receipt"), required=False)

    def __init__(self, data: Any = None, *, home: Home, total: Decimal | None = None) -> None:
        super().__init__(data, initial={"total": total})
        field: Any = self.fields["total"]
        field.currency = home.currency


class CsvForm(forms.Form):
    """A choice of what to download as CSV, and of which days."""

    kind = forms.ChoiceField(
        label=_("What"), choices=[("purchases", _("Purchases")), ("expenses", _("Shared expenses"))]
    )
    first = forms.DateField(label=_("From"), widget=DateInput())
    last = forms.DateField(label=_("To"), widget=DateInput())
    encoding = forms.ChoiceField(
        label=_("For"), choices=[("utf-8-sig", _("A spreadsheet")), ("utf-8", _("Other programs"))]
    )

    def clean(self) -> None:
        first, last = (self.cleaned_data.get(name) for name in ("first", "last"))
        if first and last and not (first <= last and first.year in YEARS and last.year in YEARS):
            self.add_error("last", _("Choose a last day that isn't before the first, both from 1900 on."))


class ListForm(forms.Form):
    name = LineField(label=_("Name of the list"), max_length=80, widget=plain_input())


class MomentForm(forms.Form):
    """A moment of the past, by the home's clock."""

    at = forms.DateTimeField(label=_("Day and time"), widget=DateTimeInput())

    def clean_at(self) -> datetime:
        try:
            check_year(self.cleaned_data["at"].date())
        except ValueError as error:
            raise ValidationError(_("Choose a day from 1900 on.")) from error
        return self.cleaned_data["at"]


class StoreForm(forms.Form):
    name = LineField(label=_("Name of the store"), max_length=40, widget=plain_input())


class StoreChoiceForm(forms.Form):
    """A store of the home, or the name of a new one."""

    store = forms.ModelChoiceField(
        label=_("Store"), queryset=Store.objects.none(), required=False, empty_label=_("None")
    )
    name = LineField(label=_("Another store"), max_length=40, required=False, widget=plain_input())

    def __init__(self, data: Any = None, *, list: GroceryList) -> None:
        super().__init__(data, initial={"store": list.store_id})
        field: Any = self.fields["store"]
        field.queryset = Store.objects.filter(home=list.home_id)
        if not field.queryset:
            del self.fields["store"]


class GuestLinkForm(forms.Form):
    name = LineField(label=_("Who is it for?"), max_length=40, widget=plain_input())
    lifetime = forms.TypedChoiceField(
        label=_("Valid for"),
        choices=[("1", _("a day")), ("7", _("a week")), ("30", _("30 days"))],
        coerce=lambda days: timedelta(days=int(days)),
        initial="7",
    )
    can_change = forms.BooleanField(label=_("May tick and add things"), required=False, initial=True)


class PasteForm(forms.Form):
    """A text with things to buy, such as a recipe."""

    text = TextField(label=_("Text or recipe"), widget=forms.Textarea(attrs={"rows": 10}), max_length=MAX_CHARS)
    has = QuantityField(label=_("The recipe is for how many?"), required=False)
    needs = QuantityField(label=_("For how many do you cook?"), required=False)
    recipe = TextField(max_length=MAX_TITLE_CHARS, required=False, widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        fields = super().clean() or self.cleaned_data
        if (fields.get("has") is None) != (fields.get("needs") is None) and not self.errors:
            raise ValidationError(_("To scale the amounts, enter both numbers of portions."))
        return fields

    @property
    def portions(self) -> tuple[Decimal, Decimal] | None:
        has, needs = self.cleaned_data["has"], self.cleaned_data["needs"]
        return (has, needs) if has and needs else None


class RecipeForm(forms.Form):
    """The address of a web page with a recipe."""

    url = TextField(
        label=_("Or the address of a web page with a recipe"),
        max_length=MAX_URL_CHARS,
        widget=plain_input(inputmode="url", autocapitalize="none", placeholder="https://"),
    )


class FileForm(forms.Form):
    """A file with lists, or the lines that were read from one, with the list and the first line to show of them."""

    file = forms.FileField(
        label=_("Or a file: CSV, or an export of KitchenOwl, Mealie, Grocy, AnyList or Bring!"),
        allow_empty_file=True,
        error_messages={"required": _("Choose a file.")},
        help_text=_("Up to 2 MB. It isn't stored: you choose what to take from it."),
    )
    lines = TextField(required=False, max_length=MAX_TOKEN_CHARS, widget=forms.HiddenInput)
    list = forms.IntegerField(required=False, min_value=0)
    start = forms.IntegerField(required=False, min_value=0)

    def __init__(self, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        self.fields["file"].required = not (data and data.get("lines", "").strip())


OWN_RULE = "rule"


class _RuleFields(forms.Form):
    """Fields for how often an item comes back, and from which day."""

    frequency = forms.ChoiceField(
        label=_("How often"),
        choices=[*((value, capfirst(label)) for value, label in Frequency.choices), (OWN_RULE, _("By my own rule"))],
    )
    rrule = LineField(
        label=_("Own rule"),
        max_length=200,
        required=False,
        widget=plain_input(autocapitalize="characters", spellcheck="false"),
        help_text=_("As calendars write it: FREQ=MONTHLY;BYDAY=-1FR is the last Friday of every month."),
    )
    starts_on = forms.DateField(
        label=_("First day"), required=False, widget=DateInput(), help_text=_("If empty, it first comes after today.")
    )

    home: Home

    @property
    def rule(self) -> dict[str, Any]:
        """Keyword arguments for `create_recurring` and `change_recurring`."""
        data = self.cleaned_data
        how = {"rrule": data["rrule"]} if data["frequency"] == OWN_RULE else {"frequency": data["frequency"]}
        return {**how, "starts_on": data["starts_on"]}

    def clean(self) -> None:
        if self.errors or {"frequency", "rrule", "starts_on"}.isdisjoint(self.changed_data):
            return
        is_own, starts_on = self.cleaned_data["frequency"] == OWN_RULE, self.cleaned_data["starts_on"]
        rule = normalize_rule(self.cleaned_data["rrule"]) if is_own else Frequency(self.cleaned_data["frequency"]).rrule
        with form_errors(self, "rrule" if is_own else "starts_on"):
            first_due(self.home, rule, starts_on)


class RecurringForm(_RuleFields):
    text = LineField(
        label=_("What, and how much"),
        max_length=120,
        help_text=_("Like “2 l milk” or “rice 5 kg”."),
        widget=plain_input(),
    )
    field_order = ("text",)

    def __init__(self, data: Any = None, *, home: Home) -> None:
        super().__init__(data, initial={"frequency": Frequency.WEEKLY})
        self.home = home
        self.fields["starts_on"].widget.attrs["min"] = home.now().date().isoformat()


class RuleForm(_RuleFields):
    """Change a recurring item."""

    quantity = QuantityField(label=_("Quantity"))
    unit = UnitField()
    field_order = ("quantity", "unit")

    def __init__(self, data: Any = None, *, recurring: RecurringItem) -> None:
        named = {frequency.rrule: frequency.value for frequency in Frequency}
        frequency = named.get(recurring.rrule, OWN_RULE)
        super().__init__(
            data,
            initial={
                "quantity": recurring.quantity,
                "unit": "" if recurring.unit == "piece" else recurring.unit,
                "frequency": frequency,
                "rrule": recurring.rrule if frequency == OWN_RULE else "",
                "starts_on": recurring.starts_on,
            },
        )
        self.home = recurring.home
        self.fields["starts_on"].required = True
        self.fields["starts_on"].help_text = _("The rule counts from this day.")


class SnoozeForm(forms.Form):
    day = forms.DateField(label=_("Comes next on"), widget=DateInput())

    def __init__(self, data: Any = None, *, recurring: RecurringItem) -> None:
        home = recurring.home
        super().__init__(data, initial={"day": recurring.next_due_at.astimezone(home.zone).date()}, auto_id="snooze_%s")
        self.fields["day"].widget.attrs["min"] = home.now().date().isoformat()
