-- One source as it was left: the fields of `Source`.
SELECT path, tool, witness, inode, size, mtime, place, head, state, last FROM sources WHERE path = :path
