"""What is kept and shared: record schemas, the results repo, the request queue, the snapshot."""
