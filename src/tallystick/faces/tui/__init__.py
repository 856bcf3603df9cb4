"""The live view: what goes on right now, drawn on a terminal anew as it changes."""
