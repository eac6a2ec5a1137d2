import pytest
from tests.rows import each_of


def test_every_row_that_fails_is_named_with_what_it_says() -> None:
    @each_of([("a", 1), ("b", 2), ("c", 3), ("d", 4)])
    def test_of_a_row(name: str, number: int) -> None:
        with pytest.raises(KeyError):
            {"a": 1, "c": 3}[name]
        assert number == 2, "another number"

    with pytest.raises(pytest.fail.Exception) as caught:
        test_of_a_row()
    said = str(caught.value)
    assert said.startswith("3 of 4 rows fail\n[('a', 1)]\n")
    assert "DID NOT RAISE" in said
    assert "[('b', 2)]" not in said
    assert "AssertionError: another number" in said.partition("[('d', 4)]")[2]


def test_a_row_that_leaves_keeps_no_other_from_being_held() -> None:
    @each_of([SystemExit(2), pytest.skip.Exception("elsewhere"), ValueError("bad")])
    def test_of_a_row(error: BaseException) -> None:
        raise error

    with pytest.raises(pytest.fail.Exception, match=r"^3 of 3 rows fail"):
        test_of_a_row()


def test_a_table_without_rows_is_refused() -> None:
    with pytest.raises(AssertionError, match="a table without rows"):
        each_of([])


def test_rows_have_the_names_that_they_are_given_and_run_once_each() -> None:
    seen = []

    @each_of(iter([3, 4]), ids=["three", "four"])
    def test_of_a_row(number: int) -> None:
        seen.append(number)
        assert number != 4

    with pytest.raises(pytest.fail.Exception, match=r"^1 of 2 rows fail\n\[four\]\n"):
        test_of_a_row()
    assert seen == [3, 4]
    assert test_of_a_row.__name__ == "test_of_a_row"


def test_each_row_has_a_folder_of_its_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        from tests.rows import each_of

        @each_of([("a", 1), ("b", 2), ("c", 3)])
        def test_of_a_row(tmp_path, name, number):
            (tmp_path / name).touch()
            assert [path.name for path in tmp_path.iterdir()] == [name]
            assert number != 2
        """
    )
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["1 of 3 rows fail", "[[]('b', 2)[]]"])
