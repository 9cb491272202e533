// The app is a page of its own, which may be framed, or an element of another page.
const own = document.querySelector("gradio-app[embed=false]") !== null;
document.documentElement.classList.toggle("gradio-framed", !own || window.self !== window.top);

if (LANGUAGE === "fr") {
  // Gradio translates its texts, but not these accessible names.
  const name = (attribute) => {
    for (const part of document.querySelectorAll(`gradio-app [${attribute}]`)) {
      const french = FRENCH[part.getAttribute(attribute)];
      if (french) part.setAttribute(attribute, french);
    }
  };
  new MutationObserver(() => ["aria-label", "title"].forEach(name)).observe(document.body, {
    subtree: true,
    childList: true,
    attributeFilter: ["aria-label", "title"],
  });
}

// Gradio only clears when an image is dropped on another one (gradio #9031), lets the browser open
// what is dropped beside its zone, ignores Ctrl+V, and refuses files whose type is not "image/…" in
// English. So files are taken before Gradio sees them.
const fileInput = () => document.querySelector("gradio-app .picture input[type=file]");
const frame = () => new Promise(requestAnimationFrame);
const shown = () => document.querySelector("gradio-app .picture img");
const inApp = ({ target }) => own || target.closest?.("gradio-app");
const take = async (event, files) => {
  if (!fileInput() || !files?.length || !inApp(event)) return;
  event.preventDefault();
  event.stopPropagation();
  const { name, type } = files[0];
  const transfer = new DataTransfer();
  transfer.items.add(
    new File([files[0]], name, { type: type.startsWith("image/") ? type : "image/unknown" })
  );
  // A drop clears the old image. The upload must not start before that is over, or Gradio predicts
  // the new image twice.
  fileInput().closest("div.upload-container").dispatchEvent(new DragEvent("drop"));
  for (let frames = 0; shown() && frames < 300; frames++) await frame();
  await frame();
  await frame();
  fileInput().files = transfer.files;
  fileInput().dispatchEvent(new Event("change"));
};
addEventListener("dragover", (event) => inApp(event) && event.preventDefault());
addEventListener("drop", (event) => take(event, event.dataTransfer?.files), true);
addEventListener("paste", (event) => take(event, event.clipboardData.files), true);

// The file chooser would offer images only, and Gradio refuse a scan that was chosen all the same.
addEventListener(
  "click",
  ({ target }) => target === fileInput() && (target.accept = "image/*,.dcm"),
  true
);
addEventListener(
  "change",
  (event) => {
    const { target } = event;
    const scan = target === fileInput() && target.files[0]?.type.startsWith("image/") === false;
    if (scan) take(event, target.files);
  },
  true
);

// The browser cannot show DICOM or TIFF, which the app can read.
addEventListener(
  "error",
  ({ target }) => {
    if (!target.matches?.("gradio-app .picture img") || target.src.startsWith("data:")) return;
    target.alt = NO_PREVIEW;
    target.src = `data:image/svg+xml,${encodeURIComponent(
      `<svg xmlns="http://www.w3.org/2000/svg" width="400" height="200" fill="#64748b"
        font-family="system-ui, sans-serif" font-size="16" text-anchor="middle">
        <text x="200" y="106">${NO_PREVIEW}</text></svg>`
    )}`;
  },
  true
);

// Gradio's accordions do not tell screen readers whether they are open.
new MutationObserver(() => {
  for (const button of document.querySelectorAll("gradio-app button.label-wrap")) {
    const open = String(button.classList.contains("open"));
    if (button.getAttribute("aria-expanded") !== open) button.setAttribute("aria-expanded", open);
  }
}).observe(document.body, { subtree: true, childList: true, attributeFilter: ["class"] });
