"""Plans: written, revised, expired, and told what came of them."""
