"""One llama.cpp server in a process of its own: `python server.py`, with a line of JSON on standard input.

    {"model", "slots", "context", "threads", "key", "slot_folder", "log"}

It answers with one line of JSON on standard output, `{"url"}` or `{"error"}`, and ends when standard input does: when
its parent closes it or dies. Needs nothing of this package, so that it starts fast. llama.cpp writes to the standard
streams as it likes; from the first moment they lead to the log file, never to the screen.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from typing import Any


def main() -> None:
    """Serve until standard input ends."""
    answer = os.fdopen(os.dup(1), "w", encoding="utf-8")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to act on
    settings = json.loads(sys.stdin.buffer.readline())
    _to_log(settings["log"])
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        server = _serve(settings)
        said = {"url": server.listening_address}
    except BaseException as error:
        said = {"error": f"{type(error).__name__}: {error}"}
    answer.write(json.dumps(said) + "\n")
    answer.close()
    if "url" in said:
        threading.Event().wait()


def _to_log(path: str) -> None:
    log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    os.close(log)


def _end_with_parent() -> None:
    while sys.stdin.buffer.read(4096):
        pass
    os._exit(0)  # llama.cpp's threads don't answer to a gentle exit while they compute


def _serve(settings: dict[str, Any]) -> Any:
    import xllamacpp

    params = xllamacpp.CommonParams()
    params.model.path = settings["model"]
    params.n_parallel = settings["slots"]
    params.n_ctx = settings["slots"] * settings["context"]
    params.kv_unified = False  # each slot its own memory: what one holds can be restored into another
    params.cont_batching = True
    params.cpuparams.n_threads = settings["threads"]
    params.cpuparams_batch.n_threads = settings["threads"]
    params.n_threads_http = 2 * settings["slots"] + 4  # a stream holds one until its end is noticed
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [settings["key"]]
    params.cors_origins = "http://127.0.0.1"
    params.endpoint_metrics = True
    params.endpoint_slots = True
    params.slot_save_path = settings["slot_folder"] + os.sep
    params.cache_ram_mib = 0  # prompts are shared by the slots' own files, not by a hidden cache of gigabytes
    params.cache_idle_slots = False
    params.fit_params = False  # the figures above are meant
    params.ui = False
    params.verbosity = 2  # errors and warnings: the log stays small and holds nothing of what is asked
    return xllamacpp.Server(params)


if __name__ == "__main__":
    main()
