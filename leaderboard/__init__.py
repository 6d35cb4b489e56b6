"""What a browser sees: pages, tables, charts, submission checks and the public API."""
