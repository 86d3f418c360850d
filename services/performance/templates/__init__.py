"""What people read when a command is refused, in English and Chinese."""
