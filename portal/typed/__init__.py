"""What people type, understood or asked back: numbers with units, years, days, yes or no, telephones.

All rooms read typed text here. A sign that has not been understood is never dropped.
"""
