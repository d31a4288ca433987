"""The three lines of a checkpoint."""

from __future__ import annotations

from base64 import b64encode

import pytest

from witnessmark.errors import MalformedError
from witnessmark.tlog import Checkpoint

ROOT = bytes(range(32))
ROOT64 = b64encode(ROOT).decode()


def test_the_specifications_example_is_read_and_written_alike() -> None:
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    checkpoint = Checkpoint.parse(text)
    assert (checkpoint.origin, checkpoint.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert checkpoint.text() == text


def test_extension_lines_are_kept() -> None:
    checkpoint = Checkpoint("log with spaces é", 2**63 - 1, ROOT, ("one", "two 2"))
    assert Checkpoint.parse(checkpoint.text()) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "log\n7\n",
        f"log\n7\n{ROOT64}",
        f"\n7\n{ROOT64}\n",
        f"log\n07\n{ROOT64}\n",
        f"log\n+7\n{ROOT64}\n",
        f"log\n-7\n{ROOT64}\n",
        f"log\n7_0\n{ROOT64}\n",
        f"log\n７\n{ROOT64}\n",
        f"log\n 7\n{ROOT64}\n",
        f"log\n\n{ROOT64}\n",
        f"log\n{2**63}\n{ROOT64}\n",
        f"log\n1{'0' * 5000}\n{ROOT64}\n",
        f"log\n7\n{ROOT64[:-1]}\n",
        f"log\n7\n {ROOT64}\n",
        f"log\n7\n{ROOT64[:-2]}9=\n",
        f"log\n7\n{b64encode(ROOT[:31]).decode()}\n",
        f"log\n7\n{b64encode(ROOT + b'x').decode()}\n",
        f"log\n7\n{ROOT64}\n\n",
        f"log\n7\n{ROOT64}\nno newline",
        f"log\n7\n{ROOT64}\n\nmore\n",
        f"log\r\n7\n{ROOT64}\n",
        f"lo\udc80g\n7\n{ROOT64}\n",
    ],
)
def test_a_checkpoint_with_one_fault_is_refused(text: str) -> None:
    with pytest.raises(MalformedError):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    ("origin", "size", "root", "extensions"),
    [
        ("", 1, ROOT, ()),
        ("a\nb", 1, ROOT, ()),
        ("log", -1, ROOT, ()),
        ("log", 2**63, ROOT, ()),
        ("log", 1, ROOT[:31], ()),
        ("log", 1, ROOT, ("",)),
        ("log", 1, ROOT, ("a\nb",)),
    ],
)
def test_a_wrong_checkpoint_cannot_be_written(
    origin: str, size: int, root: bytes, extensions: tuple[str, ...]
) -> None:
    with pytest.raises(MalformedError):
        Checkpoint(origin, size, root, extensions)
