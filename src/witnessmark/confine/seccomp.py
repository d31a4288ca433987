"""System calls that work on hostile bytes never needs, refused by the kernel itself.

The filter is a small BPF program made here from a table of numbers (Linux on x86-64 and AArch64). What it
refuses answers "not permitted", so that a decoder fails in its own words; a foreign instruction set ends the
process at once. Files may be opened for reading only, threads may be started but no processes.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from functools import cache

_X86, _ARM = 0, 1
_ARCHITECTURES = {"x86_64": (_X86, 0xC000003E), "aarch64": (_ARM, 0xC00000B7)}

_LAST_KNOWN = 462
"""Calls with higher numbers came after this table was written (or are x32 ones): they do not exist here."""

# name: (number on x86-64, number on AArch64); None where the call does not exist
_REFUSED: dict[str, tuple[int | None, int | None]] = {
    # the network and other processes' sockets
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201),
    "accept": (43, 202), "accept4": (288, 242), "sendto": (44, 206), "sendmsg": (46, 211),
    "sendmmsg": (307, 269), "recvfrom": (45, 207), "recvmsg": (47, 212), "recvmmsg": (299, 243),
    "setsockopt": (54, 208),
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "kill": (62, 129), "tkill": (200, 130),
    "rt_sigqueueinfo": (129, 138), "rt_tgsigqueueinfo": (297, 240), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "setsid": (112, 157),
    "setpgid": (109, 154), "setpriority": (141, 140), "ioprio_set": (251, 30),
    "sched_setscheduler": (144, 119), "sched_setattr": (314, 274), "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    # namespaces and mounts
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39),
    "pivot_root": (155, 41), "chroot": (161, 51), "move_mount": (429, 429), "open_tree": (428, 428),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442),
    # the kernel itself
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106),
    "kexec_load": (246, 104), "kexec_file_load": (320, 294), "reboot": (169, 142),
    "swapon": (167, 224), "swapoff": (168, 225), "acct": (163, 89), "quotactl": (179, 60),
    "quotactl_fd": (443, 443), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171), "sethostname": (170, 161),
    "setdomainname": (171, 162), "iopl": (172, None), "ioperm": (173, None),
    "modify_ldt": (154, None), "syslog": (103, 116), "personality": (135, 92), "vhangup": (153, 58),
    # rights
    "setuid": (105, 146), "setgid": (106, 144), "setreuid": (113, 145), "setregid": (114, 143),
    "setresuid": (117, 147), "setresgid": (119, 149), "setgroups": (116, 159), "setfsuid": (122, 151),
    "setfsgid": (123, 152), "capset": (126, 91), "setrlimit": (160, 164),
    # changes to the file system, also through the descriptor that the room was given
    "creat": (85, None), "truncate": (76, 45), "rename": (82, None), "renameat": (264, 38),
    "renameat2": (316, 276), "link": (86, None), "linkat": (265, 37), "symlink": (88, None),
    "symlinkat": (266, 36), "unlink": (87, None), "unlinkat": (263, 35), "mkdir": (83, None),
    "mkdirat": (258, 34), "rmdir": (84, None), "mknod": (133, None), "mknodat": (259, 33),
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "removexattr": (197, 14),
    "lremovexattr": (198, 15), "fremovexattr": (199, 16), "flock": (73, 32),
    "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # memory and messages shared with others
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "shmget": (29, 194), "shmat": (30, 196),
    "shmctl": (31, 195), "semget": (64, 190), "msgget": (68, 186), "mq_open": (240, 180),
    "fanotify_init": (300, 262), "inotify_init": (253, None), "inotify_init1": (294, 26),
}  # fmt: skip

_LAUNCH: dict[str, tuple[int | None, int | None]] = {
    "execve": (59, 221), "execveat": (322, 281), "fork": (57, None), "vfork": (58, None),
}  # fmt: skip

_CLONE, _CLONE3, _TGKILL = (56, 220), (435, 435), (234, 131)
_OPEN, _OPENAT, _OPENAT2, _PRLIMIT = (2, None), (257, 56), (437, 437), (302, 261)
_OF_WAITING = ((47, 212), _CLONE, (157, 167), _PRLIMIT, (446, 446))
"""recvmsg, clone, prctl, prlimit64, landlock_restrict_self: what `waiting.pm` calls by number."""

_ANYBODY = 0x7FFFFFFF
"""Stands for the number of the process until it is known; no process has it."""

_NEW_THREAD = 0x00010000
_NEW_NAMESPACES = 0x7E020000
_FOR_WRITING = 0o3 | 0o100 | 0o1000

_LOAD, _EQUAL, _ABOVE, _ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16
_SET_NO_NEW_PRIVILEGES, _SET_SECCOMP, _FILTER = 38, 22, 2


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_char_p))


def filter_calls(*, may_launch: bool) -> bool:
    """Lock this process and all that it starts; False where the kernel or the machine has no such filter."""
    if platform.machine() not in _ARCHITECTURES or os.uname().sysname != "Linux":
        return False
    code = usual(may_launch=may_launch).replace(
        _step(_EQUAL, 1, 0, _ANYBODY), _step(_EQUAL, 1, 0, os.getpid())
    )
    bpf = _Program(len(code) // 8, code)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0:
        return False
    return bool(libc.prctl(_SET_SECCOMP, _FILTER, ctypes.byref(bpf), 0, 0) == 0)


def prepare() -> None:
    """Make the programs before any fork."""
    if platform.machine() in _ARCHITECTURES:
        usual(may_launch=True)
        usual(may_launch=False)


def numbers_of_waiting() -> tuple[int, ...]:
    """The numbers of `_OF_WAITING` on this machine; none where they are not known."""
    column, _ = _ARCHITECTURES.get(platform.machine(), (None, 0))
    return () if column is None else tuple(both[column] or 0 for both in _OF_WAITING)


@cache
def usual(*, may_launch: bool) -> bytes:
    """The program of this machine, for a process that may signal nobody, not even itself."""
    return program(platform.machine(), _ANYBODY, may_launch=may_launch)


def program(machine: str, pid: int, *, may_launch: bool) -> bytes:
    """The BPF program for `machine`; signals may go to `pid`, the process itself, only."""
    column, architecture = _ARCHITECTURES[machine]
    refused = {**_REFUSED, **({} if may_launch else _LAUNCH)}
    code = [
        _load(_ARCHITECTURE),
        *_unless(_EQUAL, architecture, _answer(_KILL)),
        _load(_NUMBER),
        *_when(_ABOVE, _LAST_KNOWN, _answer(_ERRNO | errno.ENOSYS)),
    ]
    for numbers in refused.values():
        code += _on(numbers[column], [_answer(_ERRNO | errno.EPERM)])
    for numbers in (_CLONE3, _OPENAT2):  # their flags lie in memory, where no filter can look
        code += _on(numbers[column], [_answer(_ERRNO | errno.ENOSYS)])
    code += _on(_CLONE[column], _clone_rule(may_launch=may_launch))
    code += _on(_TGKILL[column], [_load(_ARGUMENTS), *_unless(_EQUAL, pid, _answer(_ERRNO | errno.EPERM))])
    code += _on(_OPEN[column], _opening_rule(1, may_launch=may_launch))
    code += _on(_OPENAT[column], _opening_rule(2, may_launch=may_launch))
    code += _on(_PRLIMIT[column], _reading_limits_rule())
    return b"".join([*code, _answer(_ALLOW)])


def _clone_rule(*, may_launch: bool) -> list[bytes]:
    refuse = _answer(_ERRNO | errno.EPERM)
    flags = _load(_ARGUMENTS)
    if may_launch:
        return [flags, *_when(_ANY_BIT, _NEW_NAMESPACES, refuse)]
    return [flags, *_when(_ANY_BIT, _NEW_NAMESPACES, refuse), *_unless(_ANY_BIT, _NEW_THREAD, refuse)]


def _opening_rule(argument: int, *, may_launch: bool) -> list[bytes]:
    """Whoever starts programs has to open /dev/null for them; Landlock and FSIZE 0 bind it all the same."""
    if may_launch:
        return []
    flags = _load(_ARGUMENTS + 8 * argument)
    return [flags, *_when(_ANY_BIT, _FOR_WRITING, _answer(_ERRNO | errno.EACCES))]


def _reading_limits_rule() -> list[bytes]:
    """prlimit64 reads limits (its third argument is null) or sets them, which nobody may."""
    refuse = _answer(_ERRNO | errno.EPERM)
    halves = (_ARGUMENTS + 16, _ARGUMENTS + 20)
    return [step for half in halves for step in (_load(half), *_unless(_EQUAL, 0, refuse))]


def _on(number: int | None, then: list[bytes]) -> list[bytes]:
    """`then` for one call; the rest of the program sees the number as if nothing had been loaded."""
    if number is None or not then:
        return []
    return [_step(_EQUAL, 0, len(then) + 1, number), *then, _answer(_ALLOW)]


def _when(test: int, value: int, then: bytes) -> list[bytes]:
    return [_step(test, 0, 1, value), then]


def _unless(test: int, value: int, then: bytes) -> list[bytes]:
    return [_step(test, 1, 0, value), then]


def _load(offset: int) -> bytes:
    return _step(_LOAD, 0, 0, offset)


def _answer(action: int) -> bytes:
    return _step(_RETURN, 0, 0, action)


def _step(code: int, yes: int, no: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, yes, no, value)
