// Sends pictures to the server, the last one only, and shows in the card how far it is.
let sending = null;

// On a small screen the card is perhaps out of view. It comes into view once, and not with every share
// that has been sent: its visitor may want to scroll meanwhile.
let revealed = null;
const reveal = () => {
  const { state, of } = props.value ?? {};
  const shown = props.value && `${state} ${of}`;
  if (shown === revealed) return;
  revealed = shown;
  if (!shown) return;
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  requestAnimationFrame(() => {
    const part = element.offsetHeight < innerHeight ? element : element.querySelector(".head");
    part.scrollIntoView({ block: "nearest", behavior });
  });
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
  window.choosePicture?.(null);
};

let shownUrl = null; // of the picture that was sent last

const send = async (file) => {
  stop();
  window.releaseExamples?.();
  const request = new XMLHttpRequest();
  const mine = (sending = { file, request });
  URL.revokeObjectURL(shownUrl);
  const url = (shownUrl = URL.createObjectURL(file));
  show({ state: "sending", picture: fileData(file, url) });
  trigger("submit");
  const small = await shrink(file);
  if (sending !== mine) return;
  const sent = (share) => {
    if (sending === mine) show({ state: "sending", share, picture: fileData(file, url) });
  };
  try {
    const path = await uploadFile(small, request, sent);
    if (sending !== mine) return;
    show({ state: "waiting", picture: fileData(file, url, path) });
    trigger("submit");
  } catch (state) {
    if (sending === mine) show({ state });
  }
};

// Asks about the current picture again, whatever it is. The button that was pressed is gone then.
window.tryAgain = () => {
  const example = document.querySelector(".examples [aria-pressed=true]");
  if (sending) send(sending.file);
  else if (example) example.click();
  else window.askAgain?.();
  element.querySelector(".answer").focus();
};

element.addEventListener("click", ({ target }) => {
  const save = target.closest(".save");
  if (save) saveImage(save.dataset.title);
  if (target.closest(".cancel")) {
    window.dropChosen?.();
    stop();
    show({ picture: null });
    trigger("submit");
    element.querySelector(".answer").focus();
  }
  if (target.closest(".again")) window.tryAgain();
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

// Says why there is no picture where one was meant.
window.noPicture = (state) => {
  stop();
  show({ state });
};
window.stopSending = stop;
window.sendPictures = (files) => {
  if (!window.answerSeveral?.(files)) send(files[0]);
};
// Files that were dropped while the page was still being built.
if (window.droppedPictures) window.sendPictures(window.droppedPictures);
