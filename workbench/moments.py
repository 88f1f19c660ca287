"""Times as people write them in filters."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta

from workbench.errors import InputError

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 7 * 86400}


def moment(text: str, where: str, now_s: float | None = None) -> int:
    """Nanoseconds since the Unix epoch of a date, a date and time (both local unless they say otherwise), `today`, or a
    span before now such as `12h`. Raises `InputError` that names `where`."""
    now = datetime.fromtimestamp(time.time() if now_s is None else now_s).astimezone()
    span = re.fullmatch(r"(\d{1,9})([smhdw])", text.strip())
    try:
        if span:
            then = now - timedelta(seconds=int(span[1]) * _UNITS[span[2]])
        elif text.strip() == "today":
            then = now.replace(hour=0, minute=0, second=0, microsecond=0)
        else:
            then = datetime.fromisoformat(text.strip())
        return round(then.timestamp() * 1e6) * 1000
    except (ValueError, OverflowError, OSError) as error:
        hint = "Such as 90m, 12h, 7d, 2w, today, 2026-11-24 or 2026-11-24T09:30."
        raise InputError(f"{text!r} is no time", where=where, hint=hint) from error
