import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitr.application.return_addresses import ReturnAddresses, origin_of, with_query

HOME = "https://monitr.example"
APP = "https://app.example"
LOCAL = "http://localhost:3000"
ADDRESSES = ReturnAddresses(HOME, frozenset({APP, LOCAL}))


@pytest.mark.parametrize(
    "address",
    [
        APP,
        f"{APP}/",
        f"{APP}/integrations?tab=accounting#octopus",
        f"{LOCAL}/integrations",
        f"{HOME}/",
        "HTTPS://App.Example/Integrations",
        f"{APP}/https://evil.example/",
        f"{APP}?next=//evil.example",
        f"{APP}#@evil.example",
    ],
)
def test_an_address_of_an_allowed_origin_is_kept_as_it_is(address: str) -> None:
    assert ADDRESSES.allowed(address) == address


def test_without_an_address_the_browser_comes_home() -> None:
    assert ADDRESSES.allowed(None) == HOME


@pytest.mark.parametrize("path", ["/", "/integrations", "/a?b=c#d", "/@evil.example", "/.//evil.example"])
def test_a_path_is_one_of_this_service(path: str) -> None:
    assert ADDRESSES.allowed(path) == HOME + path
    assert ReturnAddresses(HOME + "/", frozenset()).allowed(path) == HOME + path


HOSTILE = [
    # other origins: host, scheme, port, and what merely looks like ours
    "https://evil.example/",
    "https://app.example.evil.example/",
    "https://evil-app.example/",
    "https://app.example./",
    "http://app.example/",
    "https://app.example:8443/",
    "https://localhost:3000/",
    "http://localhost/",
    "http://localhost:30000/",
    "https://xn--pp-eka.example/",
    "https://аpp.example/",
    "https://app。example/",
    "https://app.example%2eevil.example/",
    # user information
    "https://app.example@evil.example/",
    "https://app.example:443@evil.example/",
    "https://anna@app.example/",
    "https://anna:secret@app.example/",
    "https://@app.example/",
    "https://:@app.example/",
    "https://evil.example@@app.example/",
    # slashes and backslashes
    "//evil.example/",
    "//app.example/",
    "///evil.example/",
    "/\\evil.example/",
    "\\\\evil.example/",
    "https:\\\\evil.example/",
    "https://app.example\\@evil.example/",
    "https://evil.example\\.app.example/",
    "https:evil.example/",
    "https:/evil.example/",
    "https:///evil.example/",
    "https:app.example/",
    # other schemes
    "javascript:alert(1)",
    "JavaScript://app.example/%0aalert(1)",
    "data:text/html,hello",
    "file:///etc/passwd",
    "vbscript:msgbox(1)",
    "blob:https://app.example/1",
    "://app.example/",
    # control characters and white space, which browsers drop
    " https://app.example/",
    "https://app.example/ ",
    "java\tscript:alert(1)",
    "/\t/evil.example/",
    "/\n/evil.example",
    "https://app.example/\r\nSet-Cookie: a=b",
    "https://evil.example\x00.app.example/",
    "\x01https://app.example/",
    # markup, and nothing at all
    "https://app.example/<script>",
    'https://app.example/"onload="',
    "",
    "integrations",
    "?error=none",
    "#top",
    ".",
    "*",
    "null",
    # not an address at all
    "https://[app.example/",
    "https://app.example]/",
    "https://[::1/",
    "http://localhost:three/",
]


@pytest.mark.parametrize("address", HOSTILE)
def test_the_browser_is_sent_nowhere_else(address: str) -> None:
    assert ADDRESSES.allowed(address) is None


def where_a_browser_goes(address: str, base: str) -> str:
    """The origin by the WHATWG rules for special schemes, as far as they are lenient: the ends are trimmed, tabs and
    line ends dropped, backslashes are slashes, any number of slashes begins the authority, the host follows the last
    @. Written for this test, knows nothing of urllib."""
    trimmed = re.sub(r"[\t\n\r]", "", address.strip("".join(map(chr, range(33))))).replace("\\", "/")
    scheme = re.match(r"[A-Za-z][A-Za-z0-9+.-]*:", trimmed)
    if scheme is None:
        if not trimmed.startswith("//"):
            return base
        trimmed = base.split("//")[0] + trimmed
        scheme = re.match(r"[a-z]+:", trimmed)
        assert scheme is not None
    if scheme.group().lower() not in ("https:", "http:"):
        return scheme.group().lower()
    authority = re.split(r"[/?#]", trimmed[scheme.end() :].lstrip("/"))[0]
    return f"{scheme.group()}//{authority.rpartition('@')[2]}".lower()


PIECES = st.sampled_from(
    (
        *(
            "https:",
            "http:",
            "HTTPS:",
            "javascript:",
            "/",
            "//",
            "\\",
            "@",
            ":",
            "#",
            "?",
            ".",
            " ",
            "\t",
            "\n",
            "\x00",
        ),
        *(
            "app.example",
            "APP.example",
            "evil.example",
            "monitr.example",
            "localhost:3000",
            "3000",
            "%2f",
            "[",
            "]",
            "é",
        ),
    )
)


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=8).map("".join), st.text(max_size=20)))
def test_no_text_whatever_leads_a_browser_to_another_origin(text: str) -> None:
    allowed = ADDRESSES.allowed(text)

    assert allowed is None or where_a_browser_goes(allowed, HOME) in {HOME, APP, LOCAL}


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([APP, LOCAL, HOME]),
    st.from_regex(r"\A(/[a-z0-9@:%.-]{0,6}){0,3}(\?[a-z=&]{0,6})?(#[a-z/]{0,5})?\Z"),
)
def test_every_ordinary_page_of_an_allowed_origin_is_allowed(origin: str, page: str) -> None:
    assert ADDRESSES.allowed(origin + page) == origin + page


def test_an_allowed_origin_may_be_written_with_a_path_or_in_capitals() -> None:
    assert ReturnAddresses(HOME, frozenset({"https://APP.example/"})).allowed(f"{APP}/x") == f"{APP}/x"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (APP, f"{APP}/?error=expired"),
        (f"{APP}/a", f"{APP}/a?error=expired"),
        (f"{APP}/a?b=c", f"{APP}/a?b=c&error=expired"),
        (f"{APP}/a?b=c#d", f"{APP}/a?b=c&error=expired#d"),
        (f"{APP}/#/route", f"{APP}/?error=expired#/route"),
    ],
)
def test_parameters_join_the_query_of_an_address(address: str, expected: str) -> None:
    assert with_query(address, error="expired") == expected


def test_a_parameter_cannot_smuggle_in_another_one() -> None:
    assert with_query(APP, error="a&integrationId=b#c") == f"{APP}/?error=a%26integrationId%3Db%23c"


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("https://Monitr.example:443/a?b#c", "https://monitr.example"),
        ("http://monitr.example:80", "http://monitr.example"),
        ("http://monitr.example:443", "http://monitr.example:443"),
        ("http://[::1]:8000/x", "http://[::1]:8000"),
        ("https://user@monitr.example", None),
        ("https://", None),
        ("https://monitr.example:x", None),
        ("javascript:alert(1)", None),
        ("null", None),
        ("", None),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(address: str, origin: str | None) -> None:
    assert origin_of(address) == origin
