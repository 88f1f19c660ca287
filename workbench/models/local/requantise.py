"""Q4_1 → Q4_0, in a process of its own: `python requantise.py SOURCE TARGET`. Prints `done total` in bytes as it goes.

Q4_0 loses one of Q4_1's two constants a block and a little quality with it, and runs about twice as fast in batches,
because llama.cpp repacks it for the processor's vector instructions. All other tensors and all metadata are kept.
"""

from __future__ import annotations

import sys
from typing import Any

_ARRAY_TYPE_INDEX = -1
MOSTLY_Q4_0 = 2
"""`general.file_type` of llama.cpp."""


def requantise(source: str, target: str) -> None:
    """Write `target`; raises whatever gguf or the disk raises."""
    import gguf

    reader = gguf.GGUFReader(source)
    writer = gguf.GGUFWriter(target, arch=reader.fields["general.architecture"].contents())
    _copy_metadata(reader, writer)
    total = sum(int(tensor.n_bytes) for tensor in reader.tensors)
    done = 0
    for tensor in reader.tensors:
        data, kind = _converted(tensor)
        writer.add_tensor(tensor.name, data, raw_shape=data.shape, raw_dtype=kind)
        done += int(tensor.n_bytes)
        sys.stdout.write(f"{done} {total}\n")
        sys.stdout.flush()
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _copy_metadata(reader: Any, writer: Any) -> None:
    from gguf import GGUFValueType

    for name, field in reader.fields.items():
        if name.startswith("GGUF.") or name == "general.architecture":  # the writer writes these itself
            continue
        value = MOSTLY_Q4_0 if name == "general.file_type" else field.contents()
        item = field.types[_ARRAY_TYPE_INDEX] if field.types[0] == GGUFValueType.ARRAY else None
        writer.add_key_value(name, value, field.types[0], item)


def _converted(tensor: Any) -> tuple[Any, Any]:
    from gguf import GGMLQuantizationType, quants

    if tensor.tensor_type != GGMLQuantizationType.Q4_1:
        return tensor.data, tensor.tensor_type
    values = quants.dequantize(tensor.data, tensor.tensor_type)
    return quants.quantize(values, GGMLQuantizationType.Q4_0), GGMLQuantizationType.Q4_0


if __name__ == "__main__":
    requantise(sys.argv[1], sys.argv[2])
