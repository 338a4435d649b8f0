"""Many calls of one function: their pace, who makes them, and what is kept of them."""
