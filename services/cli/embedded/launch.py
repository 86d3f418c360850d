"""Become another program, as another user, that does not outlive its parent.

Run as a script, without site packages: `python -I -S launch.py PARENT SIGNAL UID GID -- PROGRAM ARGS`.
It is a program of its own because the order matters: changing the user clears the wish to die with the
parent, so that is said last, just before exec.
"""

from __future__ import annotations

import ctypes
import os
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """Drop privileges (UID is not "-"), tie our life to PARENT's, exec."""
    parent, death_signal, uid, gid = arguments[:4]
    program = arguments[5:]
    if uid != "-":
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, int(death_signal), 0, 0, 0)
        if os.getppid() != int(parent):  # it died before we said so
            os._exit(1)
    try:
        os.execv(program[0], program)  # noqa: S606 - that is the job
    except OSError as error:
        sys.stderr.write(f"{program[0]}: {error.strerror}\n")
        os._exit(127)


if __name__ == "__main__":
    main(sys.argv[1:])
