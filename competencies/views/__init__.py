"""The learning site's pages of what can be learned. Nothing on this site holds an amount of money."""
