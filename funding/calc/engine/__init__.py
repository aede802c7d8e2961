"""A policy file read, checked as a whole before any fact is seen, and worked out over facts with its trace."""
