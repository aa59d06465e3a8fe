"""Runs: the endpoints. The model is called outside any transaction, so that no connection waits."""

from dataclasses import asdict
from typing import Any

from flask import Response, jsonify, url_for
from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from ..core import upstream
from ..core.api.blueprint import IDEMPOTENCY_KEY, Blueprint
from ..core.api.pagination import PageArguments, paginate
from ..core.auth.owner import current_owner
from ..core.database import transaction, transactional
from ..core.database.quotas import require_room
from ..core.errors import ProblemError
from ..core.idempotent_calls import STILL, call_once
from ..core.upstream.completions import Completion
from ..experiments.views import find_experiment
from .models import Run
from .schemas import RunOut, RunPage

# The parameters that are passed to the model: they can change neither model nor response format.
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

blueprint = Blueprint(
    "runs",
    __name__,
    url_prefix="/api/v1/experiments/<id:experiment_id>",
    description="What the model answers to experiments",
)


@blueprint.route("/run", methods=["POST"])
@blueprint.doc(parameters=[IDEMPOTENCY_KEY])
@blueprint.response(201, RunOut())
@blueprint.alt_response(409, description=STILL)
@blueprint.alt_response(502)
@blueprint.alt_response(504)
def run_experiment(experiment_id: int) -> Response:
    """Ask the model, and keep its answer and cost"""

    def ask() -> Completion:
        with transaction() as session:
            experiment = find_experiment(session, experiment_id)
            require_room(session, Run)
        options = {name: experiment.parameters[name] for name in OPTIONS & {*experiment.parameters}}
        return client.complete(experiment.query, options | {"temperature": experiment.temperature})

    def keep(session: Session, completion: Completion) -> Response:
        find_experiment(session, experiment_id, lock=True)  # it may have been deleted meanwhile
        run = Run(owner=current_owner(), experiment_id=experiment_id, **asdict(completion))
        session.add(run)
        session.flush()
        session.refresh(run)
        response = jsonify(RunOut().dump(run))
        response.status_code = 201
        response.location = url_for(".get_run", experiment_id=experiment_id, run_id=run.id)
        return response

    client = upstream.current()
    return call_once(ask, keep, client.seconds)


@blueprint.route("/runs")
@blueprint.arguments(PageArguments(), location="query")
@transactional
@blueprint.response(200, RunPage())
def list_runs(session: Session, arguments: dict[str, Any], experiment_id: int) -> Response:
    """List the runs of an experiment, the newest first"""
    find_experiment(session, experiment_id)
    query = _runs(experiment_id).order_by(Run.id.desc())
    return paginate(session, query, arguments, RunOut())


@blueprint.route("/runs/<id:run_id>")
@transactional
@blueprint.response(200, RunOut())
def get_run(session: Session, experiment_id: int, run_id: int) -> Run:
    """Get one run of an experiment"""
    run = session.scalars(_runs(experiment_id).filter_by(id=run_id)).first()
    if run is None:
        raise ProblemError(404)
    return run


def _runs(experiment_id: int) -> Select[Run]:
    return select(Run).filter_by(owner=current_owner(), experiment_id=experiment_id)
