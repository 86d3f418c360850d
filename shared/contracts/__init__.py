"""What we say: messages, topics and their golden examples. No I/O."""
