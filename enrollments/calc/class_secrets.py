"""A class code and a student's own secret: how they are read and how a secret is kept. Pure."""

import hashlib
import unicodedata

# No letter or digit that is taken for another.
CODE_ALPHABET = "ACDEFHJKMNPRTUVWXY34679"
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
CODE_CHARACTERS = 7
SYLLABLES = 8
TYPED_CHARACTERS = 100
_COST, _BLOCK, _LANES = 2**14, 8, 1


def code_from(typed: str) -> str:
    """The class code that somebody typed, whatever the case and the spaces and dashes in it."""
    return "".join(letter for letter in typed[:TYPED_CHARACTERS].upper() if letter.isalnum())


def secret_hash(typed: str, salt: str) -> str:
    """The slow hash (scrypt, about 50 ms) under which a class keeps a secret; 128 hexadecimal characters."""
    plain = unicodedata.normalize("NFKC", typed[:TYPED_CHARACTERS]).lower()
    letters = "".join(letter for letter in plain if letter.isalnum()).encode()
    return hashlib.scrypt(letters, salt=salt.encode(), n=_COST, r=_BLOCK, p=_LANES).hex()
