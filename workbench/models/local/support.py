"""Whether llama.cpp can run on this machine, and what to do where it can't."""

from __future__ import annotations

import ctypes
import functools
import importlib.util
import platform
import sys

NO_LIBGOMP = (
    "llama.cpp needs the system library libgomp1, which is missing: install it with "
    "`apt install libgomp1`, `dnf install libgomp` or `apk add libgomp`"
)


def no_wheel() -> str:
    """What is said where xllamacpp isn't installed."""
    return (
        f"xllamacpp, which runs embedded models, isn't installed: there may be no wheel for {platform.system()} "
        f"{platform.machine()} (there are for Linux x86_64 and aarch64, macOS 13+, Windows AMD64); "
        "other models work as ever"
    )


@functools.cache
def problem() -> str:
    """Why embedded models can't run here; empty where nothing speaks against it. Loads nothing of llama.cpp."""
    if importlib.util.find_spec("xllamacpp") is None:
        return no_wheel()
    if sys.platform == "linux":
        try:
            ctypes.CDLL("libgomp.so.1")
        except OSError:
            return NO_LIBGOMP
    return ""


def explain(error: str) -> str:
    """A server's own error in words that say what to do, where its cause is known."""
    if "libgomp" in error:
        return NO_LIBGOMP
    if "No module named 'xllamacpp'" in error:
        return no_wheel()
    if "GLIBC" in error:
        return f"llama.cpp needs a newer system C library than this machine has ({error})"
    return f"llama.cpp could not start: {error}"
