"""What a week or a month is told as: one document, from which page, mail, print and JSON are made."""
