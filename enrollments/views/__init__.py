"""The learning site's pages of classes, schools and people. Nothing on this site holds an amount of money."""
