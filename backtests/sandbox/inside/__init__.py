"""The zygote and what runs in its children. Nothing here, and nothing that is imported here, knows Django."""
