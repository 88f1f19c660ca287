"""What a prompt becomes before it is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.errors import InputError
from workbench.tui import prompting


def test_names_are_filled_in_and_double_braces_stand_for_themselves() -> None:
    text = '{who} and {{who}} and {"a": {"b": 1}} and {who} {other}'
    assert prompting.variables(text) == ["who", "other"]
    assert prompting.compose(text, {"who": "{other}"}) == '{other} and {who} and {"a": {"b": 1}} and {other} {other}'


def test_files_come_behind_the_prompt_under_their_names(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("one ```` two\n@nothing {name}\n", encoding="utf-8")
    sent = prompting.compose(f"Sum up @{file}.", {"name": "x"})
    assert sent == f"Sum up {file}.\n\n{file}:\n`````\none ```` two\n@nothing {{name}}\n`````"


def test_a_path_with_spaces_is_quoted(tmp_path: Path) -> None:
    file = tmp_path / "my notes.txt"
    file.write_text("hello", encoding="utf-8")
    assert "hello" in prompting.compose(f'Read @"{file}"', {})


@pytest.mark.parametrize(
    ("content", "said"), [(None, "no such file"), (b"a\0b", "not text"), (b"\xff\xfe\xfa", "not text")]
)
def test_what_can_t_be_read_is_told(tmp_path: Path, content: bytes | None, said: str) -> None:
    file = tmp_path / "x.bin"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(InputError, match=said):
        prompting.compose(f"@{file}", {})


def test_folders_and_large_files_are_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.txt"
    with large.open("wb") as file:
        file.truncate(prompting.MOST_BYTES + 1)
    for path, said in ((tmp_path, "a folder"), (large, "too large")):
        with pytest.raises(InputError, match=said):
            prompting.compose(f"@{path}", {})
    assert [one.problem for one in prompting.look(f"@{tmp_path} @{large}")] == ["a folder", "too large"]


def test_addresses_and_escaped_words_name_no_file() -> None:
    assert prompting.paths("mail me@example.org or @@here") == []
    assert prompting.compose("mail me@example.org or @@here", {}) == "mail me@example.org or @here"


@pytest.mark.parametrize("text", ["{a} {{b}} @c @@d me@e {", "plain", "@", "@@", '@"x y" {_1}', "{{{a}}}"])
def test_a_past_prompt_is_sent_again_as_it_was(text: str) -> None:
    kept = prompting.literal(text)
    assert prompting.variables(kept) == []
    assert prompting.paths(kept) == []
    assert prompting.compose(kept, {"a": "no", "b": "no", "_1": "no"}) == text


def test_typing_a_path() -> None:
    assert prompting.typing("see @no") == "no"
    assert prompting.typing('see @"my no') == "my no"
    assert prompting.typing("see @") == ""
    assert prompting.typing("me@no") is None
    assert prompting.typing("see @no ") is None


def test_completion(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("notes.txt", "notice.md", ".hidden"):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    assert prompting.completions("") == ["folder/", "notes.txt", "notice.md"]
    assert prompting.completions(f"{tmp_path}/fo") == [f"{tmp_path}/folder/"]
    assert prompting.completions("nowhere/x") == []
    assert prompting.completed("n", prompting.completions("n")) == "not"
    assert prompting.completed("note", prompting.completions("note")) == "notes.txt "
    assert prompting.completed("fo", prompting.completions("fo")) == "folder/"
    assert prompting.completed("zz", []) == "zz"


def test_what_was_asked_comes_back() -> None:
    past = prompting.Past()
    past.older(["older {x}", "newer", "newer"][::-1])
    past.sent("one")
    past.sent("two")
    assert past.step(1, "typed") == "two"
    assert past.step(1, "two") == "one"
    assert past.step(1, "one") == "newer"
    assert past.step(1, "newer") == "older {{x}}"
    assert past.step(1, "older {{x}}") is None
    assert past.step(-1, "older {{x}}") == "newer"
    assert past.step(-1, "newer") == "one"
    assert past.step(1, "one!") == "two"
    assert past.step(-1, "two") == "one!"
    assert past.step(-1, "one!") is None


def test_what_was_sent_now_is_not_told_twice() -> None:
    past = prompting.Past()
    past.sent("{a}", "filled")
    past.older(["filled", "before"])
    assert past.step(1, "{a}") == "before"


def test_sizes() -> None:
    assert [prompting.size_words(n) for n in (12, 1234, 2_000_000)] == ["12 B", "1.2 kB", "2.0 MB"]
