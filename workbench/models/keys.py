"""API keys: from the environment, else from the system's keyring. They go to their provider and nowhere else."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Mapping

SERVICE = "workbench"
"""Service name in the keyring; the entry's user name is the variable's: `keyring set workbench OPENAI_API_KEY`."""
PATIENCE_S = 1.0
"""How long a keyring may take once; a locked one that asks on another screen must not block the app."""

_BY_NAME = (
    "ai21 aihubmix aiml amazon_nova anyscale azure_ai baseten bedrock_mantle cerebras cloudflare codestral cognition "
    "crusoe darkbloom dashscope databricks deepinfra deepseek friendliai gmi gradient_ai groq heroku hyperbolic "
    "inception libertai llamagate meta minimax mistral modelscope moonshot morph nebius nlp_cloud novita nscale "
    "nvidia_nim openai ovhcloud pinstripes prism publicai qwen_ai_platform qwencloud sail sambanova sarvam scx "
    "tencent v0 vercel_ai_gateway wandb xai xiaomi_mimo zai"
)
"""Providers whose key stands in `<NAME>_API_KEY`."""

VARIABLES: dict[str, tuple[str, ...]] = {
    **{name: (f"{name.upper()}_API_KEY",) for name in _BY_NAME.split()},
    "anthropic": ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN"),
    "azure": ("AZURE_API_KEY", "AZURE_AD_TOKEN"),
    "cohere": ("COHERE_API_KEY", "CO_API_KEY"),
    "featherless_ai": ("FEATHERLESS_AI_API_KEY", "FEATHERLESS_API_KEY"),
    "fireworks_ai": ("FIREWORKS_AI_API_KEY", "FIREWORKS_API_KEY", "FIREWORKSAI_API_KEY", "FIREWORKS_AI_TOKEN"),
    "gemini": ("GEMINI_API_KEY", "GOOGLE_API_KEY"),
    "gigachat": ("GIGACHAT_API_KEY", "GIGACHAT_ACCESS_TOKEN"),
    "huggingface": ("HF_TOKEN", "HUGGINGFACE_API_KEY"),
    "lambda_ai": ("LAMBDA_API_KEY",),
    "meta_llama": ("LLAMA_API_KEY",),
    "openrouter": ("OPENROUTER_API_KEY", "OR_API_KEY"),
    "perplexity": ("PERPLEXITYAI_API_KEY", "PERPLEXITY_API_KEY"),
    "replicate": ("REPLICATE_API_KEY", "REPLICATE_API_TOKEN"),
    "tensormesh": ("TENSORMESH_INFERENCE_API_KEY",),
    "together_ai": ("TOGETHERAI_API_KEY", "TOGETHER_API_KEY", "TOGETHER_AI_API_KEY", "TOGETHER_AI_TOKEN"),
    "volcengine": ("VOLCENGINE_API_KEY", "ARK_API_KEY"),
    "watsonx": ("WATSONX_API_KEY", "WATSONX_APIKEY", "WX_API_KEY"),
}
"""Provider → the variables its key may stand in. A provider that is missing here is taken as callable without one."""


class Keys:
    """Looks keys up. `environ` and `keyring` are replaced in tests; `keyring(name)` returns None for no entry."""

    def __init__(
        self, environ: Mapping[str, str] | None = None, keyring: Callable[[str], str | None] | None = None
    ) -> None:
        self._environ = os.environ if environ is None else environ
        self._keyring = keyring or _system_keyring
        self._kept: dict[str, str] = {}
        self._stuck = False

    def variable(self, name: str, *, ask_keyring: bool = True) -> str:
        """The key that stands in the variable `name`, or under that name in the keyring; empty where there is none."""
        value = self._environ.get(name, "")
        if value or not name:
            return value
        if ask_keyring and name not in self._kept and not self._stuck:
            self._kept[name] = self._ask(name)
        return self._kept.get(name, "")

    def in_environment(self, provider: str) -> str:
        """The key of a LiteLLM provider that stands in the environment; empty where there is none."""
        names = VARIABLES.get(provider, ())
        return next((value for name in names if (value := self._environ.get(name))), "")

    def provider(self, provider: str, *, ask_keyring: bool = True) -> str:
        """The key of a LiteLLM provider, from the environment or the keyring; empty where there is none."""
        names = VARIABLES.get(provider, ())
        return self.in_environment(provider) or (self.variable(names[0], ask_keyring=ask_keyring) if names else "")

    def problem(self, provider: str, *, ask_keyring: bool = True) -> str:
        """`set OPENAI_API_KEY` where the provider needs a key that isn't there; else empty."""
        if provider not in VARIABLES or self.provider(provider, ask_keyring=ask_keyring):
            return ""
        if provider == "openai" and own_server(self._environ):
            return ""
        return f"set {VARIABLES[provider][0]}"

    def _ask(self, name: str) -> str:
        """Ask the keyring in a thread that may be left behind: some backends open a dialog and wait."""
        answer: list[str] = []

        def ask() -> None:
            try:
                answer.append(self._keyring(name) or "")
            except Exception:  # a backend may raise anything, and no key is what that means
                answer.append("")

        thread = threading.Thread(target=ask, name="keyring", daemon=True)
        thread.start()
        thread.join(PATIENCE_S)
        self._stuck = thread.is_alive()
        return answer[0] if answer else ""


def secrets(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Every key that stands in the environment, so that no message repeats one."""
    return tuple(value for names in VARIABLES.values() for name in names if (value := environ.get(name)))


def own_server(environ: Mapping[str, str]) -> str:
    """The address that `openai/…` is sent to instead of OpenAI's, from the environment; empty for OpenAI's."""
    return environ.get("OPENAI_BASE_URL") or environ.get("OPENAI_API_BASE") or ""


def _system_keyring(name: str) -> str | None:
    import keyring

    value: str | None = keyring.get_password(SERVICE, name)
    return value
