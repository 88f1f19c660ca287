"""Ember's compact graph notation → a system.

Both spellings are read: `3:E:gpt-4o:0.7` (count:type:model:temperature, the model with or without a provider before it)
and `3E!alias@openai/gpt-4o(temp=0.7)`. Types: E, UE an ensemble; J, JF a judge; V a verifier; M, MC the most common
answer. A nested list is a branch of its own; Ember itself flattens it into one sequence.

Source: github.com/pyember/ember, src/ember/non/compact.py and registry.py.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from msgspec import Struct, structs

from workbench.errors import SystemFileError
from workbench.systems.conversion import Conversion, Losses, model, read_input, together
from workbench.systems.nodes import AnyNode, Chain, Judge, Model, System, Verify, Vote

TOOL = "ember"
MAX_DEPTH = 50
_NEW = re.compile(
    r"(?P<count>\d{1,6})?(?P<code>[A-Z][A-Z0-9]*)(?:!(?P<alias>[A-Za-z_][\w-]*))?(?:@(?P<model>[^()\s]+))?"
    r"(?:\((?P<params>.*)\))?",
    re.S,
)
_NUMBER = re.compile(r"\d+(?:\.\d*)?|\.\d+")
_NAMES = {"temp": "temperature", "max_output_tokens": "max_tokens", "reasoning": "reasoning_effort"}
_CODES = {"E": "E", "UE": "E", "J": "J", "JF": "J", "V": "V", "M": "M", "MC": "M"}


class _Stage(Struct, frozen=True):
    code: str
    count: int
    model: str
    params: dict[str, Any]
    alias: str
    text: str


def from_ember(source: object) -> Conversion:
    """A compact graph (text, JSON, or a list) as a system. Raises `SystemFileError`.

    Text is a JSON or Python list, stages separated by commas, semicolons or lines, or a JSON object with `spec` and,
    where there are, `components` and `flows`.
    """
    data = read_input(source, TOOL)
    spec: object = source if data is None else data
    converter = _Converter({})
    if isinstance(data, Mapping):
        spec, components = data.get("spec", data.get("graph")), data.get("components") or {}
        if spec is None or not isinstance(components, Mapping):
            raise SystemFileError("an object needs `spec`, a list of stages", where=TOOL)
        converter = _Converter(components)
        for flow in _items(data.get("flows") or []):
            converter.losses.add(f"flow {flow!r}: stages are wired in the order in which they stand")
    root = converter.sequence(_items(spec), 0)
    return Conversion(System(root=root, source="Ember compact notation"), converter.losses.all())


class _Converter:
    def __init__(self, components: Mapping[str, Any]) -> None:
        self.components = components
        self.losses = Losses()

    def sequence(self, items: list[Any], depth: int) -> AnyNode:
        """Stages in a row: ensembles and branches gather candidates, a judge, verifier or vote takes them all."""
        if depth > MAX_DEPTH:
            raise SystemFileError(f"nested more than {MAX_DEPTH} deep, or components refer to each other", where=TOOL)
        candidates: list[AnyNode] = []
        settled = False
        for item in items:
            if not isinstance(item, str) or item.startswith("$"):
                candidates.append(self.sequence(self._branch(item), depth + 1))
                continue
            stage = _stage(item)
            if stage.code != "E":
                candidates, settled = [self._settled(stage, candidates)], True
            elif settled:
                self.losses.add(f"{item!r} follows a settled stage: it becomes a step that reads the answer before it")
                candidates, settled = [Chain(steps=(candidates[0], self._generators(stage)), carry="candidates")], False
            else:
                candidates.append(self._generators(stage))
        if not candidates:
            raise SystemFileError("a sequence has no stages", where=TOOL)
        return together(candidates)

    def _branch(self, item: Any) -> list[Any]:
        if isinstance(item, str):
            if item[1:] not in self.components:
                raise SystemFileError(f"there is no component {item!r}", where=TOOL)
            return _items(self.components[item[1:]])
        if not isinstance(item, list | tuple):
            raise SystemFileError(f"{item!r} is neither a stage nor a list of stages", where=TOOL)
        return list(item)

    def _generators(self, stage: _Stage) -> Model:
        return structs.replace(self._model(stage), replicas=max(1, stage.count), label=stage.alias)

    def _settled(self, stage: _Stage, candidates: list[AnyNode]) -> AnyNode:
        if not candidates:
            raise SystemFileError(f"{stage.text!r} has no candidates before it", where=TOOL)
        if stage.count != 1:
            self.losses.add(f"{stage.text!r}: the count {stage.count} (Ember asks a judge, verifier or vote once)")
        of = tuple(candidates)
        if stage.code == "M":
            for what in filter(None, (stage.model, stage.params)):
                self.losses.add(f"{stage.text!r}: {what!r} (a vote calls no model)")
            return Vote(of=of, label=stage.alias)
        if stage.code == "J":
            return Judge(judge=self._model(stage), of=of, label=stage.alias)
        self.losses.add(f"{stage.text!r}: Ember's verifier may correct an answer; here it accepts or rejects")
        return Verify(verifier=self._model(stage), of=of, label=stage.alias)

    def _model(self, stage: _Stage) -> Model:
        if not stage.model:
            raise SystemFileError(f"{stage.text!r} needs a model", where=TOOL)
        options = {_NAMES.get(key, key): value for key, value in stage.params.items()}
        top_k = options.pop("top_k", None)
        made = model(stage.model, options, self.losses, repr(stage.text))
        return made if top_k is None else structs.replace(made, extra={"top_k": top_k})


def _items(spec: Any) -> list[Any]:
    if isinstance(spec, str):
        return _split(spec, ",;\n")
    if isinstance(spec, list | tuple):
        return list(spec)
    raise SystemFileError(f"{spec!r} is no list of stages", where=TOOL)


def _stage(text: str) -> _Stage:
    text = text.strip()
    found = _NEW.fullmatch(text)
    if found is not None:
        name = _with_slash(found["model"] or "")
        params = _params(found["params"] or "", text)
        return _Stage(_code(found["code"], text), int(found["count"] or 1), name, params, found["alias"] or "", text)
    count, *parts = [part.strip() for part in text.split(":")]
    if not parts or not re.fullmatch(r"\d{0,6}", count):
        raise SystemFileError(
            f"{text!r} is no stage", where=TOOL, hint="E.g. 3:E:openai:gpt-4o:0.7 or 3E@openai/gpt-4o(temp=0.7)"
        )
    code, *names = parts
    params = {}
    if len(names) > 1 and _NUMBER.fullmatch(names[-1]):
        params["temperature"] = float(names.pop())
    provider, *rest = [name for name in names if name] or [""]
    name = f"{provider}/{':'.join(rest)}" if rest else provider
    return _Stage(_code(code or "E", text), int(count or 1), name, params, "", text)


def _code(code: str, text: str) -> str:
    known = _CODES.get(code.upper())
    if known is None:
        raise SystemFileError(f"{text!r}: there is no type {code!r}", where=TOOL, hint=f"Types: {', '.join(_CODES)}.")
    return known


def _with_slash(name: str) -> str:
    return name if "/" in name else name.replace(":", "/", 1)


def _params(text: str, stage: str) -> dict[str, Any]:
    params: dict[str, Any] = {}
    for item in _split(text, ","):
        key, equals, value = item.partition("=")
        if not equals:
            raise SystemFileError(f"{stage!r}: a parameter is key=value, not {item!r}", where=TOOL)
        key = key.strip()
        params[_NAMES.get(key.lower(), key)] = _value(value.strip())
    return params


def _value(text: str) -> Any:
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    try:
        return json.loads(text)
    except ValueError:
        return {"True": True, "False": False}.get(text, text)


def _split(text: str, delimiters: str) -> list[str]:
    """Parts between delimiters that stand in no brackets and no quotes."""
    parts, depth, quote = [""], 0, ""
    for character in text:
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'":
            quote = character
        elif character in "([{":
            depth += 1
        elif character in ")]}":
            depth -= 1
        if character in delimiters and depth <= 0 and not quote:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts if part.strip()]
