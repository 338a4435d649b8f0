"""The tests: pure ones, and ones against real Gradio servers."""
