"""What others rely on: the public interface and its types."""
