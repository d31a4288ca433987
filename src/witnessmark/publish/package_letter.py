"""The cover letter: what a clerk can check, with which commands, and what each check does not prove."""

from __future__ import annotations

from collections.abc import Sequence

LETTER = """\
HOW TO CHECK THIS PACKAGE
=========================

This folder holds material that {desk} kept, and a record of how it was kept.
You need not trust the people who gave it to you, nor their software: the checks below use
programs that others wrote. Make a copy of the folder and work on the copy. Open a terminal,
change into the copy, and type the lines that begin with a dollar sign, without the dollar sign.

Before you begin you need one thing that is NOT in this folder: the verifier key of the log.
It is one line of text. Get it from the desk itself, by telephone, from its web site, or from
a person whom you trust, and not from whoever handed you this folder. The desk says that it is

    {vkey}

but a forger could have written this page too. Compare it, character by character, with the
line that you got elsewhere. If you have no such line, everything below except steps 3 and 4
still shows damage and accident, but none of it stops a careful forger.


1. Are the files those that are listed?

    $ sha256sum -c manifest-sha256.txt
    $ sha256sum -c tagmanifest-sha256.txt

   Each line should end in "OK". (On a Mac: shasum -a 256 -c manifest-sha256.txt)
   This shows: no listed file was altered or lost since the lists were written.
   This does not show: who wrote the lists, or when. It does not notice files that were added.


2. Is the folder a whole bag?

    $ bagit.py --validate .

   bagit.py is published by the Library of Congress (pip install bagit).
   This shows: the same as step 1, and that nothing was added to the folder "data".
   This does not show: who wrote the lists, or when.


3. Was all of this entered in the desk's log?

    $ python3 verify_package.py . --vkey "the line that you got elsewhere"

   This program needs Python 3.11 and the package "cryptography" (pip install cryptography), and
   nothing from the desk. It is one file of under 400 lines which an expert can read in an hour.
   If you would rather not run a program from this folder, get the same file from the desk.
   Each line says "holds", "broken" or "not checkable", and what it is about. One line that says
   "broken" is enough to refuse the package. (The exit code is 0 if there is none, and 6 if there is.)
   This shows: the list of files, the records and the log entries in this folder were entered in
   the log that the key belongs to. Whoever changes, drops or adds anything, even with every list
   made anew, would need the desk's secret key.
   This does not show: that the desk told the truth when it made its entries; that the material
   shows what it is said to show; that the desk kept nothing back (items.csv says what it
   withheld or erased, as far as its entries are enclosed); that no second log exists, unless a
   witness whom you trust has cosigned (file custody/policy names the witnesses; give a policy
   file of your own with --policy).


4. When did it exist at the latest?

{timestamps}
   This shows: the state of the log that is in the file custody/checkpoint, and therefore all
   that it covers, existed not later than the time in the answer.
   This does not show: when the material was made, or that it did not exist long before.


What is where
-------------
data/objects/      the files themselves; the name of each is its own SHA-256
data/records/      what was recorded about them; the name of each is its own SHA-256
data/items.csv     the index: one row for each time that a file came in, was made, or was erased
data/brief.html    the brief, where there is one; its references lead to the two folders above
data/revealed.jsonl   where disclosed files came from, with the key by which each record committed to
                   it when the file came in, if the desk disclosed any
custody/entries/   the log entries that are disclosed here; the entry with the highest number
                   is the seal of this package
custody/proofs/    for each entry, the proof that it is in the log (C2SP tlog-proof)
custody/checkpoint            the state of the log as its own key signed it (C2SP tlog-checkpoint)
custody/checkpoint.cosigned   the same, with what witnesses added (C2SP tlog-cosignature)
custody/policy                the log and its witnesses, as the desk names them (C2SP tlog-policy)
custody/sealed-sha256.txt     the files outside "data" that the seal fixes
custody/earlier/   earlier states of the log that were stamped, if there are any
timestamps/        questions to time-stamp authorities, their answers, and their certificates

Some of the material may be distressing. The files in data/objects are as they came: do not open
them to check the package. None of the steps above shows a picture or plays a sound.
"""

_STAMPED = """\
   The authorities that were asked: {authorities}. An authority that did not answer has no file.
   For each answer in the folder "timestamps", with the authority's own root certificate, which
   you get from the authority (it is not to be trusted from this folder):

    $ for reply in timestamps/*.tsr; do openssl ts -verify -data custody/checkpoint \\
        -in "$reply" -untrusted "${{reply%.tsr}}-chain.pem" -CAfile root-of-the-authority.pem; done

   Each answer should be followed by "Verification: OK". To read the time in an answer:

    $ openssl ts -reply -text -in timestamps/{example}-1.tsr

   If the authority's certificate has expired since, openssl refuses. Then add the time of the
   answer, in seconds, so that it checks as of then (and ask whether the certificate was revoked):

    $ openssl ts -verify -attime $(date -d "2026-01-31 12:00 UTC" +%s) -data custody/checkpoint \\
        -in timestamps/{example}-1.tsr -untrusted timestamps/{example}-1-chain.pem \\
        -CAfile root-of-the-authority.pem

   The answers are over the file custody/checkpoint, byte for byte.
"""

_EARLIER = """
   Earlier states of the log were stamped before this package was made. Each lies in a folder of its
   own in custody/earlier, named by how many entries the log had. The files in it that end in
   .tlog-proof show which entries it held already. An answer is over the checkpoint that it lies with,
   or it renews an earlier answer; then it is over the checkpoint with that answer behind it:

    $ for reply in custody/earlier/*/*.tsr; do for before in /dev/null "${reply%/*}"/*.tsr; do
        cat "${reply%/*}/checkpoint" "$before" | openssl ts -verify -data /dev/stdin -in "$reply" \\
          -untrusted "${reply%.tsr}-chain.pem" -CAfile root-of-the-authority.pem 2>/dev/null |
          grep -q OK && echo "$reply: OK, with $before"; done; done

   Each answer should be named with "OK". One that is not was not renewed and its certificate expired:
   check it by itself as of its time, as above. (Roots of several authorities can stand in one file.)
"""

_UNSTAMPED = """\
   No time-stamp authority was asked when this package was made. Nothing but the desk's own word
   says when it existed.
"""


def letter(desk: str, vkey: str, authorities: Sequence[str], *, has_earlier: bool = False) -> bytes:
    """The text of VERIFY.txt."""
    timestamps = _UNSTAMPED
    if authorities:
        timestamps = _STAMPED.format(authorities=", ".join(authorities), example=authorities[0])
    if has_earlier:
        timestamps += _EARLIER
    return LETTER.format(desk=desk, vkey=vkey, timestamps=timestamps).encode("utf-8")


def bag_info(facts: Sequence[tuple[str, str]]) -> bytes:
    """The text of bag-info.txt: one `Label: value` for each fact, newlines made spaces."""
    return "".join(f"{label}: {' '.join(value.split())}\n" for label, value in facts).encode("utf-8")
