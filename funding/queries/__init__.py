"""What screens, commands and reports read. Every function expects to run under `acting_as("area_funding")`."""
