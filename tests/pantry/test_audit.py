"""`make audit`, and what it relies on."""

import re
from pathlib import Path

import pytest

from tests.audit import PRODUCT, ROOT, report


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
