"""The pages of firms: whom a user acts for, and what they fill in."""
