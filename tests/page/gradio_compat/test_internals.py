"""Every internal of Gradio that page/gradio_compat/README.md lists still exists, by name."""

import inspect
import os
import re
import tomllib
from pathlib import Path

import gradio as gr
import pytest
from gradio import (
    blocks,
    blocks_events,
    component_meta,
    http_server,
    mcp,
    processing_utils,
    queueing,
    server_messages,
)
from gradio.i18n import I18nData
from gradio_client import utils as client_utils
from playwright.sync_api import expect
from starlette.applications import Starlette

from page.i18n import GRADIO_IN_FRENCH, TEXTS
from tests.helpers.browser import drop, expect_answer, expect_complete, open_camera, zone
from tests.helpers.running_app import EXAMPLES, ROOT

COMPAT = ROOT / "page" / "gradio_compat"

ASSETS = Path(gr.__file__).parent / "templates" / "frontend" / "assets"

CHECKED = set()
"""The internals that a test below asserts, by the names that the table uses."""


def asserts(*names):
    """Register what a test asserts."""

    def register(test):
        assert test.__name__.startswith("test_")
        CHECKED.update(names)
        return test

    return register


ATTRIBUTES = [
    (gr.Blocks, "preprocess_data"),
    (gr.Blocks, "get_api_info"),
    (gr.Blocks, "close"),
    (gr.routes.App, "get_blocks"),
    (gr.HTML, "get_config"),
    (gr.Image, "preprocess"),
    (gr.Image, "postprocess"),
    (gr.Image, "change"),
    (gr.Image, "async_move_resource_to_block_cache"),
    (gr.Accordion, "expand"),
    (gr.Accordion, "collapse"),
    (processing_utils, "save_bytes_to_cache"),
    (client_utils, "is_http_url_like"),
    (server_messages, "CloseStreamMessage"),
    (gr.Blocks(), "mcp_server_obj"),
    (gr.components.Component, "api_info"),
    (gr.components.label, "LabelData"),
    (gr.components.label, "LabelConfidence"),
    (gr.data_classes, "ImageData"),
    (I18nData("key"), "key"),
]


@asserts("I18nData", *(name for _, name in ATTRIBUTES))
@pytest.mark.parametrize(("owner", "name"), ATTRIBUTES, ids=lambda value: str(value)[:60])
def test_attributes(owner, name):
    assert hasattr(owner, name)


OVERRIDDEN = (
    "render_title_description",
    "render_input_column",
    "render_output_column",
    "attach_submit_events",
    "attach_clear_events",
)
"""Methods of ``gr.Interface``."""


@asserts("postprocess_output_data", *OVERRIDDEN)
def test_methods_are_called_as_they_are_overridden():
    """An override under an old name would silently stop to be called."""
    assert "await self.preprocess_data(" in inspect.getsource(gr.Blocks.process_api)
    source = inspect.getsource(processing_utils.async_move_files_to_cache)
    assert ".async_move_resource_to_block_cache" in source
    assert "get_api_info(" in inspect.getsource(gr.routes)
    assert "= self.postprocess_output_data(" in inspect.getsource(mcp.GradioMCPServer)
    for name in OVERRIDDEN:
        assert f"self.{name}(" in inspect.getsource(gr.Interface.__init__)


@asserts("inspect.getfile(component_class)", "create_or_modify_pyi")
def test_stubs_are_written_for_classes_with_a_file():
    """Of which ``inspect.getfile(component_class)`` knows."""
    assert "inspect.getfile(component_class)" in inspect.getsource(component_meta)
    for module in (blocks_events, component_meta):
        assert "        create_or_modify_pyi(" in inspect.getsource(module)


@asserts("GRADIO_SERVER_PORT", "GRADIO_SERVER_NAME")
def test_variables_of_the_server_are_read_at_import():
    source = inspect.getsource(http_server)
    for name in ("GRADIO_SERVER_PORT", "GRADIO_SERVER_NAME"):
        assert f'os.getenv("{name}"' in source


@asserts("temp_file_sets", "_queue", "GRADIO_CACHE", "is_template", "_getters")
@asserts("pending_event_ids_session", "pending_messages_per_session")
def test_attributes_of_instances():
    with gr.Blocks() as demo:
        image = gr.Image()
        listener = image.change(lambda image: None, image, None)
    assert hasattr(listener, "failure")
    for owner, names in {
        demo: ("temp_file_sets", "_queue"),
        demo._queue: ("pending_event_ids_session", "pending_messages_per_session"),
        image: ("GRADIO_CACHE",),
        gr.Sketchpad: ("is_template",),
        queueing.AsyncQueue(): ("_getters", "put_nowait"),
    }.items():
        for name in names:
            assert hasattr(owner, name), f"{type(owner).__name__}.{name}"


@asserts("GRADIO_TEMP_DIR")
@asserts("GRADIO_ANALYTICS_MAX_EVENTS", "GRADIO_ANALYTICS_CACHE_FREQUENCY")
def test_environment_variables(monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))
    monkeypatch.setenv("GRADIO_ANALYTICS_MAX_EVENTS", "3")
    monkeypatch.setenv("GRADIO_ANALYTICS_CACHE_FREQUENCY", "7")
    with gr.Blocks() as demo:
        image = gr.Image()
    folder = image.GRADIO_CACHE
    assert folder == str(tmp_path / "uploads")
    assert demo._queue.ANALYTICS_MAX_EVENTS == 3
    assert demo._queue.ANAYLTICS_CACHE_FREQUENCY == 7


@asserts("app_kwargs", "head", "max_body_size", "routes", "middleware", "exception_handlers")
@asserts("lifespan", "OSError", "server", "force_exit")
def test_launch_arguments():
    for name in ("app_kwargs", "head"):
        assert name in inspect.signature(gr.Blocks.launch).parameters
    for name in ("max_body_size", "routes", "middleware", "exception_handlers"):
        assert name in inspect.signature(Starlette.__init__).parameters
    assert 'app_kwargs["lifespan"]' in inspect.getsource(gr.routes)
    # The ``OSError`` for a port in use.
    assert "empty port" in inspect.getsource(http_server)
    assert "self.server = server" in inspect.getsource(blocks)
    assert "not self.force_exit" in inspect.getsource(http_server.Server.shutdown)


REQUESTS = ("/queue/join", "/queue/data", "unexpected_error", "close_stream")


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


@asserts("gr.on([], …)")
def test_a_listener_without_an_event_is_an_endpoint():
    with gr.Blocks() as demo:
        gr.on([], lambda text: text, gr.Textbox(), gr.Textbox(), api_name="echo")
    (listener,) = demo.config["dependencies"]
    assert listener["targets"] == []
    assert "/echo" in demo.get_api_info()["named_endpoints"]


@asserts("async_move_files_to_cache")
def test_files_are_found_in_any_value():
    """The image of an example is inside a dictionary, in a component that has no files."""
    source = inspect.getsource(gr.Blocks.postprocess_data)
    assert "processing_utils.async_move_files_to_cache(" in source


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


def table():
    """Return the rows of the table in README.md, as lists of cells."""
    lines = (COMPAT / "README.md").read_text(encoding="utf-8").splitlines()
    rows = [line.strip("| ").split(" | ") for line in lines if line.startswith("|")]
    return rows[2:]


@pytest.mark.parametrize("row", table(), ids=lambda row: row[0][:40])
def test_a_row_of_the_table_names_tests(row):
    what, _, _, _, tests, _ = row
    names = re.findall(r"`(test_\w+\.py)`", tests)
    assert names
    for name in names:
        assert list((ROOT / "tests").rglob(name)), name
    selectors = " ".join(selector for selectors in SELECTORS.values() for selector in selectors)
    for internal in re.findall(r"`([^`]+)`", what):
        name = internal.rpartition(".")[2] if re.fullmatch(r"[\w.]+", internal) else internal
        known = {internal, name} & CHECKED or name in selectors
        assert known, f"no test here asserts {internal}"


def test_every_selector_is_in_the_table():
    listed = " ".join(what for what, *_ in table())
    for selectors in SELECTORS.values():
        for part in parts(selectors) - {f".{name}" for name in OURS}:
            assert part in listed or part == ".open", part


def test_nothing_else_depends_on_internals():
    """Private attributes of Gradio are used only here."""
    for file in [ROOT / "app.py", *(ROOT / "page").rglob("*.py")]:
        if COMPAT not in file.parents:
            text = file.read_text(encoding="utf-8")
            for private in (
                "._queue",
                ".fns",
                "temp_file_sets",
                "os.environ[",
                "_getters",
                "document.",
            ):
                assert private not in text, f"{file.name} uses {private}"
    assert "GRADIO_TEMP_DIR" not in os.environ
