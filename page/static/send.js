// Sends pictures to the server, the last one only, and shows in the card how far it is.
const MAX_BYTES = 20 * 2 ** 20;
const PATIENCE = 1000; // milliseconds until the share that has been sent is shown
let sending = null;

// Gradio's page knows its address, an element in another page has it as an attribute.
const root = () =>
  window.gradio_config?.root ?? element.closest("gradio-app")?.getAttribute("src") ?? "";

// On a narrow screen the card stands below the picture, perhaps below the screen.
const reveal = () => {
  if (!matchMedia("(width < 48rem)").matches || !props.value) return;
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  requestAnimationFrame(() => element.scrollIntoView({ block: "nearest", behavior }));
};
watch("value", reveal);

// Of a scan or a stack the server sends a picture that the browser can show.
watch("value", () => {
  const { of, preview } = props.value ?? {};
  if (preview && of === window.currentPicture) window.showPreview(preview);
});

const show = (value) => {
  props.value = value;
  reveal();
};

// An answer about any other picture than the current one is not shown: see answer.js.
const stop = () => {
  sending?.request.abort();
  sending = window.currentPicture = null;
};

const send = async (file) => {
  stop();
  window.releaseExamples?.();
  const request = new XMLHttpRequest();
  const mine = (sending = { file, request });
  const url = URL.createObjectURL(file);
  const picture = (path) => ({
    path,
    url,
    orig_name: file.name,
    size: file.size,
    mime_type: file.type,
    meta: { _type: "gradio.FileData" },
  });
  const fail = (state) => {
    if (sending === mine) show({ state });
  };
  show({ state: "sending", picture: picture(null) });
  trigger("submit");
  const small = await shrink(file);
  if (sending !== mine) return;
  if (small.size > MAX_BYTES) return fail("too_big");
  const start = performance.now();
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    if (sending !== mine || performance.now() - start < PATIENCE) return;
    show({ state: "sending", share: loaded / total, picture: picture(null) });
  });
  request.addEventListener("load", () => {
    if (sending !== mine) return;
    if (request.status !== 200) return fail(request.status === 413 ? "too_big" : "no_reply");
    const [path] = JSON.parse(request.responseText);
    show({ state: "waiting", picture: picture(path) });
    trigger("submit");
  });
  request.addEventListener("error", () => fail("no_reply"));
  const body = new FormData();
  body.append("files", small);
  request.open("POST", `${root().replace(/\/$/, "")}/gradio_api/upload`);
  request.send(body);
};

element.addEventListener("click", ({ target }) => {
  if (target.closest(".cancel")) {
    stop();
    show({ picture: null });
    trigger("submit");
  }
  if (target.closest(".again")) {
    if (sending) send(sending.file);
    else document.querySelector(".examples [aria-pressed=true]")?.click();
  }
});

// Gradio says nothing when the camera is missing or denied.
const devices = navigator.mediaDevices;
if (devices) {
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (constraints) =>
    open(constraints).catch((error) => {
      show({ state: "no_camera" });
      throw error;
    });
}

window.stopSending = stop;
window.sendPictures = ([file]) => send(file);
// Files that were dropped while the page was still being built.
if (window.droppedPictures) window.sendPictures(window.droppedPictures);
