"""Costs by hand: six numbers that add up, each by itself."""

from bncalc.model.cost import Cost


def layer() -> Cost:
    return Cost(2, 3, 5, 7, 11, 13)


def other() -> Cost:
    return Cost(100, 200, 300, 400, 500, 600)


def test_costs_add_number_by_number() -> None:
    assert layer() + other() == Cost(102, 203, 305, 407, 511, 613)


def test_costs_subtract_number_by_number() -> None:
    assert other() - layer() == Cost(98, 197, 295, 393, 489, 587)


def test_params_are_weights_and_biases_and_a_mac_is_two_operations() -> None:
    assert (layer().params, layer().flops) == (5, 25)


def test_copies_cost_as_often_and_a_further_use_costs_no_weights() -> None:
    assert layer().times(3) == Cost(6, 9, 15, 21, 33, 39)
    assert layer().reused() == Cost(0, 0, 0, 7, 11, 13)
