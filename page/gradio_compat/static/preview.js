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
