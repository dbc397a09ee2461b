"""The figures of understanding that stand in the table of `make bench`."""

from tests.bench import understanding


def measure() -> list[tuple[str, str, str, bool, str]]:
    folder = understanding._default_folder()
    if folder is None:
        return [("understanding: no utterances found (UNDERSTANDING_DATA)", "–", "", False, "")]
    english = understanding.measure(folder)["en"]
    right, items = english["accepted"], english["entities"]["item"]["normalised"]
    false = english["false_actions"]
    return [
        ("public utterances, English, accepted labels", f"{right:.3f}", "≥ 0.90", right >= 0.90, "TF-IDF + LR 0.906"),
        ("item recall, normalised", f"{items:.3f}", "≥ 0.85", items >= 0.85, ""),
        ("false actions on out-of-scope text", f"{100 * false:.2f} %", "≤ 2 %", false <= 0.02, ""),
    ]
