"""Runs over HTTP: the model is asked outside of any transaction, so that no connection waits."""

from dataclasses import asdict
from typing import Any

from flask import Response, jsonify
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from ..core import upstream
from ..core.api.openapi import IDEMPOTENCY_KEY, ApiBlueprint
from ..core.api.pagination import ROWS_AT_ONCE, page_of
from ..core.auth.owner import current_owner
from ..core.database import db, transaction
from ..core.database.quotas import require_room
from ..core.errors import ProblemError
from ..core.idempotent_calls import STILL, call_once
from ..core.upstream.completions import Completion
from ..experiments.models import Experiment
from .models import Run
from .schemas import ListArguments, RunOut, RunPage

EXPERIMENT = "/api/v1/experiments/<int:experiment_id>"
# What of an experiment's parameters the model is told; neither its name nor how it answers.
OPTIONS = frozenset(
    {
        "frequency_penalty",
        "max_completion_tokens",
        "max_tokens",
        "presence_penalty",
        "seed",
        "stop",
        "top_p",
    }
)

OUT = RunOut()

blueprint = ApiBlueprint("runs", "What the model answers to experiments", EXPERIMENT)


@blueprint.route("/run", "POST")
@blueprint.header(IDEMPOTENCY_KEY)
@blueprint.returns(201, RunOut())
@blueprint.refuses(409, STILL)
@blueprint.refuses(502)
@blueprint.refuses(504)
def run_experiment(experiment_id: int) -> Response:
    """Ask the model, and keep its answer and cost"""

    def ask() -> Completion:
        with transaction() as session:
            experiment = _mine(session, experiment_id)
            require_room(session, Run)
        options = {name: experiment.parameters[name] for name in OPTIONS & {*experiment.parameters}}
        return client.complete(experiment.query, options | {"temperature": experiment.temperature})

    def keep(session: Session, completion: Completion) -> Response:
        _mine(session, experiment_id, lock=True)  # it may have been deleted meanwhile
        run = Run(owner=current_owner(), experiment_id=experiment_id, **asdict(completion))
        session.add(run)
        session.flush()
        session.refresh(run)
        response = jsonify(OUT.dump(run))
        response.status_code = 201
        response.location = f"{EXPERIMENT.partition('<')[0]}{experiment_id}/runs/{run.id}"
        return response

    client = upstream.current()
    return call_once(ask, keep, client.seconds)


@blueprint.route("/runs", "GET")
@blueprint.query(ListArguments())
@blueprint.returns(200, RunPage())
def list_runs(arguments: dict[str, Any], experiment_id: int) -> Response:
    """List the runs of an experiment, the newest first"""
    _mine(db.session(), experiment_id)
    mine, page, page_size = _runs(experiment_id), arguments["page"], arguments["page_size"]
    total = db.session.scalar(select(func.count()).select_from(mine.subquery()))
    newest = mine.order_by(Run.id.desc()).limit(page_size).offset((page - 1) * page_size)
    rows = db.session.scalars(newest).yield_per(ROWS_AT_ONCE)
    return page_of(map(OUT.dump, rows), page, page_size, total)


@blueprint.route("/runs/<int:run_id>", "GET")
@blueprint.returns(200, RunOut())
def get_run(experiment_id: int, run_id: int) -> Response:
    """Get one run of an experiment"""
    run = db.session.scalars(_runs(experiment_id).filter_by(id=run_id)).first()
    if run is None:
        raise ProblemError(404)
    return jsonify(OUT.dump(run))


def _runs(experiment_id: int) -> Select[Run]:
    return select(Run).filter_by(owner=current_owner(), experiment_id=experiment_id)


def _mine(session: Session, experiment_id: int, *, lock: bool = False) -> Experiment:
    mine = select(Experiment).filter_by(owner=current_owner(), id=experiment_id)
    experiment = session.scalars(mine.with_for_update(read=True) if lock else mine).first()
    if experiment is None:
        raise ProblemError(404)
    return experiment
