"""Forms of what Pixie knows."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from pixie.models import MemoryBlock, Passage


class NoteForm(forms.Form):
    content = forms.CharField(
        label=_("Something to remember"),
        max_length=Passage.MAX_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": Passage.MAX_LENGTH}),
    )
    for_home = forms.BooleanField(label=_("For everybody at home"), required=False)


class BlockForm(forms.Form):
    """`version` is the one that was seen, so that nobody's words are written over unread."""

    content = forms.CharField(label=_("What it has in mind"), required=False)
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, said: Any = None, *, block: MemoryBlock) -> None:
        version = 0 if block._state.adding else block.version
        super().__init__(said, initial={"content": block.content, "version": version})
        self.fields["content"].widget = forms.Textarea(attrs={"rows": 8, "maxlength": block.char_limit})
        self.fields["content"].help_text = _("%(most)d letters at most.") % {"most": block.char_limit}
