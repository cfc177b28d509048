"""The stores of the projects' documents, and the dead-letter queue."""
