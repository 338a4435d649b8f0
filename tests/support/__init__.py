"""What tests stand on, with its own tests."""
