"""The trained network: its artifact, its reading, and what happens without it."""

import hashlib
import io
import re
from pathlib import Path

import numpy as np
import pytest
from django.core.checks import run_checks

from pantry.apps import OPERATOR
from pixie import minilm
from pixie.nlu import network, understand
from pixie.nlu.corpus import DATA, INTENTS, LABELS, digest
from pixie.nlu.network import ARTIFACT, Network, read_artifact


@pytest.fixture(scope="module")
def reader():
    return Network(ARTIFACT, minilm.folder())


@pytest.fixture
def artifact(tmp_path, monkeypatch):
    """Return a function that installs other bytes as the artifact, or none."""

    def install(data: bytes | None) -> None:
        path = tmp_path / "network.npz"
        if data is not None:
            path.write_bytes(data)
        monkeypatch.setattr(network, "ARTIFACT", path)
        network._open.cache_clear()

    yield install
    network._open.cache_clear()


def test_the_artifact_is_of_the_messages_in_the_project():
    meta, _arrays = read_artifact(ARTIFACT)
    assert meta["corpus"] == digest(), "run `manage.py train_nlu`"
    assert set(meta["intents"]) == INTENTS
    assert {tag[2:] for tag in meta["tags"]} == LABELS | {""}


def test_the_artifact_is_the_one_that_was_measured():
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    [written] = re.findall(r"\b[0-9a-f]{64}\b", readme)
    assert hashlib.sha256(ARTIFACT.read_bytes()).hexdigest() == written


def test_a_reading_has_probabilities_and_marked_words(reader):
    text = "got 2 kg rice for 90 baht"
    [marks] = reader.read([text])
    assert sum(marks.intents.values()) == pytest.approx(1, abs=1e-4)
    assert max(marks.intents, key=marks.intents.get) == "mark_purchased"
    assert {span.label: text[span.start : span.end] for span in marks.spans} == {
        "quantity": "2", "unit": "kg", "item": "rice", "price": "90 baht",
    }  # fmt: skip
    assert 0 < marks.certainty <= 1


def test_the_message_before_changes_the_reading(reader):
    alone, after = reader.read(["no, 5"], ["", "add_item"])
    assert alone.intents != after.intents


def test_texts_are_read_alike_alone_and_together(reader):
    texts = ["milk", "ซื้อนม 2 ขวด", "", "we are out of bread, eggs and the good butter from the market"]
    for text, together in zip(texts, reader.read(texts), strict=True):
        [alone] = reader.read([text])
        assert alone.spans == together.spans
        assert alone.intents == pytest.approx(together.intents, abs=1e-3)


@pytest.mark.parametrize(
    "text", ["", " ", "\n", "\x00", "🍕", "\u202e\u200f", "a" * 5000, "ก" * 5000, "1" * 5000, "\u0301"]
)
def test_any_text_can_be_read(reader, text):
    [marks] = reader.read([text])
    assert sum(marks.intents.values()) == pytest.approx(1, abs=1e-4)


def damaged(kind: str) -> bytes | None:
    whole = ARTIFACT.read_bytes()
    if kind == "missing":
        return None
    if kind == "of another version":
        with np.load(io.BytesIO(whole)) as file:
            arrays = {name: file[name] for name in file.files}
        text = bytes(arrays["meta"]).replace(b'"version": 1', b'"version": 9')
        other = io.BytesIO()
        np.savez(other, **arrays | {"meta": np.frombuffer(text, np.uint8)})
        return other.getvalue()
    half = len(whole) // 2
    return {
        "empty": b"",
        "cut": whole[:half],
        "altered": whole[:half] + bytes(64) + whole[half + 64 :],
        "text": b"version https://git-lfs.github.com/spec/v1\n",
    }[kind]


@pytest.mark.parametrize("kind", ["missing", "empty", "cut", "altered", "text", "of another version"])
def test_without_a_sound_artifact_exact_commands_go_on_alone(artifact, caplog, kind):
    artifact(damaged(kind))
    commands = {"undo that": ["undo"], "remind me tomorrow at 9 to call mom": ["schedule_message"], "add rice": []}
    for text, tools in commands.items():
        understood = understand(text)
        assert [action.type for action in understood.actions] == tools
    assert understood.intent == "unclear"
    assert [warning.id for warning in run_checks(tags=[OPERATOR]) if warning.id != "pantry.W001"] == ["pixie.W001"]
    [record] = caplog.records
    assert record.getMessage().startswith("only exact commands are understood: ")


def test_sound_artifact_gives_no_warning():
    assert [warning.id for warning in run_checks(tags=[OPERATOR]) if warning.id != "pantry.W001"] == []


def test_first_page_of_the_administration_shows_what_does_not_work(artifact, admin_client, settings):
    settings.ADMIN_TWO_STEP = False
    assert "Pixie understands only exact commands" not in admin_client.get("/admin/").text
    artifact(None)
    assert "Pixie understands only exact commands" in admin_client.get("/admin/").text


def test_training_is_no_part_of_what_runs():
    source = Path(network.__file__).with_name("training.py")
    assert source.exists()
    importers = [path.name for path in source.parent.glob("*.py") if "nlu.training" in path.read_text(encoding="utf-8")]
    assert importers == []
