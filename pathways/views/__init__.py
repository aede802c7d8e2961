"""The learning site's pages. Nothing on this site holds an amount of money."""
