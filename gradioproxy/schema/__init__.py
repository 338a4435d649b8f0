"""What an app says of itself, read once: no JSON of a description leaves this package."""
