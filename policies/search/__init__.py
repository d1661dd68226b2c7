"""Finding programmes by the words of people: what was typed, and what it may mean; pure Python."""
