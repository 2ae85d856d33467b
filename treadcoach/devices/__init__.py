"""Radio links on bleak; scanning with pyftms."""
