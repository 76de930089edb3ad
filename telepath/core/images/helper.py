"""The process that forks one child for each picture: `python -m telepath.core.images.helper ROOT`.

It has imported all readers and started no thread, so that a child costs milliseconds. A line of
JSON comes in for each picture and one goes out; no bytes of a picture pass through it. It ends with
its parent, and takes ROOT with it: then nobody is left who would clear up.
"""

from __future__ import annotations

import ctypes
import json
import os
import select
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from telepath.core.images.allowance import Allowance, hold_to, spent_by
from telepath.core.images.decode import as_array, decode, upright
from telepath.core.images.display import write_upright
from telepath.core.images.limits import ImageLimits
from telepath.core.images.refusal import ImageRefused
from telepath.core.images.scratch import remove

PIXELS = "pixels.npy"
PICTURES = "pictures"
_PR_SET_PDEATHSIG = 1
_OUT_OF_MEMORY = ("out of memory", "Cannot allocate", "MemoryError", "realloc")
Job = Mapping[str, Any]


def main() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which ends this
    root = Path(sys.argv[1])
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # libraries may print; that is no answer
    try:
        for line in sys.stdin:
            answers.write(json.dumps(_run(json.loads(line))) + "\n")
            answers.flush()
    finally:
        remove(root)


def _run(job: Job) -> dict[str, Any]:
    answer, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(answer)
        with os.fdopen(write, "wb") as stream:
            _be_the_child(job, stream)
    os.close(write)
    said, is_late = _listen(answer, child, job["allowance"]["wall_s"])
    fatal = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if is_late:
        return {"spent": "time"}
    if fatal < 0:
        return {"spent": spent_by(-fatal), "signal": -fatal}
    return dict(json.loads(said)) if said else {"spent": None, "signal": 0}


def _be_the_child(job: Job, stream: BinaryIO) -> None:
    """Never returns."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        os.environ["TMPDIR"] = job["folder"]  # whatever a reader leaves there goes with the folder
        hold_to(Allowance(**job["allowance"]))
        stream.write(json.dumps(_answer(job)).encode())
        stream.flush()
        os._exit(0)
    finally:
        os._exit(1)


def _answer(job: Job) -> dict[str, Any]:
    try:
        return {"done": _JOBS[job["do"]](job)}
    except MemoryError:
        return {"spent": "memory"}
    except FileNotFoundError as gone:
        return {"missing": str(gone)}
    except ImageRefused as refused:
        if any(words in repr(refused.__cause__) for words in _OUT_OF_MEMORY):
            return {"spent": "memory"}
        return {"refused": {"message": refused.message, "code": refused.code}}


def _decode(job: Job) -> dict[str, Any]:
    picture = upright(Path(job["path"]), name=job["name"], limits=ImageLimits(**job["limits"]))
    np.save(Path(job["folder"]) / PIXELS, as_array(picture).pixels)
    return {"header": asdict(picture.header), "assumed": picture.assumed}


def _prepare(job: Job) -> dict[str, Any]:
    """Pictures for browsers, and pixels to judge: of the display picture, where it is large."""
    folder = Path(job["folder"])
    picture = upright(Path(job["path"]), name=job["name"], limits=ImageLimits(**job["limits"]))
    files = write_upright(picture, folder / PICTURES)
    is_large = files.width * files.height > job["most_pixels"]
    judged = decode(files.display.path) if is_large else as_array(picture)
    np.save(folder / PIXELS, judged.pixels)
    return {
        "header": asdict(picture.header),
        "assumed": picture.assumed,
        "files": json.loads(json.dumps(asdict(files), default=str)),
    }


_JOBS: Mapping[str, Callable[[Job], dict[str, Any]]] = {"decode": _decode, "prepare": _prepare}


def _listen(pipe: int, child: int, seconds: float) -> tuple[bytes, bool]:
    """What the child said until it ended, and whether it had to be ended."""
    said, deadline = bytearray(), time.monotonic() + seconds
    with os.fdopen(pipe, "rb", buffering=0) as stream:
        while True:
            ready, _, _ = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                os.kill(child, signal.SIGKILL)
                return bytes(said), True
            if not (some := stream.read(1 << 16)):
                return bytes(said), False
            said += some


if __name__ == "__main__":
    main()
