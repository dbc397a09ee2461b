"""Train the network that understands messages."""

import hashlib
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from pixie.nlu.corpus import digest, read_corpus
from pixie.nlu.network import ARTIFACT


class Command(BaseCommand):
    help = "Train the network that understands messages, from pixie/nlu/data. Needs the packages of the group “train”."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", type=Path, default=ARTIFACT, help="where to write the artifact")
        parser.add_argument("--epochs", type=int, help="how often to go through the messages")
        parser.add_argument("--leave-out", default="", metavar="FILES", help="files to measure on later, such as 03,11")

    def handle(self, *, out: Path, epochs: int | None, leave_out: str, **_options: Any) -> None:
        try:
            from pixie.nlu import training
        except ImportError as error:
            raise CommandError(f"{error}. Install the group “train”: uv sync --group train") from error
        left_out = set(filter(None, leave_out.split(",")))
        examples = [example for example in read_corpus() if example.file not in left_out]
        self.stdout.write(f"{len(examples)} messages")
        artifact = training.train(examples, digest(), self._report, epochs or training.EPOCHS)
        out.write_bytes(artifact)
        self.stdout.write(f"{out}: {len(artifact):,} bytes, sha256 {hashlib.sha256(artifact).hexdigest()}")

    def _report(self, text: str) -> None:
        self.stdout.write(text)
        self.stdout.flush()
