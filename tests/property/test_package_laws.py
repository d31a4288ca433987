"""Laws of packages: an index reads back as it was written, runs nothing, and names stay inside."""

from __future__ import annotations

import os.path

from hypothesis import given
from hypothesis import strategies as st

from witnessmark.errors import MalformedError
from witnessmark.publish import package_layout as layout
from witnessmark.publish.package_bag import manifest
from witnessmark.publish.package_items import COLUMNS, read_table, table
from witnessmark.publish.package_letter import bag_info

CELLS = st.text(max_size=20)
ROWS = st.lists(st.fixed_dictionaries(dict.fromkeys(COLUMNS, CELLS)), max_size=3)


@given(ROWS)
def test_an_index_reads_back_as_it_was_written(rows: list[dict[str, str]]) -> None:
    assert read_table(table(rows)) == rows


@given(st.binary(max_size=300))
def test_noise_is_malformed_and_nothing_worse(noise: bytes) -> None:
    try:
        read_table(noise)
    except MalformedError:
        return
    raise AssertionError("noise was taken for an index")


@given(st.text(max_size=40))
def test_a_safe_name_stays_inside_and_reads_alike_everywhere(path: str) -> None:
    if layout.is_safe_name(path):
        assert path.isascii()
        assert os.path.normpath(path) == path
        assert not path.startswith(("/", "."))
        assert ".." not in path.split("/")


@given(st.text(max_size=40))
def test_whatever_an_authority_is_called_its_files_have_safe_names(name: str) -> None:
    shown = layout.authority_name(name)
    path = f"timestamps/{shown}-1.tsr"
    if len(shown) <= 200:
        assert layout.is_safe_name(path)
        assert layout.token_stem(path, (shown,)) == path.removesuffix(".tsr")


@given(st.dictionaries(st.from_regex(r"data/[a-z]{1,8}", fullmatch=True), st.just("0" * 64), max_size=6))
def test_a_manifest_is_sorted_and_one_line_for_each_file(digests: dict[str, str]) -> None:
    lines = manifest(digests).decode().splitlines()
    assert lines == sorted(lines)
    assert {line.partition("  ")[2] for line in lines} == digests.keys()


@given(st.text(max_size=60))
def test_no_value_in_bag_info_can_begin_a_line_of_its_own(value: str) -> None:
    text = bag_info((("Case", value),)).decode("utf-8", "replace")
    assert text.count("\n") == 1
    assert len(text.splitlines()) == 1
