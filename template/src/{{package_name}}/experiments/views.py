"""Experiments: the endpoints. Every query filters by owner, so another owner's row is a 404."""

from typing import Any

from flask import Response, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core.api.blueprint import Blueprint
from ..core.api.pagination import paginate
from ..core.auth.owner import current_owner
from ..core.database import transactional
from ..core.errors import ProblemError
from ..core.idempotency import idempotent
from .models import Experiment
from .schemas import ExperimentIn, ExperimentOut, ExperimentPage, ExperimentPatch, ListArguments

blueprint = Blueprint(
    "experiments",
    __name__,
    url_prefix="/api/v1/experiments",
    description="Experiments with a language model",
)


@blueprint.route("")
@blueprint.arguments(ListArguments(), location="query")
@transactional
@blueprint.response(200, ExperimentPage())
def list_experiments(session: Session, arguments: dict[str, Any]) -> Response:
    """List your experiments"""
    query = select(Experiment).filter_by(owner=current_owner())
    if "status" in arguments:
        query = query.filter_by(status=arguments["status"])
    sort = arguments["sort"]
    column = getattr(Experiment, sort.removeprefix("-"))
    query = query.order_by(column.desc() if sort.startswith("-") else column, Experiment.id)
    return paginate(session, query, arguments, ExperimentOut())


@blueprint.route("", methods=["POST"])
@blueprint.arguments(ExperimentIn())
@idempotent
@blueprint.etag
@blueprint.response(201, ExperimentOut())
def create_experiment(
    session: Session, values: dict[str, Any]
) -> tuple[Experiment, dict[str, str]]:
    """Create an experiment"""
    experiment = Experiment(owner=current_owner(), **values)
    session.add(experiment)
    session.flush()
    session.refresh(experiment)
    blueprint.set_etag(experiment)
    return experiment, {"Location": url_for(".get_experiment", experiment_id=experiment.id)}


@blueprint.route("/<id:experiment_id>")
@transactional
@blueprint.etag
@blueprint.response(200, ExperimentOut())
def get_experiment(session: Session, experiment_id: int) -> Experiment:
    """Get one of your experiments"""
    experiment = find_experiment(session, experiment_id)
    blueprint.set_etag(experiment)
    return experiment


@blueprint.route("/<id:experiment_id>", methods=["PATCH"])
@blueprint.arguments(ExperimentPatch(partial=True))
@transactional
@blueprint.etag
@blueprint.response(200, ExperimentOut())
def update_experiment(session: Session, values: dict[str, Any], experiment_id: int) -> Experiment:
    """Change parts of an experiment"""
    experiment = find_experiment(session, experiment_id)
    blueprint.check_etag(experiment)
    for name, value in values.items():
        setattr(experiment, name, value)
    session.flush()
    session.refresh(experiment)
    blueprint.set_etag(experiment)
    return experiment


@blueprint.route("/<id:experiment_id>", methods=["DELETE"])
@transactional
@blueprint.etag
@blueprint.response(204)
def delete_experiment(session: Session, experiment_id: int) -> None:
    """Delete an experiment"""
    experiment = find_experiment(session, experiment_id)
    blueprint.check_etag(experiment)
    session.delete(experiment)


def find_experiment(session: Session, experiment_id: int, *, lock: bool = False) -> Experiment:
    """Return the caller's experiment; `lock` keeps other transactions from changing or deleting it.

    Raises:
        ProblemError: 404.
    """
    query = select(Experiment).filter_by(owner=current_owner(), id=experiment_id)
    experiment = session.scalars(query.with_for_update(read=True) if lock else query).first()
    if experiment is None:
        raise ProblemError(404)
    return experiment
