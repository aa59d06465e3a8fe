"""Fill the table up to ROWS rows."""

import os

from bare import Experiment, app, db
from sqlalchemy import func, insert, select

with app.app_context():
    there = db.session.scalar(select(func.count(Experiment.id))) or 0
    text = {"query": "Say it like a pirate: hello", "parameters": {"top_p": 1}}
    rows = [{"name": f"row-{number:07}"} | text for number in range(there, int(os.environ["ROWS"]))]
    for first in range(0, len(rows), 10_000):
        db.session.execute(insert(Experiment), rows[first : first + 10_000])
    db.session.commit()
