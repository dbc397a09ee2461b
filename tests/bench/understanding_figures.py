"""The figures of understanding in the table of `make bench`."""

from tests.bench import understanding

Row = tuple[str, str, str, bool, str]


def measure() -> list[Row]:
    folder = understanding.default_folder()
    if folder is None:
        return [("understanding: no utterances found (UNDERSTANDING_DATA)", "–", "", False, "")]
    report = understanding.measure(folder)
    english, dataset = report["en"], report["dataset"]
    false, p95 = english["false_actions"], english["p95_ms"]
    return [
        _share("public utterances, English, accepted labels", english["accepted"], 0.88, "TF-IDF + LR 0.906"),
        _share("public utterances, English, strict", english["strict"], 0.86, "TF-IDF + LR 0.830"),
        _share("public utterances, English, macro F1", english["macro_f1"], 0.85, "TF-IDF + LR 0.773"),
        _share("public utterances, Thai, accepted labels", report["th"]["accepted"], 0.80),
        _share("item recall, normalised", english["entities"]["item"]["normalised"], 0.85),
        _share("household messages, intents", dataset["intents"], 0.92),
        _share("household messages, item + quantity + unit", dataset["items"], 0.88),
        _share("ingredient lines, all three", report["ingredients"]["all"], 0.90, "ingredient-parser 0.895"),
        ("false actions on out-of-scope text", f"{100 * false:.2f} %", "≤ 1 %", false <= 0.01, ""),
        ("understanding one message, p95, ms", f"{p95:.1f}", "≤ 25", p95 <= 25, ""),
    ]


def _share(name: str, share: float, target: float, note: str = "") -> Row:
    return (name, f"{share:.3f}", f"≥ {target:.2f}", share >= target, note)
