"""Archon's layers and Mixture-of-Agents layers → a system.

Archon: `{"name": …, "layers": [[component, …], …]}` with components of type generator, ranker, fuser, critic, verifier,
unit_test_generator, unit_test_evaluator. Source: github.com/ScalingIntelligence/Archon, src/archon/completions.
MoA: reference models, layers and an aggregator. Source: github.com/togethercomputer/MoA, advanced-moa.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import structs

from workbench.errors import SystemFileError
from workbench.systems.conversion import Conversion, Losses, model, read_input, together
from workbench.systems.nodes import AnyNode, Best, Chain, Ensemble, Filter, Judge, Model, System

_PROVIDERS = {
    "Together_API": "together_ai",
    "OpenAI_API": "openai",
    "Anthropic_API": "anthropic",
    "Groq_API": "groq",
    "Google_API": "gemini",
    "Bedrock_API": "bedrock",
    "vLLM": "hosted_vllm",
    "tgi": "huggingface",
}
_READ = frozenset({"type", "model", "model_type", "temperature", "max_tokens", "samples", "top_k"})


def from_archon(source: object) -> Conversion:
    """An Archon configuration (JSON text or the decoded object) as a system. Raises `SystemFileError`."""
    data = read_input(source, "archon")
    if not isinstance(data, Mapping) or not isinstance(data.get("layers"), list):
        raise SystemFileError("an Archon configuration is an object with a list `layers`", where="archon")
    losses = Losses()
    for key in data.keys() - {"name", "layers"}:
        losses.add(f"{key} = {data[key]!r} (it has no counterpart)")
    builder = _Archon(losses)
    for number, layer in enumerate(data["layers"], 1):
        builder.layer(_components(layer, number, losses), f"layer {number}")
    if not builder.candidates:
        raise SystemFileError("no layer generates an answer", where="archon")
    name = str(data.get("name", ""))
    return Conversion(
        System(root=together(builder.candidates), name=name, source="Archon, arXiv:2409.15254"), losses.all()
    )


def from_moa(source: object) -> Conversion:
    """Mixture-of-Agents layers (JSON text or the decoded object) as a system. Raises `SystemFileError`.

    Either `{"reference_models": […], "aggregator_model": …, "layers": 3}` (the last layer is the aggregator), or
    `{"layers": [[model, …], …, [aggregator]]}`, or that list alone; `temperature` and `max_tokens` go to every model.
    """
    data = read_input(source, "moa")
    if isinstance(data, list):
        data = {"layers": data}
    if not isinstance(data, Mapping):
        raise SystemFileError("a mixture of agents is an object with `reference_models` or `layers`", where="moa")
    losses = Losses()
    layers = _moa_layers(data)
    options = {key: data.get(key) for key in ("temperature", "max_tokens")}
    read = {
        "name",
        "layers",
        "num_layers",
        "reference_models",
        "aggregator_model",
        "aggregator",
        "temperature",
        "max_tokens",
    }
    for key in data.keys() - read:
        losses.add(f"{key} = {data[key]!r} (it has no counterpart)")
    steps = [together([model(name, options, losses, name) for name in layer]) for layer in layers]
    root = steps[0] if len(steps) == 1 else Chain(steps=tuple(steps), carry="candidates")
    name = str(data.get("name", ""))
    return Conversion(System(root=root, name=name, source="Mixture-of-Agents, arXiv:2406.04692"), losses.all())


class _Archon:
    """Reads layer by layer what the candidates of the layers so far are."""

    def __init__(self, losses: Losses) -> None:
        self.losses = losses
        self.candidates: list[AnyNode] = []

    def layer(self, components: list[Mapping[str, Any]], where: str) -> None:
        """One layer: its components run beside each other on what the layer before gave."""
        made: list[AnyNode] = []
        for component in components:
            kind = component.get("type")
            if kind in ("critic", "unit_test_generator", "unit_test_evaluator"):
                self._say_dropped(component, where)
            elif kind == "generator":
                made.append(self._model(component, where))
            elif kind in ("fuser", "ranker", "verifier"):
                made.append(self._reader(str(kind), component, components, where))
            else:
                raise SystemFileError(f"{where}: there is no component {kind!r}", where="archon")
        if made:
            fused = all(component.get("type") == "fuser" for component in components) and not _one_fuser(components)
            self.candidates = [self._layered(made)] if fused else made

    def _reader(self, kind: str, component: Mapping[str, Any], layer: list[Mapping[str, Any]], where: str) -> AnyNode:
        if not self.candidates:
            raise SystemFileError(f"{where}: a {kind} has no candidates before it", where="archon")
        of = tuple(self.candidates)
        asked = self._model(component, where)
        if kind == "fuser":
            return Judge(judge=asked, of=of) if _one_fuser(layer) else asked
        asked = structs.replace(asked, replicas=1)
        if kind == "verifier":
            return Filter(verifier=asked, of=of)
        take = component.get("top_k", 1)
        if not isinstance(take, int) or take < 1:
            raise SystemFileError(
                f"{where}: a ranker's top_k is a whole number of at least 1, not {take!r}", where="archon"
            )
        if take == 1:
            return Judge(judge=asked, of=of, mode="rank")
        self.losses.add(
            f"{where}: the ranker compares candidates with each other; here each is scored alone, best {take} kept"
        )
        return Best(scorer=asked, of=of, take=take)

    def _layered(self, made: list[AnyNode]) -> AnyNode:
        """Several fusers beside each other all read the layer before, as in a mixture of agents."""
        before = together(self.candidates)
        step = made[0] if len(made) == 1 else Ensemble(of=tuple(made))
        if isinstance(before, Chain) and before.carry == "candidates":
            return structs.replace(before, steps=(*before.steps, step))
        return Chain(steps=(before, step), carry="candidates")

    def _model(self, component: Mapping[str, Any], where: str) -> Model:
        name, kind = component.get("model"), component.get("model_type")
        if not isinstance(name, str) or not name:
            raise SystemFileError(f"{where}: a {component.get('type')} needs a model", where="archon")
        provider = _PROVIDERS.get(str(kind))
        if provider is None and kind is not None:
            self.losses.add(f"{where}: model_type {kind!r} of {name} (no provider of that name is known)")
        what = f"{where}, {component.get('type')} {name}"
        unread = {key: value for key, value in component.items() if key not in _READ}
        for key, value in unread.items():
            self.losses.add(f"{what}: {key} = {value!r} (it has no counterpart)")
        if component.get("type") != "ranker" and component.get("top_k", 1) != 1:
            self.losses.add(f"{what}: top_k = {component['top_k']!r} (it has no counterpart here)")
        options = {"temperature": component.get("temperature"), "max_tokens": component.get("max_tokens")}
        options["replicas"] = component.get("samples")
        return model(f"{provider}/{name}" if provider else name, options, self.losses, what)

    def _say_dropped(self, component: Mapping[str, Any], where: str) -> None:
        kind, name = component.get("type"), component.get("model")
        why = {
            "critic": "later layers do not see criticisms; refine takes a critic",
            "unit_test_generator": "tests are not written by a model; the check python-tests takes the task's",
            "unit_test_evaluator": "candidates are not ranked by written tests; the check python-tests runs tests",
        }[str(kind)]
        self.losses.add(f"{where}: {kind} {name} ({why})")


def _one_fuser(layer: list[Mapping[str, Any]]) -> bool:
    return len(layer) == 1 and layer[0].get("samples", 1) == 1


def _components(layer: Any, number: int, losses: Losses) -> list[Mapping[str, Any]]:
    if isinstance(layer, Mapping):
        for key in layer.keys() - {"models"}:
            if (key, layer[key]) != ("branches", 1):
                losses.add(f"layer {number}: {key} = {layer[key]!r} (it has no counterpart)")
        layer = layer.get("models")
    if not isinstance(layer, list) or not layer or not all(isinstance(item, Mapping) for item in layer):
        raise SystemFileError(f"layer {number} is no list of components", where="archon")
    return layer


def _moa_layers(data: Mapping[str, Any]) -> list[list[str]]:
    layers = data.get("layers", data.get("num_layers", 3))
    if isinstance(layers, list):
        made = [[layer] if isinstance(layer, str) else layer for layer in layers]
    else:
        references, aggregator = data.get("reference_models"), data.get("aggregator_model", data.get("aggregator"))
        if not isinstance(layers, int) or not 1 <= layers <= 100:
            raise SystemFileError(f"layers is a list, or a whole number from 1 to 100, not {layers!r}", where="moa")
        made = [references] * (layers - 1) + [[aggregator]]
    for number, layer in enumerate(made, 1):
        if not isinstance(layer, list) or not layer or not all(isinstance(name, str) and name for name in layer):
            raise SystemFileError(f"layer {number} is no list of model names: {layer!r}", where="moa")
    if not made:
        raise SystemFileError("there are no layers", where="moa")
    return made
