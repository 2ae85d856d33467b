"""One step a file. What a step makes is written out in it: the schema of today changes, a step does not."""
