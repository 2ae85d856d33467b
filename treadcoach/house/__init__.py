"""The house's process: pages, messages and files, apart from the belt's own."""
