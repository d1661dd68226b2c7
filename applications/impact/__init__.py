"""What an edition would change for all firms, and what variants of a draft would cost."""
