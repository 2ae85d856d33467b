"""The one way to the belt: bounds, the gate, the byte gate and the watch."""
