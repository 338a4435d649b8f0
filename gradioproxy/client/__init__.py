"""Sessions, and what a caller does with them."""
