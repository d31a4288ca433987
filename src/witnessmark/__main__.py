"""The way in: chooses the face, and turns what went wrong into one sentence and the right exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from io import TextIOWrapper

import typer

from witnessmark.errors import RefusedError, UnavailableError, WitnessmarkError

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130
EXIT_NOBODY_READS = 141
"""What shells give for a command whose answers nobody reads any more, as in `… | head -1`."""


def main() -> None:
    """Run the command line; the exit code says who can mend what went wrong."""
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # threads would wait for each other
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # whatever a terminal or a locale cannot show
    sys.exit(_code_of(sys.argv[1:]))


def _run(words: Sequence[str]) -> object:
    if words[:1] == ["witness"]:
        from witnessmark.wiring import clock  # noqa: PLC0415 - each face loads only itself
        from witnessmark.witness.command import run as run_witness  # noqa: PLC0415 - the same

        return run_witness(words[1:], clock())
    if words[:1] == ["serve"]:
        from witnessmark.web.command import run as run_web  # noqa: PLC0415 - the same
        from witnessmark.wiring import served_desk  # noqa: PLC0415 - the same

        return run_web(words[1:], served_desk)
    from witnessmark.cli import run as run_cli  # noqa: PLC0415 - the same

    return run_cli(words)


def _code_of(words: Sequence[str]) -> int:
    try:
        code = _run(words)
    except WitnessmarkError as error:
        _aside(str(error), error.advice)
        return error.exit_code
    except typer.TyperException as error:
        return _misspoken(error.format_message())
    except (KeyboardInterrupt, typer.Abort):
        code = EXIT_INTERRUPTED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_NOBODY_READS
    except OSError as error:  # of the machine itself; what is foreseen was put into words where it happened
        return _of_the_machine(error)
    if code == EXIT_INTERRUPTED:  # by us, or by the command line's own handler, which says nothing
        _aside("Interrupted. What was acknowledged is safe; the same command goes on from here.")
    return code if isinstance(code, int) else 0


def _misspoken(said: str) -> int:
    if said:  # else the help itself was shown
        _aside(said, "`witnessmark --help` lists the verbs, `witnessmark VERB --help` what one takes")
    return EXIT_USAGE


def _of_the_machine(error: OSError) -> int:
    place = error.filename or "the system"
    if isinstance(error, PermissionError):
        _aside(f"{place} may not be read or written by you", RefusedError.usual_advice)
        return RefusedError.exit_code
    _aside(f"{place}: {error.strerror or error}", UnavailableError.usual_advice)
    return UnavailableError.exit_code


def _aside(*sentences: str) -> None:
    """Say something on stderr; what says it is loaded only when there is something to say."""
    from witnessmark.cli.screen import Screen, plain  # noqa: PLC0415 - as it says

    screen = Screen(as_json=False)
    for style, sentence in zip(("bold red", "dim"), sentences, strict=False):
        screen.aside(f"[{style}]{plain(sentence)}[/]")


if __name__ == "__main__":
    main()
