"""A million rows against half a million: our whole run beside plain splink's on the same lists.

Plain splink reads the same two files and splits names at spaces; it compares first, second and last words
(exact, Jaro-Winkler 0.9, term frequencies), age and sex, on three blocking rules, with random sampling,
two sessions of expectation-maximisation, and predicts. Ours is `witnessmark lists link` up to its answers.

    python benchmarks/linking_scale.py [ROWS, 999990]
"""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory, TemporaryFile

from linking_people import arabic_lists

PLAIN = r'''
import sys, time
import duckdb
import splink.comparison_library as cl
from splink import Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI
base = duckdb.connect(":memory:", config={"temp_directory": sys.argv[3], "memory_limit": "2500MB"})
for name, path in (("one", sys.argv[1]), ("other", sys.argv[2])):
    base.execute(f"""CREATE TABLE {name} AS
        SELECT row_number() OVER () AS unique_id, w[1] AS first, w[2] AS second, w[len(w)] AS last, age, sex
        FROM (SELECT string_split(column0, ' ') AS w, try_cast(column1 AS INT) AS age, column2 AS sex
            FROM read_csv('{path}', header=false, skip=1, all_varchar=true))""")
api = DuckDBAPI(connection=base)
age = {"output_column_name": "age", "comparison_levels": [
    {"sql_condition": "age_l IS NULL OR age_r IS NULL", "is_null_level": True, "label_for_charts": "n"},
    {"sql_condition": "age_l = age_r", "label_for_charts": "0"},
    {"sql_condition": "abs(age_l - age_r) <= 1", "label_for_charts": "1"},
    {"sql_condition": "ELSE", "label_for_charts": "e"}]}
words = [
    cl.JaroWinklerAtThresholds(word, [0.9]).configure(term_frequency_adjustments=True)
    for word in ("first", "second", "last")]
settings = SettingsCreator(link_type="link_only", comparisons=[*words, age, cl.ExactMatch("sex")],
    blocking_rules_to_generate_predictions=[
        block_on("first", "last"), block_on("first", "second", "age"), block_on("second", "last", "age")])
linker = Linker([api.register("one"), api.register("other")], settings, log_level=None)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
linker.training.estimate_parameters_using_expectation_maximisation(block_on("first", "last"))
linker.training.estimate_parameters_using_expectation_maximisation(block_on("second", "last", "age"))
found = linker.inference.predict(threshold_match_probability=0.5)
print(base.execute(f"SELECT count(*) FROM {found.physical_name}").fetchone()[0], "pairs")
'''


OURS = r"""
import sys
from pathlib import Path
from witnessmark.desk.linking import Asked, files, linking
from witnessmark.wiring import locked_room
with locked_room() as room, linking(files([Path(one) for one in sys.argv[1:]]), room) as lists:
    found = lists.link(Asked(unique=[Path(one).name for one in sys.argv[1:]]))
    print(found.counts(), sum(found.table().values()), "people")
"""


def timed(what: str, command: list[str]) -> float:
    """Run a command; print its seconds, and the most memory of it and of any process that it started."""
    start = time.perf_counter()
    with TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.perf_counter() - start
        cpu = used.ru_utime + used.ru_stime
        print(f"{what:12} {seconds:8.1f} s, {cpu:.0f} s of cpu, {used.ru_maxrss / 1e6:.2f} GB", flush=True)
        if process.returncode:
            said.seek(0)
            print(said.read().decode()[-1500:])
    return seconds


def write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows(rows)


def main() -> None:
    """Make the lists in a process of their own, then run both."""
    rows = int(next((word for word in sys.argv[1:] if word.isdecimal()), "999990"))
    with TemporaryDirectory() as folder:
        first, second = Path(folder) / "first.csv", Path(folder) / "second.csv"
        if (child := os.fork()) == 0:
            made = arabic_lists(rows // 2, rows, 3 * rows // 10)
            write(first, made.first)
            write(second, made.second)
            os._exit(0)
        os.waitpid(child, 0)
        script = Path(folder) / "plain.py"
        script.write_text(PLAIN, "utf-8")
        plain = timed(
            "plain splink", [sys.executable, str(script), str(first), str(second), f"{folder}/spill"]
        )
        script.write_text(OURS, "utf-8")
        ours = timed("witnessmark", [sys.executable, str(script), str(first), str(second)])
        print(f"{ours / plain:.2f} times plain splink's run")


if __name__ == "__main__":
    main()
