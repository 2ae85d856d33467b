"""Bytes of Bluetooth characteristics to samples and back. Pure; never raises but FrameError."""
