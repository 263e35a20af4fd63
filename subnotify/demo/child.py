"""The first thing a child process of the demonstration does: it ties itself to its parent.

`python -m subnotify.demo.child PARENT COMMAND...` becomes `subnotify COMMAND...`. On Linux the
kernel ends it when the parent is gone, however that ended; elsewhere only an orderly end does.
"""

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def main() -> None:
    parent, command = int(sys.argv[1]), sys.argv[2:]
    if sys.platform == "linux":
        # It outlasts the exec below.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGTERM))
    if os.getppid() != parent:
        sys.exit("the demonstration has ended")
    os.execv(sys.executable, [sys.executable, "-m", "subnotify", *command])


if __name__ == "__main__":
    main()
