"""`manage.py understand`: lines in, JSON lines out."""

import io
import json

from django.core.management import call_command


def understand_lines(monkeypatch, raw):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8"))
    out = io.StringIO()
    call_command("understand", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def test_each_line_gives_one_json_object(monkeypatch):
    understood = understand_lines(monkeypatch, "We need eggs\n\nไข่ 2 โหล\r\nhello".encode())
    assert [row["text"] for row in understood] == ["We need eggs", "ไข่ 2 โหล", "hello"]
    assert [row["intent"] for row in understood[:2]] == ["add_item", "add_item"]
    assert understood[2]["intent"] in ("chat", "unclear")
    assert set(understood[0]) == {"text", "intent", "confidence", "entities", "actions"}
    assert understood[1]["actions"][0]["payload"]["quantity"] == "2"


def test_thai_is_not_escaped(monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("ไข่\n".encode()), encoding="utf-8"))
    out = io.StringIO()
    call_command("understand", stdout=out)
    assert "ไข่" in out.getvalue()


def test_invalid_utf8_does_not_stop_the_stream(monkeypatch):
    understood = understand_lines(monkeypatch, b"\xff\xfe\xed\xa0\x80 add milk\nadd eggs\n")
    assert [row["actions"][0]["payload"]["name"] for row in understood] == ["milk", "eggs"]


def test_empty_input_gives_no_output(monkeypatch):
    assert understand_lines(monkeypatch, b"") == []
