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

// The next image may be one that it shows.
document.addEventListener(
  "load",
  ({ target }) => {
    if (target.alt === NO_PREVIEW && !target.src.startsWith("data:")) target.alt = "";
  },
  true
);

// What is shown of an image. Of an animation, the frame that the explanation is about: it would play.
imageApp.shownUrl = () =>
  imageApp.shown?.answer.preview ?? document.querySelector("gradio-app .picture img")?.src;

imageApp.showPreview = async (url) => {
  const { image } = imageApp.shown;
  // The browser may not have found out yet that it cannot show the file.
  for (let frames = 0; frames < 300 && imageApp.shown?.image === image; frames++) {
    const shown = document.querySelector("gradio-app .picture img");
    if (shown?.src.startsWith("data:image/svg")) {
      shown.alt = "";
      shown.src = url;
      return;
    }
    await new Promise(requestAnimationFrame);
  }
};
