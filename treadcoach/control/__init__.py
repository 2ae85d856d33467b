"""What decides about the belt, without a loop, a clock or a radio of its own."""
