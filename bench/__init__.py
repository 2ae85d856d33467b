"""What is measured, and against whom. Run with scripts/bench; `--help` lists the parts."""
