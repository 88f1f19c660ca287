"""LiteLLM in a process of its own: it costs twenty times the CPU of a bare stream and seconds to import."""
