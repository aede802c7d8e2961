"""The name of an effect as a key: what `funding.effect_key` in database/guards.sql makes of the same text."""

import hashlib
import uuid


def effect_key(effect: str) -> uuid.UUID:
    """The first 16 bytes of the name's SHA-256."""
    return uuid.UUID(bytes=hashlib.sha256(effect.encode()).digest()[:16])
