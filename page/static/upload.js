// Sends a file to the server, where Gradio keeps it until it is deleted: see page/uploads.py.
const LONGEST_SILENCE = 60_000; // milliseconds
const PATIENCE = 1000; // milliseconds until the share that has been sent is shown

// Gradio's page knows its address, an element in another page has it as an attribute.
const root = () =>
  window.gradio_config?.root ?? element.closest("gradio-app")?.getAttribute("src") ?? "";

// Resolves to its path there, or rejects with the state to show. Once it takes long, `sent` gets the
// share that has been sent.
const uploadFile = async (file, request, sent) => {
  if (file.size > props.maxBytes) throw "too_big";
  await file.slice(0, 1).text().catch(() => {
    throw "unreadable";
  });
  return new Promise((resolve, reject) => {
    let silence;
    let share = 0;
    const start = performance.now();
    const listen = () => {
      clearTimeout(silence);
      silence = setTimeout(() => request.abort(), LONGEST_SILENCE);
    };
    // Also when nothing can be sent, since this is when it is cancelled.
    const patience = setTimeout(() => sent(share), PATIENCE);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      listen();
      share = loaded / total;
      if (performance.now() - start > PATIENCE) sent(share);
    });
    request.addEventListener("loadend", () => clearTimeout(patience));
    request.addEventListener("load", () => {
      if (request.status === 200) resolve(JSON.parse(request.responseText)[0]);
      else reject(request.status === 413 ? "too_big" : "no_reply");
    });
    for (const failure of ["error", "abort"])
      request.addEventListener(failure, () => reject("no_reply"));
    listen();
    const body = new FormData();
    body.append("files", file);
    request.open("POST", `${root().replace(/\/$/, "")}/gradio_api/upload`);
    request.send(body);
  });
};

// What Gradio takes for an image; without a path it is shown but not on the server yet.
const fileData = (file, url) => ({
  path: null,
  url,
  orig_name: file.name,
  size: file.size,
  mime_type: file.type,
  meta: { _type: "gradio.FileData" },
});
