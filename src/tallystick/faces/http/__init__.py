"""The HTTP face: the same answers for programs and pages, guarded like a house whose door is open."""
