"""A tiny process that stops the belt when the coach dies or hangs."""
