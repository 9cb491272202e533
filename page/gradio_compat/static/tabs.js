// Back and a reload keep the tab that was open: "#about" is its address. "?example=…" is the address
// of an example, with the name of its caption in page/locales.
const tabs = () => [...document.querySelectorAll("gradio-app [role=tab]")];
const HASHES = ["", "#about"];
const openTab = () => {
  const tab = tabs()[Math.max(HASHES.indexOf(location.hash), 0)];
  if (tab?.ariaSelected === "false") tab.click();
};
const keepTab = (index) => {
  const { hash, pathname, search } = location;
  if (HASHES[index] !== hash) history.pushState(null, "", pathname + search + HASHES[index]);
};
const openFirstTab = () => {
  if (!own) return;
  keepTab(0);
  openTab();
};
const goToAddress = () => {
  openTab();
  const name = new URLSearchParams(location.search).get("example");
  document.querySelector(`gradio-app .examples [data-key="example_${CSS.escape(name)}"]`)?.click();
};
if (own) {
  addEventListener("popstate", openTab);
  addEventListener("click", ({ isTrusted, target }) => {
    const index = tabs().indexOf(target.closest?.("[role=tab]"));
    if (isTrusted && index >= 0) keepTab(index);
  });

  // Tab reaches the selected tab, and the arrow keys select the others, as screen readers announce it.
  addEventListener("keydown", (event) => {
    const all = tabs();
    const from = all.indexOf(event.target);
    const steps = { ArrowLeft: from - 1, ArrowRight: from + 1, Home: 0, End: -1 };
    const modified = event.altKey || event.ctrlKey || event.metaKey; // such as Alt+ArrowLeft, Back
    if (from < 0 || modified || !(event.key in steps)) return;
    event.preventDefault();
    const index = (steps[event.key] + all.length) % all.length;
    keepTab(index);
    openTab();
    all[index].focus();
  });
  new MutationObserver(() => {
    for (const tab of tabs()) tab.tabIndex = tab.ariaSelected === "true" ? 0 : -1;
  }).observe(document.body, { subtree: true, childList: true, attributeFilter: ["aria-selected"] });
}
