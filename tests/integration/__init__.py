"""Several modules together, over scripted peers; no servers of Gradio."""
