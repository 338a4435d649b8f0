"""What callers pass becomes JSON, and JSON becomes what they get."""
