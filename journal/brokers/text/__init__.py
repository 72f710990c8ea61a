"""What readers of text files share: bytes into lines and cells, cells into numbers and moments."""
