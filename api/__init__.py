"""The form that every endpoint of the learning record has; what an endpoint says stands in its own app's rest."""
