-- Every source as it was left, by number, from one on, so many at most: (id) and the fields of `Source`.
SELECT id, path, tool, witness, inode, size, mtime, place, head, state, last FROM sources WHERE id >= :least ORDER BY id LIMIT :most
