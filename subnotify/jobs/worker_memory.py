"""How a worker's process keeps its memory."""

import gc

_NEW_OBJECTS = 10_000


def collect_garbage_rarely() -> None:
    """For the process of a worker, once all is loaded and before it begins.

    What is loaded stays to the end and is never walked again; new objects are looked at by the
    ten thousand, not by the seven hundred. A batch makes many that die by themselves, and hardly
    a cycle: the collector's walks were a tenth of the time that sending took.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS)
