"""What a penetration test of a tool of this field found (Bayanat 2026, BAY-01-001 to 043), and what holds it.

The findings were read from the subjects of the commits that mended them; 029 is named in none. Each has
tests that fail if it happened here, or the reason why there is nothing here that it could happen to. That
those tests are there is what is tried below; what they say is tried by themselves.
"""

from __future__ import annotations

import re
import stat
import tomllib
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra `web` is not installed")
pytest.importorskip("argon2", reason="the extra `web` is not installed")

from argon2 import PasswordHasher

from witnessmark.web.accounts import Accounts
from witnessmark.web.command import serve_app
from witnessmark.web.factors import FactorBook
from witnessmark.web.tokens import Scope, Tokens

ROOT = Path(__file__).resolve().parents[3]
WEB = "integration/test_web_"
ROLES = f"{WEB}doors.py::test_each_endpoint_answers_just_those_whom_the_table_names"
FOREIGN = f"{WEB}foreign_case.py::test_no_endpoint_answers_whoever_is_in_at_another_case"
GONE = f"{WEB}foreign_case.py::test_what_one_case_has_is_not_there_in_another"
SOURCES = f"{WEB}doors.py::test_who_only_reads_is_told_neither_source_nor_personal_metadata"
CALLS = f"{WEB}api.py::test_who_only_reads_is_told_neither_source_nor_personal_metadata"
GUESSES = f"{WEB}doors.py::test_whoever_guesses_has_to_wait_and_no_name_is_given_away"
MARKUP = f"{WEB}doors.py::test_no_foreign_text_becomes_markup_even_if_no_browser_would_run_it"
RUNS = "browser/test_desk_in_chromium.py::test_no_page_runs_what_it_shows_or_asks_for_anything_outside"
PEOPLE = f"{WEB}doors.py::test_only_a_custodian_lets_people_in_and_only_with_their_own_passphrase"
FORMS = f"{WEB}api.py::test_what_is_not_of_its_form_is_refused_in_a_sentence_and_changes_nothing"
SCHEMA = f"{WEB}api.py::test_schemathesis_finds_no_server_error_and_no_answer_of_another_shape"
ODD = f"{WEB}doors.py::test_odd_questions_are_answered_in_a_sentence"
ROWS = "unit/collect/test_table.py::test_a_malformed_row_is_reported_and_the_others_come"
OWN = "unit/web/test_penetration_findings.py::"
BOOKS = f"{OWN}test_what_lies_beside_the_keys_is_for_its_owner_and_has_no_secret_as_it_is"
ROOM = "integration/test_confine_room.py::test_the_room_has_no_way_out"

HELD: dict[str, tuple[str, tuple[str, ...]]] = {
    "001": ("access checked again on the history of an object", (ROLES, FOREIGN, SOURCES)),
    "002": ("and on what was extracted from it", (ROLES, FOREIGN, CALLS)),
    "003": ("and on its relations", (ROLES, GONE)),
    "004": ("an import stays in its folder", (
        "unit/collect/test_archive.py::test_a_hostile_name_is_refused_and_the_others_still_come",
        "unit/collect/test_archive.py::test_links_and_devices_in_a_tar_are_refused",
    )),
    "005": ("no first secret in the arguments, no account of its own making", (
        f"{OWN}test_no_secret_is_given_to_the_command_and_nobody_has_an_account_at_first",
        f"{WEB}doors.py::test_the_first_account_is_made_once_by_a_link_that_works_once",
    )),
    "007": ("whoever guesses is held up by name and by address", (
        GUESSES,
        f"{OWN}test_guesses_are_counted_by_name_and_by_address",
        f"{WEB}codes.py::test_codes_cannot_be_guessed_and_a_half_way_in_does_not_last",
        f"{WEB}passkeys.py::test_the_door_says_of_nobody_whether_they_exist_and_whoever_guesses_has_to_wait",
    )),
    "008": ("rich text that was imported does not run", (MARKUP, RUNS)),
    "009": ("access checked again on exports", (ROLES, FOREIGN)),
    "010": ("and on exports by others", (GONE, (f"{WEB}doors.py::"
            "test_the_host_of_collected_bytes_has_no_page_and_the_desk_gives_no_bytes"))),
    "011": ("a change of many things changes no roles", (PEOPLE, ROLES)),
    "012": ("access checked again on media", (
        f"{WEB}doors.py::test_a_look_at_what_is_not_rated_harmless_is_an_entry_of_the_log", GONE)),
    "013": ("what is installed is what was locked", (f"{OWN}test_every_package_is_locked_by_its_hash",)),
    "014": ("an address is judged as a whole, not by how it ends", (
        "unit/preserve/test_posting.py::test_odd_spellings_of_this_machine_are_refused_all_the_same",
        f"{WEB}doors.py::test_a_request_under_any_other_name_is_not_answered",
        f"{WEB}doors.py::test_a_form_is_taken_only_from_a_page_of_the_desk_with_its_token",
    )),
    "015": ("access checked again on reading texts in bulk", (ROLES, FOREIGN)),
    "016": ("what is privileged asks for the passphrase again", (
        PEOPLE,
        f"{WEB}passkeys.py::test_making_one_takes_the_passphrase_and_a_challenge_of_this_session",
        f"{WEB}releases.py::test_in_the_browser_keepers_answer_for_their_passphrase_and_not_for_themselves",
    )),
    "017": ("as 013, for updates", (f"{OWN}test_every_package_is_locked_by_its_hash",)),
    "018": ("access checked again on originals", (
        f"{WEB}doors.py::test_the_host_of_collected_bytes_has_no_page_and_the_desk_gives_no_bytes",)),
    "019": ("what others vouch for is bound to one person", (
        f"{WEB}passkeys.py::test_a_passkey_that_is_not_all_right_lets_nobody_in",
        f"{WEB}api.py::test_a_token_is_good_for_its_scopes_its_time_and_as_long_as_its_owner_may",
    )),
    "020": ("files go out under names that say nothing", (
        f"{WEB}doors.py::test_the_host_of_collected_bytes_has_no_page_and_the_desk_gives_no_bytes",)),
    "021": ("who else is here is not told to everyone", (
        f"{WEB}live.py::test_others_are_told_the_kind_of_a_page_and_only_who_works_is_told_that_it_is_the_same",
        f"{WEB}talk.py::test_who_only_reads_is_shown_no_comment_and_can_make_none",
    )),
    "022": ("who decides on what is settled by the desk, not by the page", (
        f"{WEB}decisions.py::test_two_people_cannot_decide_on_the_same_proposal",
        f"{WEB}decisions.py::test_nobody_reads_their_own_assessment_for_the_second_time",
        f"{WEB}releases.py::test_a_request_is_granted_by_somebody_else_once_and_used_once",
    )),
    "023": ("a PDF is read up to a bound", (
        "unit/examine/test_long_pdf.py::test_a_pdf_of_very_many_pages_is_read_up_to_a_bound_that_is_told",)),
    "024": ("no formula reaches a spreadsheet", (
        "unit/collect/test_table.py::test_what_a_spreadsheet_would_calculate_gets_an_apostrophe",)),
    "025": ("what is drawn for readers asks for nothing outside", (
        ("browser/test_desk_in_chromium.py::"
        "test_the_brief_is_drawn_in_a_frame_of_the_other_host_where_nothing_runs"), RUNS)),
    "026": ("access checked again on what is told of media", (
        CALLS, f"{WEB}api.py::test_what_is_sensitive_is_told_after_the_log_has_it")),
    "028": ("files are for their owner", (BOOKS, ("unit/preserve/test_keys.py::"
                                          "test_keys_are_for_their_owner_only"))),
    "030": ("what decodes can do nothing else", (ROOM,)),
    "032": ("and sees no file of the desk", (
        "integration/test_confine_room.py::test_files_of_the_desk_are_out_of_sight",)),
    "033": ("and writes none", ("integration/test_confine_room.py::test_nothing_can_be_written",)),
    "034": ("what was kept does not run where it is shown", (MARKUP, RUNS)),
    "035": ("rows of any length do not end the import", (ROWS, SCHEMA)),
    "036": ("nor do values of another kind", (FORMS, SCHEMA)),
    "037": ("nor cells beyond all bounds", (
        "unit/collect/test_table.py::test_a_cell_beyond_all_bounds_is_reported_and_the_others_come",)),
    "038": ("nor bytes that are no text", (
        "unit/collect/test_table.py::test_bytes_that_are_no_text_spoil_one_row_only",)),
    "039": ("as 008, where it is written in the desk itself", (
        ("browser/test_people_in_chromium.py::"
        "test_a_comment_is_written_shown_as_text_and_stands_on_the_board_of_whom_it_is_for"),)),
    "040": ("odd questions are answered in a sentence", (ODD, SCHEMA)),
    "041": ("work on media ends in time", (
        "integration/test_confine_room.py::test_an_endless_computation_meets_its_limit",
        "integration/test_confine_room.py::test_waiting_without_end_meets_its_limit",
    )),
    "042": ("broken forms are refused in a sentence", (
        f"{WEB}doors.py::test_long_forms_and_broken_ones_are_refused_in_a_sentence", FORMS)),
    "043": ("where something came from is what was said, not guessed from its address", (
        f"{OWN}test_nothing_reads_a_platform_or_an_account_out_of_an_address",)),
}  # fmt: skip
"""Each finding, what holds here instead, and the tests of it."""

NOTHING_TO_FIND = {
    "006": "the desk makes no role of a database; whoever names a database to it names the role",
    "027": "there is no broker: work beside the service is done by threads of its own",
    "029": "named in none of the commits that were read",
    "031": "as 006",
}


def test_every_finding_is_held_by_tests_that_are_there_or_has_nothing_here_to_happen_to() -> None:
    numbers = [f"{number:03}" for number in range(1, 44)]
    assert sorted([*HELD, *NOTHING_TO_FIND]) == numbers
    missing = []
    for number, (_, tests) in HELD.items():
        assert tests
        for test in tests:
            path, name = test.split("::")
            file = ROOT / "tests" / path
            if not file.is_file() or not re.search(rf"^def {name}\(", file.read_text("utf-8"), re.MULTILINE):
                missing.append((number, test))
    assert not missing


def test_no_secret_is_given_to_the_command_and_nobody_has_an_account_at_first(tmp_path: Path) -> None:
    command = serve_app(lambda *_: pytest.fail("nothing is opened")).registered_commands[0].callback
    assert command is not None
    assert set(command.__annotations__) - {"return"} == {"case", "keys", "who", "port"}
    assert not Accounts(tmp_path / "accounts.json").all()


def test_what_lies_beside_the_keys_is_for_its_owner_and_has_no_secret_as_it_is(tmp_path: Path) -> None:
    quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    phrase = "four words of a desk"
    Accounts(tmp_path / "accounts.json", quick).first("Ada", phrase)
    secret, _ = Tokens(tmp_path / "tokens.json").make("Ada", "a script", (Scope.READ,), 1)
    _, recovery = FactorBook(tmp_path / "factors.json").add_passkey("Ada", "a key", "id", "public", 0)
    for path in tmp_path.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path.name
        kept = path.read_text("utf-8")
        assert not [one for one in (phrase, secret, *recovery) if one in kept], path.name


def test_guesses_are_counted_by_name_and_by_address() -> None:
    from witnessmark.web.sessions import Attempts

    attempts = Attempts(lambda: 1_000.0)
    for count in range(5):
        attempts.failed(f"name {count}", "address here")
    assert attempts.wait_s("name nobody", "address here")
    assert not attempts.wait_s("name nobody", "address there")
    for count in range(5):
        attempts.failed("name ada", f"address {count}")
    assert attempts.wait_s("name ada", "address there")


def test_every_package_is_locked_by_its_hash() -> None:
    locked = tomllib.loads((ROOT / "uv.lock").read_text("utf-8"))["package"]
    loose = [
        one["name"]
        for one in locked
        if "registry" in one["source"]
        and not all(file.get("hash", "").startswith("sha256:") for file in (
            *one.get("wheels", ()), *([one["sdist"]] if "sdist" in one else ())
        ))
    ]  # fmt: skip
    assert len(locked) > 50
    assert not loose
    assert {next(iter(one["source"])) for one in locked} <= {"registry", "editable", "virtual"}


def test_nothing_reads_a_platform_or_an_account_out_of_an_address() -> None:
    platforms = [
        "facebook",
        "instagram",
        "tiktok",
        "youtube",
        "telegram",
        "t.me",
        "twitter",
        "x.com",
        "vk.com",
    ]
    named = re.compile("|".join(rf"\b{re.escape(name)}\b" for name in platforms), re.IGNORECASE)
    code = [path.read_text("utf-8") for path in (ROOT / "src" / "witnessmark" / "collect").rglob("*.py")]
    assert code
    assert not [found for text in code for found in named.findall(text)]
