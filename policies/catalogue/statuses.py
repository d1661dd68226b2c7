"""What becomes of an edition, in the words that models, guards and pages share."""

DRAFT = "draft"
# Those that count on the days from their start to their end.
STANDING = ("published", "retired")
# Those that were published and count no longer, on no day.
REPLACED = ("corrected", "withdrawn")
# What a status may become; a draft is retired at once where it corrects what is retired.
MOVES = {
    DRAFT: STANDING,
    "published": ("retired", *REPLACED),
    "retired": REPLACED,
}
