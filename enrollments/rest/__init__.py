"""The API of this app: the intake of completions, and classes."""
