"""A real Kafka, PostgreSQL and SMTP server as child processes."""
