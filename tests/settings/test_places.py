"""Places: everything of an installation lies in its data folder."""

import os

from tallystick.settings.places import Where


def test_everything_lies_in_the_data_folder() -> None:
    where = Where("/srv/tally", "/home/dev", {}, "laptop", "dev")
    folders = (where.ledger, where.fetched_book, where.spool, where.inbox, where.pairing, where.record)
    assert len(set(folders)) == 6
    assert {os.path.commonpath([folder, where.data]) for folder in folders} == {where.data}
    assert os.path.basename(where.ledger) == "ledger.db"
    assert (where.homes, where.url) == ((), "")
