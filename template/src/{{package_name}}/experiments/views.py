"""Experiments over HTTP: every query names the owner, so another's row is a 404."""

from typing import Any

from flask import Response, jsonify, request
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from ..database import db, transactional
from ..errors import ProblemError
from ..idempotency import idempotent
from ..identity import current_owner
from ..openapi import IDEMPOTENCY_KEY, IF_MATCH, ApiBlueprint
from ..preconditions import check_if_match, representation
from .models import Experiment
from .schemas import ExperimentIn, ExperimentOut, ExperimentPage, ExperimentPatch, ListArguments

blueprint = ApiBlueprint("experiments", "Experiments with a language model", "/api/v1/experiments")

ITEM = "/<int:experiment_id>"


@blueprint.route("", "GET")
@blueprint.query(ListArguments())
@blueprint.returns(200, ExperimentPage())
def list_experiments(arguments: dict[str, Any]) -> Response:
    """List your experiments"""
    mine = select(Experiment).where(Experiment.owner == current_owner())
    if "status" in arguments:
        mine = mine.where(Experiment.status == arguments["status"])
    total = db.session.scalar(select(func.count()).select_from(mine.subquery()))
    sort, page, page_size = arguments["sort"], arguments["page"], arguments["page_size"]
    column = getattr(Experiment, sort.removeprefix("-"))
    ordered = mine.order_by(column.desc() if sort.startswith("-") else column, Experiment.id)
    rows = db.session.scalars(ordered.limit(page_size).offset((page - 1) * page_size))
    found = {"items": rows, "page": page, "page_size": page_size, "total": total}
    return jsonify(ExperimentPage().dump(found))


@blueprint.route("", "POST")
@blueprint.header(IDEMPOTENCY_KEY)
@blueprint.body(ExperimentIn())
@blueprint.returns(201, ExperimentOut())
@idempotent
def create_experiment(session: Session, values: dict[str, Any]) -> Response:
    """Create an experiment"""
    experiment = Experiment(owner=current_owner(), **values)
    session.add(experiment)
    session.flush()
    session.refresh(experiment)
    response = representation(ExperimentOut(), experiment, 201)
    response.location = f"{request.path.rstrip('/')}/{experiment.id}"
    return response


@blueprint.route(ITEM, "GET")
@blueprint.returns(200, ExperimentOut())
def get_experiment(experiment_id: int) -> Response:
    """Get one of your experiments"""
    return representation(ExperimentOut(), _mine(db.session(), experiment_id))


@blueprint.route(ITEM, "PATCH")
@blueprint.header(IF_MATCH)
@blueprint.body(ExperimentPatch(partial=True))
@blueprint.returns(200, ExperimentOut())
@transactional
def update_experiment(session: Session, values: dict[str, Any], experiment_id: int) -> Response:
    """Change parts of an experiment"""
    experiment = _mine(session, experiment_id)
    check_if_match(experiment)
    for name, value in values.items():
        setattr(experiment, name, value)
    session.flush()
    session.refresh(experiment)
    return representation(ExperimentOut(), experiment)


@blueprint.route(ITEM, "DELETE")
@blueprint.header(IF_MATCH)
@blueprint.returns(204)
@transactional
def delete_experiment(session: Session, experiment_id: int) -> Response:
    """Delete an experiment"""
    experiment = _mine(session, experiment_id)
    check_if_match(experiment)
    session.delete(experiment)
    return Response(status=204)


def _mine(session: Session, experiment_id: int) -> Experiment:
    mine = select(Experiment).filter_by(owner=current_owner(), id=experiment_id)
    experiment = session.scalars(mine).first()
    if experiment is None:
        raise ProblemError(404)
    return experiment
