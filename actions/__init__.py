"""What the assistant does between a message and its reply: look an answer up. Nothing here writes."""
