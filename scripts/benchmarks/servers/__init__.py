"""What is measured against: apps of a real Gradio, and a server that answers as fast as it can.

Rule: a server is a program whose standard output carries one line, its address, when it is ready;
the end of standard input ends it.
"""
