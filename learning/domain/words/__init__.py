"""How the learner speaks: a word and its number together, and no cause where none was confirmed."""
