-- By what an unchanged source is known: (path, inode, size, mtime).
SELECT path, inode, size, mtime FROM sources
