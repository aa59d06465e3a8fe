"""The test matrix: variants cover every pair of answers, the product every combination."""

import copy
import math
from typing import Any

import pytest

from tools.matrix import product, questions
from tools.matrix.checks import BLOCKING, CHECKS, CHECKS_OF_TEXT
from tools.matrix.presets import PRESETS
from tools.matrix.questions import CONFIG, FREE_TEXT, answers, defaults, factors, row
from tools.matrix.variants import (
    combined,
    every,
    identifier,
    rows,
    structure,
    texts,
    triples,
    variants,
)
from tools.render import ROOT


def test_every_pair_of_answers_is_in_a_variant() -> None:
    assert len(every(2)) > 100
    assert sorted(map(str, every(2) - combined(variants().values(), 2))) == []


def test_full_run_covers_every_three_answers() -> None:
    assert sorted(map(str, every(3) - combined(rows().values(), 3))) == []
    assert not variants().keys() & triples().keys()


def test_every_text_level_and_python_is_in_a_variant() -> None:
    for factor, values in factors().items():
        assert {row[factor] for row in variants().values()} == set(values), factor


def test_every_text_and_level_has_a_row_with_the_default_structure() -> None:
    usual = defaults()
    for factor, values in factors().items():
        found = {row[factor] for row in texts().values()}
        is_text = factor not in product.shaping() and factor != "python_version"
        assert found | {usual[factor]} == set(values) if is_text else found == {usual[factor]}


def test_uncovered_pair_is_detected() -> None:
    """Without the variants that contain a pair, that pair is missing."""
    pair = (("database", "mariadb"), ("auth", "none"))
    assert pair in combined(variants().values(), 2)
    without = [row for row in variants().values() if not set(pair) <= set(row.items())]
    assert pair in every(2) - combined(without, 2)


def test_presets_come_first_and_are_complete_rows() -> None:
    assert list(variants())[: len(PRESETS)] == list(PRESETS)
    for name, told in PRESETS.items():
        assert variants()[name] == row(told)
        assert told.items() <= answers(row(told)).items()


def test_there_is_a_preset_for_each_database_and_one_with_every_part() -> None:
    databases = {preset.get("database", "sqlite") for preset in PRESETS.values()}
    assert databases == set(factors()["database"])
    assert set(PRESETS) >= {"default", "everything", "bare", *databases}
    everything, bare = variants()["everything"], variants()["bare"]
    for factor, values in factors().items():
        if set(values) == {True, False}:
            assert everything[factor] is True, factor
            assert bare[factor] is False, factor
        if "none" in values:
            assert everything[factor] != "none", factor
            assert bare[factor] == "none", factor


def test_variants_are_unique_and_their_ids_can_be_typed() -> None:
    found = [tuple(row.values()) for row in rows().values()]
    assert len(set(found)) == len(found) == len(variants()) + len(triples()) + len(texts())
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-") for name in rows())


def test_an_id_says_what_differs_from_the_defaults() -> None:
    told = {"database": "postgresql", "auth": "none", "example": False, "log_level": "DEBUG"}
    assert identifier(row(told)) == "postgresql-debug-no-auth-no-example"
    assert identifier(defaults()) == "default"


def test_new_choice_joins_the_matrix_automatically() -> None:
    config = copy.deepcopy(CONFIG)
    config["database"]["choices"]["Another"] = "another"
    config["deploy"] = {
        "type": "str",
        "multiselect": True,
        "choices": ["docker", "kubernetes"],
        "default": ["docker"],
    }
    found = factors(config)
    assert "another" in found["database"]
    assert found["deploy.docker"] == [True, False]
    assert found["deploy.kubernetes"] == [False, True]


def test_question_without_values_is_an_error() -> None:
    config: dict[str, Any] = CONFIG | {"motto": {"type": "str", "default": "Hold fast"}}
    with pytest.raises(KeyError, match="motto"):
        factors(config)


def test_multiselect_members_become_one_answer() -> None:
    told = answers({"auth": "none", "deploy.docker": True, "deploy.render": False, "ci.x": False})
    assert told == {"auth": "none", "deploy": ["docker"], "ci": []}


def test_free_text_values_belong_to_existing_questions() -> None:
    assert set(FREE_TEXT) <= set(questions.questions())


def test_product_has_every_combination_of_structural_answers() -> None:
    names = product.shaping()
    assert {"database", "rate_limit_storage", "auth", "upstream", "example"} <= set(names)
    assert not set(names) & {"project_name", "description", "rate_limit", "log_level"}
    shapes = {tuple(row[name] for name in names) for row in product.product()}
    assert len(shapes) == math.prod(len(factors()[name]) for name in names)


def test_texts_rotate_through_the_product() -> None:
    for factor, values in factors().items():
        assert {row[factor] for row in product.product()} == set(values)


def test_sample_is_stable_and_has_every_structural_answer() -> None:
    first = product.product()[: product.SAMPLE]
    product.product.cache_clear()
    assert product.product()[: product.SAMPLE] == first
    for factor, values in structure().items():
        assert {row[factor] for row in first} == set(values)


def test_every_check_is_a_module_and_every_module_a_check() -> None:
    modules = {path.stem for path in (ROOT / "tests" / "variants").glob("test_*.py")}
    assert modules == {f"test_{name}" for name in CHECKS}
    assert set(BLOCKING) <= set(CHECKS)
    assert set(CHECKS_OF_TEXT) <= set(CHECKS)
