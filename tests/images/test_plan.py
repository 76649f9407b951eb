"""The arithmetic of pictures."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from newsroom.images.plan import WIDEST, fit, plan

SIDES = st.integers(1, 100_000)


@given(SIDES, SIDES)
def test_a_picture_is_never_wider_than_the_widest_and_never_made_larger(width: int, height: int) -> None:
    fitted = fit(width, height)
    assert 1 <= fitted[0] <= min(width, WIDEST)
    assert 1 <= fitted[1] <= height


@given(SIDES, SIDES)
def test_the_ratio_is_kept_to_the_nearest_pixel(width: int, height: int) -> None:
    new_width, new_height = fit(width, height)
    exact = height * new_width / width
    assert abs(new_height - exact) <= 0.5 or (new_height == 1 and exact < 1)


@given(SIDES, SIDES)
def test_what_fits_stays(width: int, height: int) -> None:
    assert fit(*fit(width, height)) == fit(width, height)
    assert fit(min(width, WIDEST), height) == (min(width, WIDEST), height)


@given(SIDES, SIDES, SIDES)
def test_a_taller_picture_stays_taller(width: int, height: int, more: int) -> None:
    assert fit(width, height + more)[1] >= fit(width, height)[1]


def test_the_name_is_that_of_what_is_published() -> None:
    one, same, other = (plan(data, (3200, 1000), "JPEG") for data in (b"a", b"a", b"b"))
    assert one == same
    assert one.url != other.url
    assert (one.width, one.height, one.media_type) == (1600, 500, "image/jpeg")
    assert plan(b"a", (1, 1), "PNG").url == one.url.replace(".jpg", ".png")
