"""Pictures of the app for the README and the docs."""
