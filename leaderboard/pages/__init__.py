"""The board's pages, one a file; each has `build(board)`, called inside its route."""
