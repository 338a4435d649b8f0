"""Fifty threads that make calls for an hour over networks that break, and what became of each.

`__main__` starts the servers, puts proxies that break the network before them, and kills a server
now and then; `crowd` is the process that makes the calls; `figures` compares what it got with what
the servers wrote down. Run by ``scripts/soak``.
"""
