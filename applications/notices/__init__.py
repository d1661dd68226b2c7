"""Public notices, objections to them, and recognitions."""
