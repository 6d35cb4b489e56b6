"""Submit, Queue and About, and the shell that holds the islands of the other pages."""
