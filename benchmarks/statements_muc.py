"""How many of the victims' numbers in MUC-4's answer keys are read, with their bounds.

    python benchmarks/statements_muc.py TASK/CORPORA

The folder is that of the archive muc34.tar.gz, which lies in many public repositories (for one,
xinyadu/grit_doc_event_entity). It is used where it lies, and nothing of it is kept here. A key such as
"12 / 15 / 6 -" names every number that an annotator took as right: one of them must be read. Only numbers
of two and more count, as "a man was killed" holds no numeral.
"""

from __future__ import annotations

import re
import sys
import time
from collections import defaultdict
from pathlib import Path

from witnessmark.model import Qualifier, Range
from witnessmark.weigh.reading.quantities import quantities
from witnessmark.weigh.reading.sentences import sentences

Bounds = tuple[int | None, int | None]
SETS = {
    "dev": ("dev/dev-muc3-*", "dev/key-dev-*"),
    "tst3": ("tst3/tst3-muc4", "tst3/key-tst3.v2"),
    "tst4": ("tst4/tst4-muc4.mixed-case", "tst4/key-tst4.v2"),
}
_HEAD = re.compile(r"^((?:DEV|TST\d)-MUC\d-\d{4})\b.*$", re.MULTILINE)
_SLOT = re.compile(r"^(\d+)\.\s+(?:[A-Z: ]+?)\s{2,}(.*)$")


def main(folder: Path) -> None:
    print(f"{'set':6}{'gold':>6}{'value':>8}{'bounds':>8}{'MB/cpu-s':>10}")
    total = [0, 0, 0]
    for name, (texts, keys) in SETS.items():
        gold, value, exact, rate = _measure(_texts(folder, texts), _keys(folder, keys))
        total = [total[0] + gold, total[1] + value, total[2] + exact]
        print(f"{name:6}{gold:6}{value / gold:8.3f}{exact / gold:8.3f}{rate:10.2f}")
    print(f"{'all':6}{total[0]:6}{total[1] / total[0]:8.3f}{total[2] / total[0]:8.3f}")


def _measure(texts: dict[str, str], keys: dict[str, list[set[Bounds]]]) -> tuple[int, int, int, float]:
    gold = value = exact = letters = 0
    started = time.process_time()
    for name, wanted in keys.items():
        if name not in texts:
            continue
        text = _running(texts[name])
        letters += len(text)
        found = [one.amount for sentence in sentences(text) for one in quantities(text, sentence.tokens)]
        bounds = {pair for amount in found for pair in _bounds(amount)}
        ends = {end for pair in bounds for end in pair if end is not None}
        ends |= {amount.low for amount in found if amount.low is not None}
        for numbers in wanted:
            gold += 1
            exact += bool(numbers & bounds)
            value += bool({end for pair in numbers for end in pair if end} & ends)
    return gold, value, exact, letters / 1e6 / (time.process_time() - started)


def _bounds(amount: Range) -> set[Bounds]:
    """The ends that a range allows, as the keys write them.

    They write "about 20" as 20, and "more than 30" as "31 -" in some texts and as "30 -" in others.
    """
    if amount.qualifier is Qualifier.ABOUT:
        return {(amount.best, amount.best)}
    if amount.qualifier is Qualifier.MORE_THAN and amount.low is not None:
        return {(amount.low, None), (amount.low + 1, None)}
    if amount.qualifier is Qualifier.LESS_THAN and amount.high is not None:
        return {(None, amount.high), (None, amount.high - 1)}
    return {(amount.low, amount.high)}


def _running(text: str) -> str:
    """The text without the line breaks of 1991; in lower case where it was all capitals."""
    lines = re.sub(r"[ \t]*\n(?!\s*\n|   )", " ", text)
    return lines.lower() if lines.isupper() else lines


def _texts(folder: Path, pattern: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted(folder.glob(pattern)):
        parts = _HEAD.split(path.read_text("latin-1"))
        found |= dict(zip(parts[1::2], parts[2::2], strict=True))
    return found


def _keys(folder: Path, pattern: str) -> dict[str, list[set[Bounds]]]:
    """For each text the sets of right answers, one for each victim whose number is given."""
    found: dict[str, dict[tuple[frozenset[Bounds], str], None]] = defaultdict(dict)
    for path in sorted(folder.glob(pattern)):
        name, slot = "", -1
        for line in path.read_text("latin-1").splitlines():
            match = _SLOT.match(line)
            if match is not None:
                slot, filled = int(match[1]), match[2].strip()
            elif line.startswith(" ") and line.strip():
                filled = line.strip()
            else:
                continue
            if slot == 0:
                name = filled.split()[0]
            elif slot == 21 and (numbers := _numbers(filled)):
                found[name][frozenset(numbers), filled.partition(":")[2].strip()] = None
    return {name: [set(numbers) for numbers, _ in victims] for name, victims in found.items()}


def _numbers(filled: str) -> set[Bounds]:
    """The pairs of "12 / 6-8 / 20 -"; empty if none of them is two or more."""
    found: set[Bounds] = set()
    for part in filled.partition(":")[0].replace("?", "").split("/"):
        match = re.fullmatch(r"~?\s*(\d+)?\s*(-)?\s*(\d+)?\s*", part.strip())
        if match and (match[1] or match[3]):
            low, high = (int(end) if end else None for end in (match[1], match[3]))
            found.add((low, high) if match[2] else (low, low))
    return found if any((end or 0) >= 2 for pair in found for end in pair) else set()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        print("not measured: give the folder TASK/CORPORA of MUC-4")
