// Gradio only clears when an image is dropped on another one (gradio #9031), lets the browser open
// what is dropped beside its zone, ignores Ctrl+V, and refuses files whose type is not "image/…" in
// English. So we take files before Gradio sees them.
const fileInput = () => document.querySelector("gradio-app .picture input[type=file]");
// Gradio does not see drops, and an image that is left, and would keep its zone marked.
const unmark = () => fileInput()?.parentElement.dispatchEvent(new DragEvent("dragleave"));
const inApp = ({ target }) => own || target.closest?.("gradio-app");
const take = (event, files) => {
  if (!files?.length || !inApp(event)) return;
  event.preventDefault();
  event.stopPropagation();
  openFirstTab();
  imageApp.send([...files]);
};
// Some browsers drag an image of a page as HTML, without its file.
let draggedExample = null;
const takeHtml = async (event) => {
  if (!inApp(event)) return;
  event.preventDefault();
  event.stopPropagation();
  if (draggedExample) return draggedExample.click();
  const page = new DOMParser().parseFromString(event.dataTransfer.getData("text/html"), "text/html");
  const address = page.querySelector("img")?.src;
  if (!address) return;
  openFirstTab();
  try {
    const blob = await (await fetch(address)).blob();
    if (!blob.type.startsWith("image/")) throw new TypeError(blob.type);
    const name = address.startsWith("data:") ? "picture" : new URL(address).pathname.split("/").pop();
    imageApp.send([new File([blob], name, { type: blob.type })]);
  } catch {
    imageApp.say("no_drag");
  }
};
addEventListener("dragstart", ({ target }) => {
  draggedExample = target.closest?.("gradio-app .examples button");
});
addEventListener("dragend", () => {
  draggedExample = null;
});
addEventListener("dragover", (event) => inApp(event) && event.preventDefault());
addEventListener(
  "drop",
  (event) => {
    unmark();
    const { files } = event.dataTransfer;
    if (files.length) take(event, files);
    else takeHtml(event);
  },
  true
);
addEventListener("dragleave", ({ isTrusted }) => isTrusted && unmark(), true);
addEventListener("paste", (event) => take(event, event.clipboardData.files), true);

// The file chooser would offer one file, and only images by their ending: files on a hospital's disc
// have none. Phones offer their camera and gallery anyway.
addEventListener(
  "click",
  ({ target }) => target === fileInput() && Object.assign(target, { accept: "", multiple: true }),
  true
);
addEventListener(
  "change",
  (event) => {
    const { target } = event;
    if (target !== fileInput()) return;
    take(event, target.files);
    target.value = ""; // or the same file could not be chosen again
  },
  true
);
