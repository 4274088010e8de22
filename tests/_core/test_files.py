import pytest
from rram_ode._core._files import complete_file


def test_a_complete_file_appears_with_its_folder(tmp_path):
    path = tmp_path / "new" / "report.json"
    with complete_file(path) as file:
        file.write_text("{}")
        assert not path.exists()
    assert path.read_text() == "{}"
    assert [p.name for p in path.parent.iterdir()] == ["report.json"]


def fail(path):
    with complete_file(path) as file:
        file.write_text("half")
        raise RuntimeError("disk")


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path):
    path = tmp_path / "report.json"
    path.write_text("old")
    with pytest.raises(RuntimeError, match="disk"):
        fail(path)
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
