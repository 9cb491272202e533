// The app is a page of its own, which may be framed, or an element of another page.
const own = document.querySelector("gradio-app[embed=false]") !== null;
// The Hub shows a Space in a frame that is the whole page.
const onHub = document.referrer.startsWith("https://huggingface.co/");
const framed = !own || (window.self !== window.top && !onHub);
document.documentElement.classList.toggle("gradio-framed", framed);

// A page that embeds this one can let its frame grow and shrink with the content, as examples/portfolio.html does.
if (own && window.self !== window.top) {
  const tell = new ResizeObserver(([{ target }]) => {
    const height = Math.ceil(target.getBoundingClientRect().bottom + scrollY) + 56; // Gradio's padding
    window.parent.postMessage({ type: "brain-lung-other", height }, "*");
  });
  const found = new MutationObserver(() => {
    // The last part of the tab; what is around it is as high as the frame.
    const content = document.querySelector("gradio-app .try");
    if (!content) return;
    found.disconnect();
    tell.observe(content);
  });
  found.observe(document.body, { subtree: true, childList: true });
}

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

// The skeleton of early.css gives way when the parts of the first screen are there.
const PARTS = [".answer", ".examples", ".picture input[type=file]", "button.label-wrap"];
const complete = new MutationObserver(() => {
  if (!PARTS.every((part) => document.querySelector(`gradio-app ${part}`))) return;
  complete.disconnect();
  if (own) goToAddress();
  if (window.showPage) requestAnimationFrame(showPage);
});
complete.observe(document.body, { subtree: true, childList: true });

if (LANGUAGE === "fr") {
  // Gradio translates its texts, but not these names and the words of the camera.
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

// Gradio only clears when an image is dropped on another one (gradio #9031), lets the browser open
// what is dropped beside its zone, ignores Ctrl+V, and refuses files whose type is not "image/…" in
// English. So the card takes files before Gradio sees them.
const fileInput = () => document.querySelector("gradio-app .picture input[type=file]");
// Gradio does not see drops, and a picture that is left, and would keep its zone marked.
const unmark = () => fileInput()?.parentElement.dispatchEvent(new DragEvent("dragleave"));
const inApp = ({ target }) => own || target.closest?.("gradio-app");
const take = (event, files) => {
  if (!files?.length || !inApp(event)) return;
  event.preventDefault();
  event.stopPropagation();
  openFirstTab();
  if (window.sendPictures) window.sendPictures([...files]);
  else window.droppedPictures = [...files];
};
// Some browsers drag a picture of a page as HTML, without its file.
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
    window.sendPictures([new File([blob], name, { type: blob.type })]);
  } catch {
    window.noPicture("no_drag");
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

// The first button below the zone would remove the picture and open no file chooser, and the last one
// would say nothing when there is no picture in the clipboard or the page may not read it.
const chooser = Object.assign(document.createElement("input"), { type: "file", multiple: true });
chooser.addEventListener("change", () => {
  window.sendPictures([...chooser.files]);
  chooser.value = "";
});
const paste = async () => {
  const items = (await navigator.clipboard?.read().catch(() => [])) ?? [];
  for (const item of items) {
    const type = item.types.find((type) => type.startsWith("image/"));
    if (!type) continue;
    const name = type.replace("/", ".");
    return window.sendPictures([new File([await item.getType(type)], name, { type })]);
  }
  window.noPicture("no_clipboard");
};
// Gradio would send a photograph whole, and lose it when it cannot be sent.
const photograph = async () => {
  const video = document.querySelector("gradio-app .picture video");
  const { videoWidth: width, videoHeight: height } = video;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(video, 0, 0);
  const type = "image/jpeg";
  const blob = await new Promise((done) => canvas.toBlob(done, type, 0.95));
  window.sendPictures([new File([blob], "photograph.jpg", { type })]);
};
addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("gradio-app .picture button");
    if (button?.matches(".source-selection :first-child.selected")) chooser.click();
    else if (button?.matches(".source-selection :last-child")) paste();
    else if (button?.matches(".capture-button")) photograph();
    else return;
    event.preventDefault();
    event.stopPropagation();
  },
  true
);

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

// The next picture may be one that it shows.
document.addEventListener(
  "load",
  ({ target }) => {
    if (target.alt === NO_PREVIEW && !target.src.startsWith("data:")) target.alt = "";
  },
  true
);

// What is shown of a picture. Of an animation, the frame that the explanation is about: it would play.
window.shownPicture = () =>
  window.shownAnswer?.preview ?? document.querySelector("gradio-app .picture img")?.src;

window.showPreview = async (url) => {
  const current = window.currentPicture;
  // The browser may not have found out yet that it cannot show the file.
  for (let frames = 0; frames < 300 && window.currentPicture === current; frames++) {
    const picture = document.querySelector("gradio-app .picture img");
    if (picture?.src.startsWith("data:image/svg")) {
      picture.alt = "";
      picture.src = url;
      return;
    }
    await new Promise(requestAnimationFrame);
  }
};

// On paper there are no dark backgrounds, so that text has to be dark.
let dark = false;
addEventListener("beforeprint", () => {
  dark = document.body.classList.contains("dark");
  document.body.classList.remove("dark");
});
addEventListener("afterprint", () => document.body.classList.toggle("dark", dark));

// Gradio's accordions do not tell screen readers whether they are open.
new MutationObserver(() => {
  for (const button of document.querySelectorAll("gradio-app button.label-wrap")) {
    const open = String(button.classList.contains("open"));
    if (button.getAttribute("aria-expanded") !== open) button.setAttribute("aria-expanded", open);
    button.querySelector(".icon")?.setAttribute("aria-hidden", "true"); // a triangle, "▼"
  }
}).observe(document.body, { subtree: true, childList: true, attributeFilter: ["class"] });
