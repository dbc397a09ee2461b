"""`make audit`, and what it relies on."""

import re
from pathlib import Path

import pytest

from tests.audit import PRODUCT, ROOT, report, report_findings


def product_files(pattern):
    for name in PRODUCT:
        path = ROOT / name
        yield from [path] if path.is_file() else path.rglob(pattern)


def test_every_exception_from_a_security_rule_has_its_reason():
    lines = [
        (path, line) for path in product_files("*.py") for line in path.read_text().splitlines() if "noqa: S" in line
    ]
    exceptions = [(path.name, line) for path, line in lines if re.search(r"noqa: S\d", line)]
    assert exceptions
    assert [line for line in exceptions if not re.search(r"noqa: S\d+(, S\d+)* \([^)]{5,}", line[1])] == []


def test_no_template_turns_escaping_off():
    ours = "field.help_text|safe"  # no person writes help texts; that of a new password is a list
    templates = [path for folder in ("templates", *PRODUCT) for path in (Path(ROOT) / folder).rglob("*.html")]
    assert len(templates) > 50
    texts = {path.name: path.read_text().replace(ours, "") for path in templates}
    assert [name for name, text in texts.items() if re.search(r"\|\s*safe\b|autoescape off", text)] == []


def test_every_form_that_posts_has_its_token():
    texts = [path.read_text() for folder in ("templates", *PRODUCT) for path in (Path(ROOT) / folder).rglob("*.html")]
    forms = [form for text in texts for form in re.findall(r"<form\b[^>]*>.*?</form>", text, re.DOTALL)]
    posting = [form for form in forms if re.search(r'<form\b[^>]*method="post"', form)]
    assert len(posting) > 40
    assert [form for form in posting if "{% csrf_token %}" not in form] == []


@pytest.mark.parametrize(
    ("rule", "path", "is_fine"),
    [
        ("python.django.template-href-var", "templates/_nav.html", True),
        ("python.django.open-redirect", "pixie/views/home.py", True),
        ("python.django.open-redirect", "homes/views.py", False),
        ("python.django.user-eval", "homes/views.py", False),
    ],
)
def test_findings_without_a_reason_fail(capsys, rule, path, is_fine):
    assert report_findings([{"check_id": rule, "path": path, "start": {"line": 3}}]) is is_fine
    assert ("homes/views.py:3" in capsys.readouterr().out) is not is_fine


FOUND = {"name": "a", "version": "1", "vulns": [{"id": "CVE-2026-1", "fix_versions": ["2"]}]}
FINE = {"name": "b", "version": "1", "vulns": []}
SKIPPED = {"name": "c", "skip_reason": "not found"}


@pytest.mark.parametrize(
    ("dependencies", "is_fine", "text"),
    [
        ([FOUND, FINE], False, "a 1: CVE-2026-1, mended in 2"),
        ([FOUND, SKIPPED], False, "1 of 2 dependencies compared. Not compared: ['c']."),
        ([FINE, SKIPPED], True, "0 found, 1 of 2"),
        ([SKIPPED, SKIPPED], True, "NOT compared"),
    ],
)
def test_report_tells_what_was_compared(capsys, dependencies, is_fine, text):
    assert report(dependencies) is is_fine
    assert text in capsys.readouterr().out
