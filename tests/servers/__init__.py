"""What people do, against real servers of Gradio."""
