"""Templates compile, contain no untranslated text, and have balanced tags."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import get_template

TEMPLATES = Path(settings.BASE_DIR) / "templates"
ALL = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*") if path.suffix in (".html", ".txt"))
PAGES = [name for name in ALL if name.endswith(".html")]

COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.DOTALL)
TRANSLATED = re.compile(r"\{% blocktrans(?:late)?\b.*?\{% endblocktrans(?:late)? %\}", re.DOTALL)
CLASS = re.compile(r"\{% block \w*class %\}.*?\{% endblock(?: \w+)? %\}", re.DOTALL)
CODE = re.compile(r"\{%.*?%\}|\{\{.*?\}\}", re.DOTALL)
NO_TEXT = re.compile(r"<(script|style)\b.*?</\1>", re.DOTALL)
SAID_IN = re.compile(r'\b(?:aria-label|placeholder|title|alt|aria-description)="([^"]*)"')
TAG = re.compile(r"<[^>]*>", re.DOTALL)
WORD = re.compile(r"[A-Za-z]{2,}")

# Names, and what no language writes otherwise.
SAME_EVERYWHERE = {"Pantry", "Pixie", "nbsp", "amp", "doctype", "html"}
VOID = {"input", "br", "img", "link", "meta", "hr", "source", "wbr", "use", "path", "rect", "circle"}


def untranslated(source):
    """Return text and attributes that are not marked for translation."""
    for unspoken in (COMMENT, NO_TEXT, TRANSLATED, CLASS, CODE):
        source = unspoken.sub(" ", source)
    spoken = " ".join(SAID_IN.findall(source))
    return [word for word in WORD.findall(f"{TAG.sub(' ', source)} {spoken}") if word not in SAME_EVERYWHERE]


def test_templates_are_found():
    assert len(PAGES) > 50


@pytest.mark.parametrize("name", ALL)
def test_template_compiles(name):
    assert get_template(name)


@pytest.mark.parametrize("name", PAGES)
def test_template_has_no_untranslated_text(name):
    assert untranslated((TEMPLATES / name).read_text()) == []


def test_untranslated_text_is_detected():
    assert untranslated('<p aria-label="Close {{ name }}">Hello {% translate "there" %}</p>') == ["Hello", "Close"]
    assert (
        untranslated("{% blocktranslate trimmed %}One <b>two</b>{% endblocktranslate %}{# three #} Pantry Pixie") == []
    )


class Balance(HTMLParser):
    """Finds tags that are opened and not closed, or closed and not opened."""

    def __init__(self):
        super().__init__()
        self.open, self.wrong = [], []

    def handle_starttag(self, tag, attrs):
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        pass

    def handle_endtag(self, tag):
        if self.open and self.open[-1] == tag:
            self.open.pop()
        elif tag not in VOID:
            self.wrong.append(tag)


BLOCK = re.compile(r"\{% block \w+ %\}((?:(?!\{% block ).)*?)\{% endblock(?: \w+)? %\}", re.DOTALL)


@pytest.mark.parametrize("name", [name for name in PAGES if "{% block" in (TEMPLATES / name).read_text()])
def test_blocks_have_balanced_tags(name):
    for inside in BLOCK.findall((TEMPLATES / name).read_text()):
        balance = Balance()
        balance.feed(CODE.sub("", COMMENT.sub("", inside)))
        assert (balance.open, balance.wrong) == ([], []), inside[:80]


def test_page_that_keeps_itself_up_to_date_has_a_partial():
    """Which is what it loads again: a whole page would be put into itself."""
    live = [path for path in TEMPLATES.rglob("*.html") if '"_live.html"' in path.read_text()]
    assert len(live) > 10
    assert [path.name for path in live if "partialdef" not in path.read_text()] == []
