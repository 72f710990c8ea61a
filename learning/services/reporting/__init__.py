"""Reports: gathering what they are made of, keeping them, and telling people."""
