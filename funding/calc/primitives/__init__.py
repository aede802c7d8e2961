"""What a policy is put together from: small pure functions over exact fractions. engine/vocabulary.py names them for policy files."""
