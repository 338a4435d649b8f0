"""What an app promises to its callers: read from its description, kept in a file, compared."""
