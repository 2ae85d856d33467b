"""What pages show of the journal and the plan: plain JSON-able data, made when it is asked for."""
