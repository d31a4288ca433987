"""The table of everything that the desk answers, and for whom: the only place where that is said."""

from __future__ import annotations

from witnessmark.web.account import (
    account,
    adopt_codes,
    begin_codes,
    end_codes,
    make_token,
    revoke_token,
)
from witnessmark.web.api.table import CALLS
from witnessmark.web.arrange import arrange, explain, take_back, weigh
from witnessmark.web.assess import assess, file, read_again
from witnessmark.web.board import board
from witnessmark.web.brief import brief
from witnessmark.web.compare import compare, decide, pairs, uncover_both
from witnessmark.web.custody import log
from witnessmark.web.editing import edit, edit_page, references, versions_page
from witnessmark.web.endpoint import Endpoint
from witnessmark.web.entrance import enter, enter_page, give_code, leave, sign_in, sign_in_page, speak
from witnessmark.web.exhibit import exhibit, seen, take_out, uncover
from witnessmark.web.gallery import cover, forget, gallery, keep, tiles
from witnessmark.web.leaves import covered_leaf, leaf, look_leaf
from witnessmark.web.map import shown_on_map
from witnessmark.web.marks import close, look_close, mark, marks
from witnessmark.web.matrix import claim, matrix, statement
from witnessmark.web.numbers import numbers, register
from witnessmark.web.passkeys import (
    add_passkey,
    begin_passkey,
    begin_sign_in,
    end_passkey,
    sign_in_by_passkey,
)
from witnessmark.web.patience import counting, dating, drawing, following, weighing
from witnessmark.web.people import add, change, forget_factors, people
from witnessmark.web.playing import covered_frame, look_strip, play, prepare, preparing, strip, watch
from witnessmark.web.quoting import quote
from witnessmark.web.releases import answer_release, ask_release, releases, require_second
from witnessmark.web.replaying import look_replay, replay
from witnessmark.web.review import decide_proposal, proposal, review, undo
from witnessmark.web.roles import CUSTODIANS, KEEPERS, READERS, REVIEWERS, WORKERS
from witnessmark.web.stream import live
from witnessmark.web.tagging import tag, untag
from witnessmark.web.taking import take_files, take_page
from witnessmark.web.talk import assign, comment
from witnessmark.web.times import times
from witnessmark.web.versions import side_by_side

ENDPOINTS = (
    Endpoint("GET", "/sign-in", sign_in_page, None),
    Endpoint("POST", "/sign-in", sign_in, None),
    Endpoint("POST", "/sign-in/code", give_code, None),
    Endpoint("POST", "/sign-in/passkey/begun", begin_sign_in, None),
    Endpoint("POST", "/sign-in/passkey", sign_in_by_passkey, None),
    Endpoint("GET", "/enter/{token}", enter_page, None),
    Endpoint("POST", "/enter/{token}", enter, None),
    Endpoint("POST", "/leave", leave, READERS),
    Endpoint("POST", "/speak", speak, READERS),
    Endpoint("GET", "/", board, READERS, takes_long=weighing),
    Endpoint("GET", "/live", live, READERS, takes_long=following),
    Endpoint("GET", "/gallery", gallery, READERS),
    Endpoint("GET", "/gallery/tiles", tiles, READERS),
    Endpoint("POST", "/gallery/kept", keep, READERS),
    Endpoint("POST", "/gallery/forgotten", forget, READERS),
    Endpoint("POST", "/gallery/tagged", tag, WORKERS),
    Endpoint("POST", "/gallery/untagged", untag, WORKERS),
    Endpoint("GET", "/take", take_page, WORKERS),
    Endpoint("POST", "/take", take_files, WORKERS, takes_files=True),
    Endpoint("GET", "/covers/{exhibit}.jpg", cover, READERS, takes_long=True),
    Endpoint("GET", "/exhibits/{exhibit}", exhibit, READERS, takes_long=drawing),
    Endpoint("POST", "/exhibits/{exhibit}/uncovered", uncover, READERS),
    Endpoint("GET", "/seen/{token}.jpg", seen, READERS, takes_long=True),
    Endpoint("POST", "/exhibits/{exhibit}/original", take_out, WORKERS),
    Endpoint("GET", "/exhibits/{exhibit}/close", close, READERS, takes_long=True),
    Endpoint("POST", "/exhibits/{exhibit}/close", look_close, READERS),
    Endpoint("GET", "/exhibits/{exhibit}/marks", marks, READERS),
    Endpoint("POST", "/exhibits/{exhibit}/quoted", quote, WORKERS),
    Endpoint("GET", "/exhibits/{exhibit}/pages/{number}", leaf, READERS, takes_long=True),
    Endpoint("POST", "/exhibits/{exhibit}/pages/{number}", look_leaf, READERS),
    Endpoint("GET", "/exhibits/{exhibit}/pages/{number}/cover.jpg", covered_leaf, READERS, takes_long=True),
    Endpoint("GET", "/exhibits/{exhibit}/replay", replay, READERS, takes_long=True),
    Endpoint("POST", "/exhibits/{exhibit}/replay", look_replay, READERS),
    Endpoint("GET", "/exhibits/{exhibit}/play", play, READERS, takes_long=True),
    Endpoint("POST", "/exhibits/{exhibit}/play", watch, READERS),
    Endpoint("GET", "/exhibits/{exhibit}/prepared", preparing, READERS),
    Endpoint("POST", "/exhibits/{exhibit}/prepared", prepare, READERS),
    Endpoint("GET", "/exhibits/{exhibit}/strip.jpg", strip, READERS, takes_long=True),
    Endpoint("POST", "/exhibits/{exhibit}/strip", look_strip, READERS),
    Endpoint("GET", "/exhibits/{exhibit}/frames/{at}.jpg", covered_frame, READERS, takes_long=True),
    Endpoint("POST", "/exhibits/{exhibit}/marks", mark, WORKERS),
    Endpoint("GET", "/compare", pairs, READERS),
    Endpoint("GET", "/compare/{one}/{other}", compare, READERS),
    Endpoint("POST", "/compare/{one}/{other}", decide, WORKERS),
    Endpoint("POST", "/compare/{one}/{other}/uncovered", uncover_both, READERS),
    Endpoint("GET", "/versions/{one}/{other}", side_by_side, WORKERS, takes_long=True),
    Endpoint("GET", "/claims", matrix, READERS, takes_long=weighing),
    Endpoint("POST", "/claims/arranged", arrange, WORKERS),
    Endpoint("POST", "/claims/unarranged", take_back, WORKERS),
    Endpoint("GET", "/claims/{number}", claim, READERS, takes_long=weighing),
    Endpoint("POST", "/claims/{number}/explanations", explain, WORKERS),
    Endpoint("POST", "/claims/{number}/bearings", weigh, WORKERS),
    Endpoint("GET", "/statements/{name}", statement, READERS),
    Endpoint("GET", "/numbers", numbers, READERS, takes_long=counting),
    Endpoint("POST", "/numbers/registered", register, WORKERS),
    Endpoint("GET", "/times", times, READERS, takes_long=dating),
    Endpoint("GET", "/map", shown_on_map, READERS, takes_long=dating),
    Endpoint("GET", "/review", review, WORKERS, takes_long=True),
    Endpoint("POST", "/review/undo", undo, WORKERS),
    Endpoint("GET", "/review/{exhibit}/{place}", proposal, WORKERS, takes_long=True),
    Endpoint("POST", "/review/{exhibit}/{place}", decide_proposal, WORKERS),
    Endpoint("POST", "/claims/{number}/assessed", assess, WORKERS),
    Endpoint("POST", "/claims/{number}/filed", file, WORKERS),
    Endpoint("POST", "/assessments/{name}/read", read_again, REVIEWERS),
    Endpoint("POST", "/exhibits/{exhibit}/comments", comment, WORKERS),
    Endpoint("POST", "/exhibits/{exhibit}/assigned", assign, WORKERS),
    Endpoint("POST", "/claims/{number}/comments", comment, WORKERS),
    Endpoint("POST", "/claims/{number}/assigned", assign, WORKERS),
    Endpoint("GET", "/brief", brief, READERS, takes_long=True),
    Endpoint("GET", "/brief/edit", edit_page, WORKERS, takes_long=True),
    Endpoint("POST", "/brief/edit", edit, WORKERS),
    Endpoint("GET", "/brief/references", references, WORKERS, takes_long=True),
    Endpoint("GET", "/brief/versions", versions_page, WORKERS, takes_long=True),
    Endpoint("GET", "/releases", releases, WORKERS | KEEPERS),
    Endpoint("POST", "/releases", ask_release, WORKERS | KEEPERS),
    Endpoint("POST", "/releases/policy", require_second, CUSTODIANS),
    Endpoint("POST", "/releases/{number}/answered", answer_release, KEEPERS),
    Endpoint("GET", "/log", log, KEEPERS),
    Endpoint("GET", "/account", account, READERS),
    Endpoint("POST", "/account/tokens", make_token, READERS),
    Endpoint("POST", "/account/tokens/revoked", revoke_token, READERS),
    Endpoint("POST", "/account/codes/begun", begin_codes, READERS),
    Endpoint("POST", "/account/codes", adopt_codes, READERS),
    Endpoint("POST", "/account/codes/ended", end_codes, READERS),
    Endpoint("POST", "/account/passkeys/begun", begin_passkey, READERS),
    Endpoint("POST", "/account/passkeys", add_passkey, READERS),
    Endpoint("POST", "/account/passkeys/ended", end_passkey, READERS),
    Endpoint("POST", "/people/factors", forget_factors, CUSTODIANS),
    Endpoint("GET", "/people", people, CUSTODIANS),
    Endpoint("POST", "/people", add, CUSTODIANS),
    Endpoint("POST", "/people/change", change, CUSTODIANS),
    *CALLS,
)
