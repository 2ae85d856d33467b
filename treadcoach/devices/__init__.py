"""Radio links on bleak, one file a device; scanning with pyftms."""
