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


def on_cancel(endpoint: str, config: Config) -> BillingOnCancel:
    """What `endpoint` bills after a cancel; `[billing_on_cancel]` in config.toml overrides the table."""
    own = config.billing_on_cancel.get(endpoint)
    if own is not None:
        return own
    if endpoint in STOPS:
        return "stops"
    return "continues" if endpoint in CONTINUES else "unknown"
