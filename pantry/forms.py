"""Form fields and widgets that all apps share, and the errors of actions in forms."""

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import partial
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.renderers import TemplatesSetting
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from pantry.errors import ActionError, RateLimited, StaleVersion
from pantry.models import as_json
from pantry.money import parse_money
from pantry.text import visible_line


class FieldRenderer(TemplatesSetting):
    """Renders label, hint, input and error as in the design system (templates/forms/field.html)."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"


class TextField(forms.CharField):
    """Text of up to `max_length` characters. Browsers do not enforce it, because they silently cut what is pasted."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "max_length": _("Use at most %(limit_value)d characters (you have %(show_value)d)."),
    }

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class LineField(TextField):
    """One line of text: removes control characters, collapses white space, and requires a visible character."""

    default_error_messages: ClassVar[dict[str, Any]] = {"required": _("This can't be empty.")}

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return visible_line(text) if isinstance(text, str) else text


class AmountField(forms.DecimalField):
    """An amount of money as people write it: “13,000”, “฿ 13000”, “2.49”, “2,49”."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    default_error_messages: ClassVar[dict[str, Any]] = dict.fromkeys(
        ("invalid", "min_value", "max_digits", "max_decimal_places", "max_whole_digits"),
        _("Enter an amount, like 13000."),
    )

    def __init__(self, *, currency: str = "", **kwargs: Any) -> None:
        self.currency = currency
        super().__init__(min_value=0, max_digits=10, decimal_places=2, **kwargs)

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.strip():
            value = parse_money(value, self.currency)
            if value is None:
                raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)

    def prepare_value(self, value: Any) -> Any:
        return as_json(value) if isinstance(value, Decimal) else value


def plain_input(**attrs: Any) -> forms.TextInput:
    """Return a text input without the browser's suggestions of earlier values."""
    return forms.TextInput(attrs={"autocomplete": "off", **attrs})


# The browser's pickers: their formats are the same in every language.
TimeInput = partial(forms.TimeInput, attrs={"type": "time"}, format="%H:%M")
DateInput = partial(forms.DateInput, attrs={"type": "date"}, format="%Y-%m-%d")

DateTimeInput = partial(forms.DateTimeInput, attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")


@contextmanager
def form_errors(form: forms.BaseForm, field: str | None = None) -> Iterator[None]:
    """Add an ActionError of the block to `field` of the form, and go on after the block."""
    try:
        yield
    except ActionError as error:
        form.add_error(field, str(error))


def with_retry_after(response: HttpResponse, error: ActionError) -> HttpResponse:
    """Turn the page that shows the error into a 429, if it is that of a rate limit."""
    if isinstance(error, RateLimited):
        response.status_code, response["Retry-After"] = error.status, str(error.wait)
    return response


def add_stale_error(form: forms.BaseForm, error: StaleVersion, field: str | None, message: str) -> None:
    """Tell that the row has changed. Submitted again, the form replaces the current version."""
    form.data = {**form.data, "version": error.current.version}
    form.add_error(field, ValidationError(message, code="stale"))


def render_form(request: HttpRequest, template: str, form: forms.BaseForm, **context: Any) -> HttpResponse:
    """Render the page of a form, with status 422 if it has errors, 409 if its row has changed meanwhile."""
    codes = {error.code for errors in form.errors.as_data().values() for error in errors}
    status = 409 if "stale" in codes else 422 if codes else 200
    return render(request, template, {"form": form, **context}, status=status)
