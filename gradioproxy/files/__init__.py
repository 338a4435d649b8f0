"""Files on their way to an app and back."""
