// The buttons below the zone: choose a file, open the camera, paste.
// The first button below the zone would remove the image and open no file chooser, and the last one
// would say nothing when there is no image in the clipboard or the page may not read it.
const chooser = Object.assign(document.createElement("input"), { type: "file", multiple: true });
chooser.addEventListener("change", () => {
  imageApp.send([...chooser.files]);
  chooser.value = "";
});
const paste = async () => {
  const items = (await navigator.clipboard?.read().catch(() => [])) ?? [];
  for (const item of items) {
    const type = item.types.find((type) => type.startsWith("image/"));
    if (!type) continue;
    const name = type.replace("/", ".");
    return imageApp.send([new File([await item.getType(type)], name, { type })]);
  }
  imageApp.say("no_clipboard");
};
// Gradio would send a photograph whole, and lose it when it cannot be sent.
const photograph = async () => {
  const video = document.querySelector("gradio-app .picture video");
  const { videoWidth: width, videoHeight: height } = video;
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  canvas.getContext("2d").drawImage(video, 0, 0);
  const type = "image/jpeg";
  const blob = await new Promise((done) => canvas.toBlob(done, type, 0.95));
  imageApp.send([new File([blob], "photograph.jpg", { type })]);
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

// Gradio says nothing when the camera is missing or denied.
const devices = navigator.mediaDevices;
if (devices) {
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = (constraints) =>
    open(constraints).catch((error) => {
      imageApp.say("no_camera");
      throw error;
    });
}
