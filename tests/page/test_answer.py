"""The result: the data of gr.Label in the API, and never a certainty on the page."""

import re

import gradio as gr
import pytest
from playwright.sync_api import expect

from page.answer import Answer
from page.i18n import TEXTS

CONFIDENCES = {"brain": 0.02, "lung": 0.97, "other": 0.01}


@pytest.fixture(scope="module")
def component():
    figures = {
        "splits": {
            "external": {
                "selective": {
                    "selective_accuracy": {"value": 0.996},
                    "rejected_accuracy": {"value": 0.684},
                }
            }
        }
    }
    return Answer(confidence_threshold=0.9, figures=figures)


@pytest.fixture
def show(component, visitors):
    """Return a function that renders a value in a visitor's page."""

    def show(value, locale="en-US"):
        page = visitors.open(locale=locale)
        page.set_content("<main></main>")
        page.evaluate(
            """([template, ...values]) => {
                const names = ["value", "words", "confidenceThreshold", "rates", "labels"];
                const html = Function(...names, "return `" + template + "`");
                document.querySelector("main").innerHTML = html(...values);
            }""",
            [
                component.html_template,
                *(value, component.props["words"], 0.9),
                *(component.props["rates"], component.props["labels"]),
            ],
        )
        return page

    yield show
    visitors.leave()


def _value(component, **confidences):
    return component.postprocess(confidences).model_dump()


def test_clients_get_the_same_data_as_from_gr_label(component):
    assert component.postprocess(CONFIDENCES) == gr.Label().postprocess(CONFIDENCES)
    assert set(component.example_payload()) == set(gr.Label().example_payload())


@pytest.mark.parametrize("label", ["of", "state", "reason", "image"])
def test_a_label_may_have_any_name(component, label):
    confidences = {label: 0.9, "lung": 0.1}
    assert component.postprocess(confidences) == gr.Label().postprocess(confidences)


def test_no_prediction_is_an_empty_value(component):
    assert component.postprocess(None) == gr.Label().postprocess(None)


@pytest.mark.parametrize(
    ("locale", "texts"),
    [
        ("en-US", ["> 99.9%", "< 0.1%", "0.1%"]),
        ("fr-FR", ["> 99,9 %", "< 0,1 %", "0,1 %"]),
    ],
)
def test_what_would_round_to_certainty_is_shown_as_a_limit(component, show, locale, texts):
    page = show(_value(component, brain=0.99951, lung=0.00001, other=0.0005), locale)
    expect(page.locator(".share")).to_have_text(texts)


@pytest.mark.parametrize(
    ("confidence", "text"), [(0.9994, "99.9%"), (0.9996, "> 99.9%"), (1.0, "> 99.9%")]
)
def test_100_percent_is_never_shown(component, show, confidence, text):
    rest = (1 - confidence) / 2
    page = show(_value(component, brain=confidence, lung=rest, other=rest))
    expect(page.locator(".top .share")).to_have_text(text)
    expect(page.locator("main")).not_to_contain_text("100%")


@pytest.mark.parametrize(
    ("locale", "sure", "unsure", "second"),
    [
        ("en-US", "lung", "Perhaps lung", "It could also be brain imaging (10%)."),
        ("fr-FR", "poumon", "Peut-être des poumons", "Ce pourrait aussi être une imagerie"),
    ],
)
def test_a_confidence_below_the_threshold_is_unsure(component, show, locale, sure, unsure, second):
    page = show(_value(component, brain=0.09, lung=0.9, other=0.01), locale)
    expect(page.get_by_role("heading")).to_have_text(sure)
    expect(page.get_by_text(TEXTS["sure_lung"][locale[:2]])).to_be_visible()
    expect(page.get_by_text(TEXTS["advice"][locale[:2]])).to_have_count(0)
    expect(page.get_by_text(re.compile(r"100.* 99 "))).to_be_visible()
    page = show(_value(component, brain=0.1, lung=0.89, other=0.01), locale)
    expect(page.get_by_role("heading")).to_have_text(unsure)
    expect(page.get_by_text(second)).to_be_visible()
    expect(page.get_by_text(re.compile(r"100.* 68 "))).to_be_visible()
    expect(page.get_by_text(TEXTS["advice"][locale[:2]])).to_be_visible()


def test_cropping_is_advised_only_where_brain_or_lung_takes_part(component, show):
    page = show(_value(component, brain=0.2, lung=0.1, other=0.7))
    expect(page.get_by_role("heading")).to_have_text("Perhaps other")
    expect(page.get_by_text(TEXTS["advice"]["en"])).to_have_count(0)
    page = show(_value(component, brain=0.3, lung=0.1, other=0.6))
    expect(page.get_by_text(TEXTS["advice"]["en"])).to_be_visible()


def test_without_figures_no_rate_is_named(component, show):
    assert Answer(0.9, None).props["rates"] == {}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("", TEXTS["empty"]["en"]),
        ({"state": "waiting"}, TEXTS["waiting"]["en"]),
        ({"state": "sending"}, TEXTS["sending"]["en"]),
        ({"state": "failed", "reason": "It is <b>text</b>."}, "It is <b>text</b>."),
        ({"state": "too_big"}, TEXTS["file_too_large"]["en"]),
        ({"state": "no_reply"}, TEXTS["no_reply"]["en"]),
    ],
)
def test_without_a_prediction_the_state_is_shown(show, value, text):
    page = show(value)
    expect(page.get_by_text(text)).to_be_visible()
    expect(page.get_by_role("heading")).to_have_count(0)
    expect(page.get_by_role("meter")).to_have_count(0)
