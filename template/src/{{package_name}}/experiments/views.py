"""Experiments over HTTP: every query names the owner, so another's row is a 404."""

from typing import Any

from flask import Response, request
from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from ..core.api.etags import check_if_match, representation
from ..core.api.openapi import IDEMPOTENCY_KEY, IF_MATCH, ApiBlueprint
from ..core.api.pagination import ROWS_AT_ONCE, page_of
from ..core.auth.owner import current_owner
from ..core.database import db, transactional
from ..core.errors import ProblemError
from ..core.idempotency import idempotent
from .models import Experiment
from .schemas import ExperimentIn, ExperimentOut, ExperimentPage, ExperimentPatch, ListArguments

blueprint = ApiBlueprint("experiments", "Experiments with a language model", "/api/v1/experiments")

ITEM = "/<int:experiment_id>"
OUT = ExperimentOut()
MINE = select(Experiment).filter_by(owner=bindparam("owner"), id=bindparam("id"))
COLUMNS = [getattr(Experiment, name) for name in OUT.fields]


@blueprint.route("", "GET")
@blueprint.query(ListArguments())
@blueprint.returns(200, ExperimentPage())
def list_experiments(arguments: dict[str, Any]) -> Response:
    """List your experiments"""
    mine = [Experiment.owner == current_owner()]
    if "status" in arguments:
        mine.append(Experiment.status == arguments["status"])
    total = db.session.scalar(select(func.count(Experiment.id)).where(*mine))
    sort, page, page_size = arguments["sort"], arguments["page"], arguments["page_size"]
    column = getattr(Experiment, sort.removeprefix("-"))
    order = (column.desc() if sort.startswith("-") else column, Experiment.id)
    chosen = select(*COLUMNS).where(*mine).order_by(*order)
    rows = db.session.execute(chosen.limit(page_size).offset((page - 1) * page_size))
    found = (row._asdict() for row in rows.yield_per(ROWS_AT_ONCE))
    return page_of(found, page, page_size, total)


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
    response = representation(OUT, experiment, 201)
    response.location = f"{request.path.rstrip('/')}/{experiment.id}"
    return response


@blueprint.route(ITEM, "GET")
@blueprint.returns(200, ExperimentOut())
def get_experiment(experiment_id: int) -> Response:
    """Get one of your experiments"""
    return representation(OUT, _mine(db.session(), experiment_id))


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
    return representation(OUT, experiment)


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
    experiment = session.scalars(MINE, {"owner": current_owner(), "id": experiment_id}).first()
    if experiment is None:
        raise ProblemError(404)
    return experiment
