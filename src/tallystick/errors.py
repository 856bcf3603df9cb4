"""The four kinds of error that a face translates, once, into its own language."""


class TallystickError(Exception):
    """Any failure that is told to the person in one sentence that says what to do."""


class Misused(TallystickError):
    """The question itself is wrong: an unknown word, a date that is none, options that exclude each other."""


class NotFound(TallystickError):
    """What was asked for does not exist here."""


class Refused(TallystickError):
    """The caller may not do this."""


class Unavailable(TallystickError):
    """Something that is needed is missing or busy: an extra, a file, a lock, a newer version."""
