"""Gradio's elements, scripts and texts, as page/gradio_compat/README.md lists them, still exist."""

import re
import tomllib

import gradio as gr
import pytest
from playwright.sync_api import expect

from page.i18n import GRADIO_IN_FRENCH, TEXTS
from tests.helpers.browser import drop, expect_answer, expect_complete, open_camera, zone
from tests.helpers.internals import ASSETS, COMPAT, asserts
from tests.helpers.running_app import EXAMPLES, ROOT

REQUESTS = (
    *("/queue/join", "/queue/data"),
    *("unexpected_error", "close_stream", "process_completed"),
)


@asserts("/gradio_api/run/", *REQUESTS)
def test_requests_of_the_page():
    """What connection.js looks for in addresses and puts into streams."""
    client = max((file.read_text(encoding="utf-8") for file in ASSETS.glob("index-*.js")), key=len)
    for name in REQUESTS:
        assert name.removeprefix("/") in client
    assert gr.routes.API_PREFIX == "/gradio_api"
    assert "/run" in client


@asserts("mediaDevices.getUserMedia")
def test_the_camera_is_opened_by_a_function_of_the_browser():
    scripts = [file.read_text(encoding="utf-8") for file in ASSETS.glob("Index-*.js")]
    assert any("mediaDevices.getUserMedia" in script for script in scripts)


@asserts("</head>", "<gradio-app", '<meta property="og:title"')
def test_places_in_the_document():
    document = (ASSETS.parent / "index.html").read_text(encoding="utf-8")
    for place in ("window.gradio_config = {{", "</head>", "<gradio-app"):
        assert document.count(place) == 1
    assert '<meta property="og:title"' in document


@asserts("performance.now()")
def test_clocks_are_known_by_how_they_count_seconds():
    (script,) = ASSETS.glob("statustracker-*.js")
    early = (COMPAT / "static" / "early.js").read_text(encoding="utf-8")
    clock = re.search("CLOCK = /(.+)/;", early)[1]
    assert re.search(clock, script.read_text(encoding="utf-8"))


LOCALE = tomllib.loads((ROOT / "page" / "locales" / "en.toml").read_text(encoding="utf-8"))


@asserts("[gradio]")
@pytest.mark.parametrize("key", LOCALE["gradio"])
def test_keys_of_texts(key):
    """Its components still ask for them."""
    scripts = [*ASSETS.glob("Blocks-*.js"), *ASSETS.glob("Index-*.js")]
    assert any(f"`{key}`" in file.read_text(encoding="utf-8") for file in scripts)


@asserts("assets")
@pytest.mark.parametrize("name", (COMPAT / "preloads.txt").read_text(encoding="utf-8").split())
def test_preloaded_files(name):
    assert (ASSETS / name).is_file()


SELECTORS = {
    "when the page is open": [
        ".gradio-container",
        "gradio-app[embed=false]",
        "script[type=module]",
        "main.contain",
        ".main",
        ".html-container",
        ".picture input[type=file]",
        ".picture .source-selection .icon",
        ".picture .source-selection .icon.selected",
        ".picture .source-selection button:first-child.selected",
        ".picture .source-selection button:last-child",
        "button.label-wrap",
        "button.label-wrap .icon",
        ".wrap.hide",
        ".tab-wrapper",
        "[role=tab]",
        "footer > .divider:last-child",
    ],
    "with an image": [".picture img", '.picture button[aria-label="Remove Image"]'],
    "in full screen": [".picture.fullscreen"],
    "with the camera": [".picture video", ".picture .capture-button"],
    "with an open accordion": ["button.label-wrap.open"],
    "with a message": [".toast-wrap"],
    "in the dark scheme": [".dark .gradio-container"],
}
"""Gradio's own elements that scripts and stylesheets select, by the state of the page."""


def classes_of_the_page():
    """Return the classes that the page itself sets: in templates, components and scripts."""
    source = "".join(
        file.read_text(encoding="utf-8")
        for file in [ROOT / "app.py", *(ROOT / "page").rglob("*")]
        if file.suffix in (".py", ".js", ".html")
    )
    lists = re.findall(r"(?:class|elem_classes)=\"(.+?)\"", source)
    lists += re.findall(r"classList\.(?:add|toggle)\(\"(gradio-.+?)\"", source)
    return set(re.findall(r"[a-z][\w-]*", " ".join(lists)))


OURS = classes_of_the_page()


STYLES = {
    "when the page is open": {
        "main.contain": {"gap": "12px"},
        ".examples-block > .html-container": {"padding": "0px"},
        ".picture .source-selection": {"gap": "8px"},
        ".picture .source-selection .icon:not(.selected)": {
            **{"width": "32px", "height": "32px", "color": "var(--body-text-color-subdued)"},
        },
        ".picture .source-selection .icon.selected": {"color": "var(--color-accent)"},
        ".wrap.hide": {"visibility": "hidden"},
        "footer > .divider:last-child": {"display": "none"},
    },
    "with an image": {'.picture button[aria-label="Remove Image"]': {"display": "none"}},
    "with a message": {".toast-wrap": {"display": "none"}},
}
"""What dom.css changes, by the state of the page and by selector."""

COMPUTED = """(element, [property, value]) => {
    const computed = getComputedStyle(element)[property];
    const expected = document.createElement("i");
    element.after(expected);
    expected.style.setProperty(property, value);
    // A variable, as the browser computes it here.
    const wanted = value.startsWith("var(") ? getComputedStyle(expected)[property] : value;
    expected.remove();
    return computed === wanted ? "" : `${property}: ${computed} instead of ${wanted}`;
}"""


@pytest.fixture(scope="module")
def seen(app, browser):
    """Which selectors match an element, wrong styles, and names, in each state of the real page."""
    wrong = {}
    page = browser.new_page(locale="en-US")
    page.goto(app.url)
    expect_complete(page)

    def count(state):
        for selector, style in STYLES.get(state, {}).items():
            element = page.locator(selector).first
            found = [element.evaluate(COMPUTED, [*rule]) for rule in style.items()]
            wrong[selector] = [text for text in found if text]
        return {selector: page.locator(selector).count() for selector in SELECTORS[state]}

    counts = count("when the page is open")
    config = page.evaluate("({ root: gradio_config.root, title: gradio_config.title })")
    names = page.evaluate(
        "[...document.querySelectorAll('gradio-app [aria-label]')].map((e) => e.ariaLabel)"
    )
    open_camera(page)
    counts |= count("with the camera")
    page.get_by_role("button", name="Upload file").click()
    drop(zone(page), EXAMPLES["brain"])
    expect_answer(page, "brain")
    counts |= count("with an image")
    full_screen = page.get_by_role("button", name=re.compile("fullscreen", re.IGNORECASE))
    full_screen.click()
    expect(page.locator(".picture.fullscreen")).to_be_visible()
    counts |= count("in full screen")
    full_screen.click()
    page.get_by_role("button", name=TEXTS["why"]["en"]).click()
    expect(page.locator(".explanation figure")).to_be_visible()
    counts |= count("with an open accordion")
    drop(zone(page), ROOT / "README.md")
    expect(page.locator(".toast-body")).to_have_count(1)  # that the explanation failed
    counts |= count("with a message")
    page.emulate_media(color_scheme="dark")
    page.reload()
    expect_complete(page)
    counts |= count("in the dark scheme")
    page.close()
    return counts | {"wrong styles": wrong, "names": names, "config": config}


@pytest.mark.parametrize(
    "selector", [selector for selectors in SELECTORS.values() for selector in selectors]
)
def test_selectors(seen, selector):
    assert seen[selector], f"Gradio no longer renders {selector}"


@pytest.mark.parametrize("selector", [name for styles in STYLES.values() for name in styles])
def test_rules_for_elements_of_gradio_have_an_effect(seen, selector):
    assert seen["wrong styles"][selector] == []


def parts(selectors):
    """Return the classes and attributes that selectors consist of."""
    return set(re.findall(r"\.-?[a-z][\w-]*|\[.+?\]", " ".join(selectors)))


def selectors_of(css):
    """Return the selectors of a stylesheet."""
    return re.findall(r"[^{};]+(?=\{)", re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL))


def test_selectors_of_gradio_are_listed():
    script = "".join(file.read_text(encoding="utf-8") for file in (ROOT / "page").rglob("*.js"))
    styles = (COMPAT / "static" / name for name in ("dom.css", "early.css"))
    used = [part for file in styles for part in selectors_of(file.read_text(encoding="utf-8"))]
    used += re.findall(r"(?:querySelector(?:All)?|closest|matches)\S*?\([`\"](.+?)[`\"]\)", script)
    used += [f".{name}" for name in re.findall(r"classList\.contains\(\"(.+?)\"\)", script)]
    assert len(used) > 40
    listed = parts(selector for selectors in SELECTORS.values() for selector in selectors)
    generic = {
        "[${attribute}]",
        '[src^="data:image/svg"]',
        '[data-key="example_${CSS.escape(name)}"]',
        *("[data-index]", "[aria-pressed=true]", ".unsure"),
    }
    assert parts(used) - {f".{name}" for name in OURS} - generic <= listed


def test_other_stylesheets_select_only_elements_of_the_page():
    files = [file for file in (ROOT / "page").rglob("*") if COMPAT not in file.parents]
    source = "".join(
        file.read_text(encoding="utf-8")
        for file in [*files, ROOT / "app.py"]
        if file.suffix in (".py", ".js", ".html")
    )
    css = "".join(file.read_text(encoding="utf-8") for file in files if file.suffix == ".css")
    classes = {part[1:] for part in parts(selectors_of(css)) if part[0] == "."}
    unknown = {name for name in classes if not re.search(rf"(?<![\w-]){name}(?![\w-])", source)}
    assert unknown <= {"gradio-container", "dark", "series-0", "series-1"}


@asserts("gradio_config.root", "gradio_config.title")
def test_configuration_in_the_page(seen, app):
    assert seen["config"] == {"root": app.url, "title": TEXTS["title"]["en"]}


@asserts("[gradio_names]")
def test_accessible_names(seen):
    """Gradio still has the English names that french.js translates on the open page."""
    at_once = {"Upload file", "Capture from camera", "Paste from clipboard"}
    assert at_once <= set(GRADIO_IN_FRENCH)
    assert at_once <= set(seen["names"])
