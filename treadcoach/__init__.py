"""treadcoach: a treadmill coach that keeps a moving belt inside documented limits."""

__version__ = "0.1.0"
