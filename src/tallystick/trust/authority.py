"""The authority of this machine: made once, limited to the providers' hosts, made anew before it ends or when the hosts change."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final, NamedTuple

from tallystick.errors import Unavailable
from tallystick.trust import certificates
from tallystick.trust.certificates import Certificate
from tallystick.trust.folder import Folder, content, guarded, private, remove, write
from tallystick.trust.subtrees import subtrees

RENEWAL: Final = 30 * timedelta(days=1) // timedelta(milliseconds=1)
"""Milliseconds before its end from which on an authority is made anew."""


class Authority(NamedTuple):
    """An authority, and those before it that have not ended."""

    folder: Folder
    certificate: Certificate
    retired: tuple[Certificate, ...] = ()
    """Still trusted: a proxy that has not been started anew goes on signing with the one before."""
    fresh: bool = False
    """Whether it was made just now."""

    @property
    def pem(self) -> bytes:
        """All its certificates."""
        return b"".join(each.pem for each in (self.certificate, *self.retired))


def found(folder: Folder, now: int) -> Authority | None:
    """Return the authority of a folder; None where there is none.

    `now` is in milliseconds since 1970, UTC. Raises Unavailable when its key is open to others or is no key.
    """
    both = content(folder.key)
    if both is None:
        return None
    private(folder)
    guarded(folder.key)
    if not certificates.belongs(both):
        raise Unavailable(f"{folder.key} does not hold a key and its certificate. `tally ca rotate` makes a new one.")
    return Authority(folder, certificates.read(both), _retired(folder, now))


def certificate_of(folder: Folder) -> Certificate | None:
    """Return the certificate of a folder, whatever state its key is in; None where there is none that can be read."""
    try:
        return certificates.read(content(folder.key) or b"")
    except ValueError:
        return None


def ensured(folder: Folder, patterns: Iterable[str], now: int) -> Authority:
    """Return an authority for the hosts of some patterns: the one that is there, or a new one.

    It is made anew where it can sign for other hosts than these, and 30 days before it ends. `now` is in milliseconds since
    1970, UTC. Raises Unavailable when the key that is there is open to others, and Misused for a pattern that covers too much.
    """
    there = found(folder, now)
    wanted = subtrees(patterns)
    if there is None or there.certificate.hosts != wanted or there.certificate.ends - now < RENEWAL:
        return rotated(folder, wanted, now)
    if content(folder.certificate) != there.certificate.pem:
        # Whoever made it was stopped before this.
        write(folder.certificate, there.certificate.pem)
    return there


def rotated(folder: Folder, patterns: Iterable[str], now: int, *, keep: bool = True) -> Authority:
    """Make a new authority for the hosts of some patterns; those before it stay trusted until they end, where they are kept.

    One whose key was open to others is never kept. `now` is in milliseconds since 1970, UTC.
    """
    wanted = subtrees(patterns)
    if not wanted:
        raise Unavailable("No host is to be read, so that there is nothing to sign for.")
    private(folder)
    retired = (*_last(folder, now), *_retired(folder, now)) if keep else ()
    kept = {each.fingerprint: each for each in retired}
    key, certificate = certificates.make(wanted, now)
    # In this order: stopped in between, it is found with the key or not at all.
    if kept:
        write(folder.retired, b"".join(each.pem for each in kept.values()))
    else:
        remove(folder.retired)
    write(folder.key, key + certificate)
    write(folder.certificate, certificate)
    return Authority(folder, certificates.read(certificate), tuple(kept.values()), fresh=True)


def _last(folder: Folder, now: int) -> tuple[Certificate, ...]:
    """Return the certificate of the authority that is about to be replaced, unless somebody else may have its key."""
    last = certificate_of(folder)
    try:
        guarded(folder.key)
    except Unavailable:
        return ()
    return (last,) if last is not None and last.ends > now else ()


def _retired(folder: Folder, now: int) -> tuple[Certificate, ...]:
    try:
        found: tuple[Certificate, ...] = certificates.each(content(folder.retired) or b"")
    except ValueError:
        return ()
    return tuple(each for each in found if each.ends > now)
