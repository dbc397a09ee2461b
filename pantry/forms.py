"""How every form of the product is drawn."""

from django.forms.renderers import TemplatesSetting


class FieldRenderer(TemplatesSetting):
    """Fields as in the design system: label, hint, input, error (templates/django/forms/field.html)."""

    form_template_name = "forms/form.html"
    field_template_name = "forms/field.html"
