// Gradio translates its texts, but not these names and the words of the camera.
if (LANGUAGE === "fr") {
  const name = (attribute) => {
    for (const part of document.querySelectorAll(`gradio-app [${attribute}]`)) {
      const french = FRENCH[part.getAttribute(attribute)];
      if (french) part.setAttribute(attribute, french);
    }
  };
  const words = () => {
    const texts = document.createTreeWalker(
      document.querySelector("gradio-app .picture") ?? new Text(),
      NodeFilter.SHOW_TEXT
    );
    while (texts.nextNode()) {
      const french = FRENCH[texts.currentNode.data.trim()];
      if (french) texts.currentNode.data = french;
    }
  };
  const translate = () => {
    name("aria-label");
    name("title");
    words();
  };
  new MutationObserver(translate).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ["aria-label", "title"],
  });
}
