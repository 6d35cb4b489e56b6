"""What a person does in the page. A package, so that its files may share names with tests/."""
