"""What screens and commands read of people."""
