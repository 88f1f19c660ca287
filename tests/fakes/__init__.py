"""Stand-ins for the world outside: servers that fail on demand."""
