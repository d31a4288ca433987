"""Settings: read exactly, or the line that is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from witnessmark.errors import UsageError
from witnessmark.settings import FILE_NAME, read_settings

WITNESS = '[[witness]]\nname = "w"\nurl = "https://w.example/"\nvkey = "{}"\n'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[desk", "cannot be read"),
        ('colour = "red"', "no setting 'colour'"),
        ("[desk]\nname = 5", "should be a str"),
        ('[desk]\npassword = "x"', "no setting 'password'"),
        ("[[authority]]\nname = 'a'", "does not say its 'url'"),
        ("[[authority]]\nname = 'a'\nurl = 'https://a.example'\nroots = [5]", "5 is not the name of a file"),
        ("authority = ['a']", "should be a table"),
        ("[network]\nquorum = true", "should be a int"),
        ("[network]\nquorum = 1", "cannot be had of 0 witnesses"),
        ("[network]\nquorum = -1", "cannot be had of 0 witnesses"),
        (WITNESS.format("no key"), "not a verifier key"),
    ],
)
def test_a_setting_that_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / FILE_NAME).write_text(text)
    with pytest.raises(UsageError, match=said) as refused:
        read_settings(tmp_path)
    assert FILE_NAME in str(refused.value)


def test_keys_and_certificates_lie_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_text(
        "[desk]\nkeys = 'keys'\n[[authority]]\nname = 'a'\nurl = 'https://a.example'\nroots = ['a.pem']\n"
    )
    settings = read_settings(tmp_path)
    assert settings.keys == tmp_path / "keys"
    assert settings.authorities[0].roots == (tmp_path / "a.pem",)
