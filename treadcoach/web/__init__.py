"""The house: pages and an API in a process of their own, which post intents and receive pictures."""
