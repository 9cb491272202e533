// Gradio's accordions do not tell screen readers whether they are open.
new MutationObserver(() => {
  for (const button of document.querySelectorAll("gradio-app button.label-wrap")) {
    const open = String(button.classList.contains("open"));
    if (button.getAttribute("aria-expanded") !== open) button.setAttribute("aria-expanded", open);
    button.querySelector(".icon")?.setAttribute("aria-hidden", "true"); // a triangle, "▼"
  }
}).observe(document.body, { subtree: true, childList: true, attributeFilter: ["class"] });
