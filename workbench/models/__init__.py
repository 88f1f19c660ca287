"""Where tokens come from: the catalogue, LiteLLM, OpenAI-compatible servers, embedded, simulated, recorded models."""
