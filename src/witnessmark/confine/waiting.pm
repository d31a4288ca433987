package waiting;

# The Perl side of waiting.py. `perl -Mwaiting=… SCRIPT ARGUMENTS` compiles the script, and just before its first
# line would run waits here for files. For each file a fork locks itself, has the file as its standard input, and
# goes on into the script; the process that waits never looks at a file.

use strict;
use warnings;
use POSIX ();

use constant { RECEIVED => 32, PARENT_DEATH_SIGNAL => 1, DUMPABLE => 4, NO_NEW_PRIVILEGES => 38, SECCOMP => 22 };
use constant { KILL => 9, FILTER => 2, CLONE_PARENT => 0x8000, CHILD_ENDED => 17, NOT_LOCKED => 125 };

my ($control, $is_hidden, $filter, $recvmsg, $clone, $prctl, $prlimit, $restrict, @modules);

sub import {
    my (undef, @words) = @_;
    ($control, $is_hidden, my $written, $recvmsg, $clone, $prctl, $prlimit, $restrict, @modules) = @words;
    $_ += 0 for $control, $is_hidden, $recvmsg, $clone, $prctl, $prlimit, $restrict;
    $filter = pack 'H*', $written;
}

# A script's last word is its last: taking down all that was loaded would cost as much as the look at the file.
BEGIN { *CORE::GLOBAL::exit = sub (;$) { close STDOUT; POSIX::_exit(shift // 0) } }

INIT { wait_for_files() }

sub wait_for_files {
    eval { require $_ } for @modules;
    answer(0);
    while (my ($limits, @given) = received()) {
        # the keeper is the parent: it learns of the end, and ends whom nobody waits for any more
        my $pid = syscall $clone, CLONE_PARENT | CHILD_ENDED, 0, 0, 0, 0;
        return begin($limits, @given) if $pid == 0;
        answer($pid > 0 ? $pid : 0);
        POSIX::close($_) for @given;
    }
    POSIX::_exit(0);
}

sub answer { POSIX::write($control, pack('L', shift), 4) }

# The limits and the descriptors of one file (the file, two ways out, what may be seen); nothing when the keeper has gone.
sub received {
    my ($content, $room) = ("\0" x 512, "\0" x RECEIVED);
    my $piece = pack 'P Q', $content, length $content;
    my $message = pack 'Q L x4 P Q P Q l x4', 0, 0, $piece, 1, $room, length $room, 0;
    my $length = syscall $recvmsg, $control, $message, 0;
    return if $length <= 0;
    my $descriptors = (unpack('Q', $room) - 16) / 4;
    return substr($content, 0, $length), unpack "x16 l$descriptors", $room;
}

# In the fork: everything that lock.py does, in its order, and then the script with the file.
sub begin {
    my ($limits, @given) = @_;
    POSIX::dup2($given[$_], $_) for 0 .. 2;
    demand($prctl, PARENT_DEATH_SIGNAL, KILL, 0, 0, 0);
    demand($prctl, DUMPABLE, 0, 0, 0, 0);
    while (length $limits) {
        my ($kind, $soft_and_hard) = unpack 'L a16', substr $limits, 0, 20, '';
        demand($prlimit, 0, $kind, $soft_and_hard, 0);
    }
    demand($prctl, NO_NEW_PRIVILEGES, 1, 0, 0, 0);
    demand($restrict, $given[3] // -1, 0) if $is_hidden;
    POSIX::close($_) for 3 .. 255;
    demand($prctl, SECCOMP, FILTER, pack 'S x6 P', length($filter) / 8, $filter) if length $filter;
}

sub demand { syscall(shift, @_) == 0 or POSIX::_exit(NOT_LOCKED) }

1;
