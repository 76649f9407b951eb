"""The arithmetic of pictures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsroom.images.plan import Order, cut, name, needed, rungs, scaled

SIDES = st.integers(1, 100_000)
SIZES = st.tuples(SIDES, SIDES)
PERCENT = st.integers(0, 100)
WIDTHS = st.lists(st.integers(1, 4000), min_size=1, max_size=6, unique=True).map(lambda found: tuple(sorted(found)))
ORDERS = st.builds(
    Order,
    st.tuples(st.integers(1, 2000), st.integers(1, 2000)) | st.just((0, 0)),
    st.tuples(PERCENT, PERCENT),
    WIDTHS | st.just(()),
    st.integers(1, 4000),
)


@given(SIZES, st.integers(1, 4000))
def test_a_picture_is_never_made_larger_and_keeps_its_ratio_to_the_nearest_pixel(
    size: tuple[int, int], most: int
) -> None:
    width, height = scaled(size, most)
    assert width == min(size[0], most)
    exact = size[1] * width / size[0]
    assert abs(height - exact) <= 0.5 or (height == 1 and exact < 1)


@given(SIZES, ORDERS)
def test_a_cut_lies_in_the_picture_and_touches_two_of_its_edges(size: tuple[int, int], order: Order) -> None:
    left, top, right, bottom = cut(size, order)
    assert 0 <= left < right <= size[0]
    assert 0 <= top < bottom <= size[1]
    assert right - left == size[0] or bottom - top == size[1]


@given(SIZES, ORDERS)
def test_a_cut_has_its_ratio_to_the_nearest_pixel(size: tuple[int, int], order: Order) -> None:
    left, top, right, bottom = cut(size, order)
    wide, high = order.ratio
    if wide:
        assert abs((right - left) * high - (bottom - top) * wide) <= max(wide, high)
    else:
        assert (left, top, right, bottom) == (0, 0, *size)


@given(SIZES, ORDERS)
def test_a_cut_holds_its_focus_and_moves_with_it(size: tuple[int, int], order: Order) -> None:
    left, top, right, bottom = cut(size, order)
    assert left <= size[0] * order.focus[0] / 100 <= right
    assert top <= size[1] * order.focus[1] / 100 <= bottom
    corner = Order(order.ratio, (100, 100), order.widths, order.fallback)
    assert cut(size, corner)[2:] == size
    assert cut(size, Order(order.ratio, (0, 0), (), 1))[:2] == (0, 0)


def test_a_cut_in_the_middle_leaves_as_much_on_either_side() -> None:
    assert cut((300, 100), Order((1, 1), (50, 50), (), 1)) == (100, 0, 200, 100)
    assert cut((100, 300), Order((1, 1), (50, 50), (), 1)) == (0, 100, 100, 200)
    assert cut((300, 100), Order((1, 1), (20, 50), (), 1)) == (10, 0, 110, 100)


@given(SIZES, WIDTHS)
def test_the_files_of_a_ladder_rise_to_the_widest_that_there_can_be(
    size: tuple[int, int], widths: tuple[int, ...]
) -> None:
    found = [width for width, _ in rungs(size, widths)]
    assert found == sorted(set(found))
    assert found[-1] == min(size[0], widths[-1])
    assert set(found[:-1]) <= set(widths)


def test_a_ladder_has_no_two_files_of_nearly_the_same_width() -> None:
    assert [width for width, _ in rungs((650, 400), (400, 640, 960))] == [400, 650]
    assert rungs((650, 400), ()) == []


@given(SIZES, ORDERS)
def test_a_picture_is_decoded_large_enough_for_every_file(size: tuple[int, int], order: Order) -> None:
    share = needed(size, order)
    left, _, right, _ = cut(size, order)
    for width in (*(each for each, _ in rungs((right - left, 1), order.widths)), order.fallback):
        assert share == 1 or width <= (right - left) * share + 1e-6


def test_a_file_is_called_by_its_bytes_alone() -> None:
    assert name("0123456789abcdef0000", "AVIF") == "images/0123456789abcdef.avif"
    assert {name("0" * 64, form)[-5:] for form in ("JPEG", "PNG", "WEBP")} == {"0.jpg", "0.png", ".webp"}
