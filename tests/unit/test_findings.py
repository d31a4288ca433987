"""The 43 findings of a penetration test of a tool of this field, and which test keeps us from each.

BAY-01-001 to 043, as the subjects of the commits that mended them tell (Bayanat, 2026). Each number has tests
that would fail if we had the defect, or says why there is nothing here that could have it.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
DOORS = "integration/test_web_doors.py"
SMALL = "unit/web/test_words_and_sessions.py"
WORDS = "integration/test_web_decisions.py"
API = "integration/test_web_api.py"
ROOM = "integration/test_confine_room.py"
EACH_ROLE = f"{DOORS}::test_each_endpoint_answers_just_those_whom_the_table_names"
APART = f"{DOORS}::test_the_host_of_collected_bytes_has_no_page_and_the_desk_gives_no_bytes"
UNSAID_TO_PROGRAMS = f"{API}::test_who_only_reads_is_told_neither_source_nor_personal_metadata"
UNSAID = f"{DOORS}::test_who_only_reads_is_told_neither_source_nor_personal_metadata"
ODD = f"{DOORS}::test_odd_questions_are_answered_in_a_sentence"
HURT = "integration/test_confine_hostile.py::test_files_made_to_hurt_end_as_results_or_reasons"
NO_WAY_OUT = f"{ROOM}::test_the_room_has_no_way_out"
NO_RICH_TEXT = (
    f"{DOORS}::test_no_foreign_text_becomes_markup_even_if_no_browser_would_run_it",
    "browser/test_desk_in_chromium.py::test_no_page_runs_what_it_shows_or_asks_for_anything_outside",
)
KEPT_BY: dict[int, tuple[str, ...]] = {
    # object access, checked again at each way to an object
    1: (EACH_ROLE, UNSAID, UNSAID_TO_PROGRAMS),
    2: (EACH_ROLE, UNSAID, UNSAID_TO_PROGRAMS),
    3: (EACH_ROLE, APART),
    4: ("integration/test_take_again.py::test_an_archive_taken_again_says_the_same_of_its_members",),
    5: (f"{DOORS}::test_the_first_account_is_made_once_by_a_link_that_works_once",),
    7: (
        f"{DOORS}::test_whoever_guesses_has_to_wait_and_no_name_is_given_away",
        f"{SMALL}::test_whoever_guesses_waits_twice_as_long_each_time_up_to_a_quarter_of_an_hour",
        "integration/test_web_codes.py::test_codes_cannot_be_guessed_and_a_half_way_in_does_not_last",
    ),
    8: NO_RICH_TEXT,
    9: (EACH_ROLE, f"{DOORS}::test_an_original_goes_out_for_a_purpose_and_the_log_says_so_first"),
    10: (EACH_ROLE,),
    11: (f"{DOORS}::test_only_a_custodian_lets_people_in_and_only_with_their_own_passphrase",),
    12: (EACH_ROLE, UNSAID, UNSAID_TO_PROGRAMS),
    14: (
        f"{DOORS}::test_a_request_under_any_other_name_is_not_answered",
        "unit/preserve/test_posting.py::test_odd_spellings_of_this_machine_are_refused_all_the_same",
    ),
    15: (EACH_ROLE, APART),
    16: (
        f"{DOORS}::test_only_a_custodian_lets_people_in_and_only_with_their_own_passphrase",
        f"{DOORS}::test_roles_that_are_taken_away_count_at_once",
        f"{API}::test_a_token_is_good_for_its_scopes_its_time_and_as_long_as_its_owner_may",
    ),
    18: (
        EACH_ROLE,
        f"{DOORS}::test_a_look_at_what_is_not_rated_harmless_is_an_entry_of_the_log",
        f"{API}::test_what_is_sensitive_is_told_after_the_log_has_it",
    ),
    20: (APART,),
    22: (
        f"{WORDS}::test_two_people_cannot_decide_on_the_same_proposal",
        f"{WORDS}::test_whoever_decides_without_having_read_the_latest_word_is_told_so_and_nothing_is_lost",
        f"{WORDS}::test_nobody_reads_their_own_assessment_for_the_second_time",
        f"{API}::test_a_word_on_two_exhibits_needs_the_revision_that_was_seen",
    ),
    23: ("unit/examine/test_long_pdf.py::test_a_pdf_of_very_many_pages_is_read_up_to_a_bound_that_is_told",),
    24: (
        "unit/collect/test_table.py::test_what_a_spreadsheet_would_calculate_gets_an_apostrophe",
        "unit/publish/test_package_building.py::test_a_cell_that_a_spreadsheet_would_run_is_disarmed",
    ),
    25: ("story/test_the_whole_way.py::test_the_brief_asks_nothing_of_the_outside_and_runs_no_script",),
    26: (EACH_ROLE, APART),
    28: (f"{SMALL}::test_accounts_last_and_are_never_without_a_custodian",),
    30: (NO_WAY_OUT, f"{ROOM}::test_files_of_the_desk_are_out_of_sight"),
    32: (NO_WAY_OUT, f"{ROOM}::test_nothing_can_be_written"),
    33: (NO_WAY_OUT, f"{ROOM}::test_the_house_cannot_be_signalled"),
    34: NO_RICH_TEXT,
    35: (f"{DOORS}::test_long_forms_and_broken_ones_are_refused_in_a_sentence", HURT),
    36: (ODD, HURT),
    37: (ODD, HURT),
    38: (ODD, HURT),
    39: NO_RICH_TEXT,
    40: (
        f"{DOORS}::test_long_forms_and_broken_ones_are_refused_in_a_sentence",
        f"{API}::test_what_is_not_of_its_form_is_refused_in_a_sentence_and_changes_nothing",
    ),
    41: (
        f"{ROOM}::test_an_endless_computation_meets_its_limit",
        f"{ROOM}::test_waiting_without_end_meets_its_limit",
    ),
    42: (ODD, HURT),
}
NOTHING_HERE: dict[int, str] = {
    6: "the catalog is a file of the case: there is no database role",
    13: "nothing updates itself: there is no updater",
    17: "nothing updates itself: releases are installed by pip",
    19: "nobody comes in by another service: there is no OAuth",
    21: "whoever has an account may see the pseudonyms that the log has; real names are asked of nobody",
    27: "there is no broker: work runs in this process and in the locked room",
    29: "the subject of its commit was not to be had, so nothing can be said of it",
    31: "the catalog is a file of the case: there is no database role",
    43: "what an exhibit came from is stated by whoever took it; nothing is guessed from an address",
}


def test_each_of_the_43_findings_is_answered_once() -> None:
    assert sorted([*KEPT_BY, *NOTHING_HERE]) == list(range(1, 44))
    assert all(NOTHING_HERE.values())


@pytest.mark.parametrize("number", sorted(KEPT_BY))
def test_the_tests_that_are_named_are_there(number: int) -> None:
    for named in KEPT_BY[number]:
        path, _, function = named.partition("::")
        written = (TESTS / path).read_text("utf-8")
        assert re.search(rf"^def {re.escape(function)}\(", written, re.MULTILINE), named
