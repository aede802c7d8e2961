"""What the learning site's pages read. Every function expects to run under `acting_as("area_learning")`."""
