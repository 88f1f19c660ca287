"""Whether a provider goes on charging after a cancel, from its own public statements."""

from __future__ import annotations

from workbench.config import BillingOnCancel, Config

STOPS = frozenset(
    {
        "openai",
        "azure",
        "azure_ai",
        "anthropic",
        "fireworks_ai",
        "deepinfra",
        "together_ai",
        "cohere",
        "xai",
        "deepseek",
    }
)
"""Charge what was generated until the cancel. Source: OpenRouter's list of routes with stream cancellation."""
CONTINUES = frozenset(
    {"bedrock", "groq", "gemini", "vertex_ai", "mistral", "perplexity", "huggingface", "replicate", "sambanova",
     "dashscope", "nebius"}
)  # fmt: skip
"""Generate and charge on after the client has gone, or do not say that they stop: the worst case is the honest one."""


def known_from(endpoint: str, config: Config, *, here: bool = False) -> str:
    """Where `billing_on_cancel` of an endpoint is known from, in words. `here`: it is a server on this machine."""
    if endpoint in config.billing_on_cancel:
        return f"config.toml, [billing_on_cancel] {endpoint}"
    if endpoint in config.endpoints and config.endpoints[endpoint].billing_on_cancel != "unknown":
        return f"config.toml, [endpoints.{endpoint}]"
    if endpoint == "local":
        return "the embedded server frees the slot at once"
    if here:
        return "servers of this kind stop; a probe tells"
    if endpoint in STOPS:
        return "OpenRouter's list of routes with stream cancellation"
    return "no public statement that it stops" if endpoint in CONTINUES else "nobody says"


def on_cancel(endpoint: str, config: Config) -> BillingOnCancel:
    """What `endpoint` bills after a cancel; `[billing_on_cancel]` in config.toml overrides the table."""
    own = config.billing_on_cancel.get(endpoint)
    if own is not None:
        return own
    if endpoint in STOPS:
        return "stops"
    return "continues" if endpoint in CONTINUES else "unknown"
