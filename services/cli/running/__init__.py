"""The whole system as child processes: Kafka, PostgreSQL, the mail server, and every service."""
