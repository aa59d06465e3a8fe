"""The matrix: every pair of answers is in a variant, every combination in the product."""

import copy
import math
from typing import Any

import pytest

from .matrix import product, questions
from .matrix.checks import BLOCKING, CHECKS
from .matrix.presets import PRESETS
from .matrix.questions import CONFIG, FREE_TEXT, answers, defaults, factors, row
from .matrix.variants import every_pair, identifier, pairs, variants
from .render import ROOT


def test_every_pair_of_answers_is_in_a_variant() -> None:
    covered = pairs(variants().values())
    assert len(every_pair()) > 300
    assert sorted(map(str, every_pair() - covered)) == []


def test_a_pair_that_is_in_no_variant_is_noticed() -> None:
    """Take the variants with one pair away, and that pair is missing."""
    pair = (("database", "mariadb"), ("auth", "none"))
    without = [row for row in variants().values() if not set(pair) <= set(row.items())]
    assert pair in every_pair() - pairs(without)


def test_presets_come_first_and_are_whole_rows() -> None:
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


def test_no_two_variants_are_the_same_and_each_id_can_be_typed() -> None:
    rows = [tuple(row.values()) for row in variants().values()]
    assert len(set(rows)) == len(rows)
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789.-") for name in variants())


def test_an_id_says_what_differs_from_the_defaults() -> None:
    told = {"database": "postgresql", "auth": "none", "example": False, "log_level": "DEBUG"}
    assert identifier(row(told)) == "postgresql-debug-no-auth-no-example"
    assert identifier(defaults()) == "default"


def test_a_new_choice_enters_the_matrix_by_itself() -> None:
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


def test_a_question_without_values_is_noticed() -> None:
    config: dict[str, Any] = CONFIG | {"motto": {"type": "str", "default": "Hold fast"}}
    with pytest.raises(KeyError, match="motto"):
        factors(config)


def test_the_members_of_a_multiple_choice_become_one_answer() -> None:
    told = answers({"auth": "none", "deploy.docker": True, "deploy.render": False, "ci.x": False})
    assert told == {"auth": "none", "deploy": ["docker"], "ci": []}


def test_free_text_is_named_for_questions_that_are_asked() -> None:
    assert set(FREE_TEXT) <= set(questions.questions())


def test_the_product_holds_every_combination_of_the_answers_that_change_files() -> None:
    names = product.shaping()
    assert {"database", "rate_limit_storage", "auth", "upstream", "example"} <= set(names)
    assert not set(names) & {"project_name", "description", "rate_limit", "log_level"}
    shapes = {tuple(row[name] for name in names) for row in product.product()}
    assert len(shapes) == math.prod(len(factors()[name]) for name in names)


def test_texts_rotate_through_the_product() -> None:
    for factor, values in factors().items():
        assert {row[factor] for row in product.product()} == set(values)


def test_the_sample_is_200_and_the_same_at_every_run() -> None:
    assert len(product.sample()) == 200
    first = list(product.sample())
    product.product.cache_clear()
    assert product.sample() == first


def test_every_check_is_a_module_and_every_module_a_check() -> None:
    modules = {path.stem for path in (ROOT / "tests" / "variants").glob("test_*.py")}
    assert modules == {f"test_{name}" for name in CHECKS}
    assert set(BLOCKING) <= set(CHECKS)
