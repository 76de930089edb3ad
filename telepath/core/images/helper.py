"""The process that forks one child for each picture: `python -m telepath.core.images.helper`.

It has imported all readers and started no thread, so that a child costs milliseconds, and one
stands ready before it is asked for. Whoever asks talks to the child itself and hears from here only
how it ended. It ends with the process that asks, and takes the scratch folder with it: then nobody
is left who would clear up.
"""

from __future__ import annotations

import ctypes
import gc
import json
import os
import select
import signal
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pyvips

from telepath.core.images.allowance import Allowance, hold_to
from telepath.core.images.decode import Upright, upright
from telepath.core.images.display import write_upright
from telepath.core.images.limits import ImageLimits
from telepath.core.images.refusal import ImageRefused, damaged
from telepath.core.scratch import remove

MESSAGE_BYTES = 1 << 16
PICTURES = "pictures"
_PR_SET_PDEATHSIG = 1
_OUT_OF_MEMORY = ("out of memory", "Cannot allocate", "MemoryError", "realloc")
_OUT_OF_ROOM = ("No space left", "quota exceeded")
_LEAST_ROOM = 1 << 16

Job = Mapping[str, Any]
Done = tuple[dict[str, Any], Upright]


def main(descriptor: str, root: str) -> None:
    """descriptor: of the socket to the process that asks. root: its scratch folder."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for whoever asks, and ends this too
    gc.collect()
    gc.freeze()  # so that a child's collector touches, and copies, no page of what lies here
    try:
        with socket.socket(fileno=int(descriptor)) as line:
            while _gave_a_child(line):
                pass
    finally:
        remove(Path(root))


def _gave_a_child(line: socket.socket) -> bool:
    """Fork a child, hand it over, and tell how it ended. False once nobody asks any more."""
    asker, own = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    child = os.fork()
    if child == 0:
        line.close()
        asker.close()
        _be_the_child(own)
    own.close()
    with asker:
        socket.send_fds(line, [b"a child"], [asker.fileno()])
    ended = os.pidfd_open(child)
    is_alone = line.fileno() in select.select([ended, line.fileno()], [], [])[0]
    os.close(ended)
    if is_alone:
        os.kill(child, signal.SIGKILL)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return not is_alone and bool(line.send(str(status).encode()))


def _be_the_child(asker: socket.socket) -> None:
    """Read one picture. Never returns."""
    try:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        _warm()
        if asked := asker.recv(MESSAGE_BYTES):
            _answer(asker, json.loads(asked))
            os._exit(0)
    except Exception:  # noqa: BLE001  nobody above would tell it
        traceback.print_exc()
    finally:
        os._exit(1)


def _warm() -> None:
    """Start the threads and touch the pages that any picture needs, while nobody waits."""
    field = pyvips.Image.black(64, 64, bands=3).copy(interpretation="srgb")
    field = pyvips.Image.jpegload_buffer(field.jpegsave_buffer()).colourspace("srgb")
    field.thumbnail_image(32).pngsave_buffer()


def _answer(asker: socket.socket, job: Job) -> None:
    os.environ["TMPDIR"] = job["folder"]  # whatever a reader leaves there goes with the folder
    hold_to(Allowance(**job["allowance"]))
    try:
        told, picture = _JOBS[job["do"]](job)
        pixels = picture.image
        with os.fdopen(os.memfd_create("pixels"), "wb") as memory:
            pixels.rawsave_target(pyvips.Target.new_to_descriptor(memory.fileno()))
            answer = {"done": told, "shape": (pixels.height, pixels.width, pixels.bands)}
            socket.send_fds(asker, [json.dumps(answer).encode()], [memory.fileno()])
    except (MemoryError, FileNotFoundError, ImageRefused, pyvips.Error) as fault:
        asker.send(json.dumps(_outcome(fault)).encode())


def _outcome(fault: Exception) -> dict[str, Any]:
    if isinstance(fault, FileNotFoundError):
        return {"missing": True}
    why = fault.__cause__ or fault
    cause = f"{why!r} {why}"  # libvips's own words are in the second only
    if any(words in cause for words in _OUT_OF_ROOM) or _is_full(Path(os.environ["TMPDIR"])):
        return {"full": True}
    if any(words in cause for words in _OUT_OF_MEMORY):
        return {"spent": "memory"}
    refused = fault if isinstance(fault, ImageRefused) else damaged("picture")
    return {"refused": {"message": refused.message, "code": refused.code}}


def _is_full(folder: Path) -> bool:
    """Not every library says why it could not write; without room no picture is to blame."""
    state = os.statvfs(folder)
    return state.f_bavail * state.f_frsize < _LEAST_ROOM


def _decode(job: Job) -> Done:
    picture = upright(Path(job["path"]), name=job["name"], limits=ImageLimits(**job["limits"]))
    return {"header": asdict(picture.header), "assumed": picture.assumed}, picture


def _prepare(job: Job) -> Done:
    """Pictures for browsers, and pixels to judge: of the display picture, where it is large."""
    picture = upright(Path(job["path"]), name=job["name"], limits=ImageLimits(**job["limits"]))
    files = write_upright(picture, Path(job["folder"]) / PICTURES)
    is_large = files.width * files.height > job["most_pixels"]
    judged = upright(files.display.path) if is_large else picture
    told = {
        "header": asdict(picture.header),
        "assumed": picture.assumed,
        "files": json.loads(json.dumps({**asdict(files), "files": ()}, default=str)),
    }
    return told, judged


_JOBS: Mapping[str, Callable[[Job], Done]] = {"decode": _decode, "prepare": _prepare}

if __name__ == "__main__":
    main(*sys.argv[1:])
