"""The end of a run says what was left out."""

import pytest

from tests.left_out import NOTHING

PLUGIN = "from tests.left_out import pytest_terminal_summary\n"


@pytest.fixture
def run(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A run inside the run, with no plugin but ours."""
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makeconftest(PLUGIN)
    return pytester


def test_skipped_tests_are_listed_by_reason(run: pytest.Pytester) -> None:
    run.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(3))
        def test_camera(number):
            pytest.skip("no camera here")

        @pytest.mark.skipif(True, reason="no moon tonight")
        def test_moon():
            raise AssertionError
        """
    )

    result = run.runpytest_inprocess()

    result.stdout.fnmatch_lines(["*= left out =*", "3 x no camera here", "1 x no moon tonight"])


def test_a_module_left_out_whole_is_listed(run: pytest.Pytester) -> None:
    run.makepyfile("import pytest\npytest.importorskip('no_such_module_anywhere')")

    result = run.runpytest_inprocess()

    result.stdout.fnmatch_lines(["*= left out =*", "1 x *no_such_module_anywhere*"])


def test_deselected_tests_are_counted(run: pytest.Pytester) -> None:
    run.makepyfile("def test_one(): pass\ndef test_two(): pass")

    result = run.runpytest_inprocess("-k", "one")

    result.stdout.fnmatch_lines(["1 x deselected on the command line"])


def test_a_complete_run_says_so(run: pytest.Pytester) -> None:
    run.makepyfile("def test_one(): pass")

    result = run.runpytest_inprocess()

    result.stdout.fnmatch_lines(["*= left out =*", NOTHING, "*1 passed*"])
