// Takes images from their files to their answers, one after another, and shows one of them: see
// page/prediction.py. Images and answers stay in the memory of this tab.
const MOST = 100; // images
let entries = []; // two or more are a strip
let shown = null; // one of them, an example, or only an answer
let left = false; // whether more than MOST images were given
let running = false;
const waiting = new Map(); // for replies of the server: by path or example, whom to tell

const render = () => {
  const strip = entries.length < 2 ? [] : entries;
  props.value = {
    left,
    entries: strip.map((entry) => ({
      name: entry.file.name,
      url: entry.answer.preview ?? entry.thumbnail,
      shown: entry === shown,
      answer: entry.answer,
    })),
  };
};

// Gradio's listener for "select" takes image and answer, that for "input" takes only the answer. An
// image that is there already is not shown again, or its explanation would be asked for again.
let there = "null";
const show = (entry) => {
  shown = imageApp.shown = entry;
  for (const button of document.querySelectorAll("gradio-app .examples button"))
    button.ariaPressed = String(button.dataset.key === entry?.example);
  render();
  const image = entry ? JSON.stringify(entry.image) : "null";
  const stays = !image || image === there; // an example has no image yet
  if (!stays) there = image;
  trigger(stays ? "input" : "select");
};

// Why an image has no answer, where the server has not said it.
const reasonFor = ({ state }) => {
  const words = props.words[LANGUAGE];
  return { too_big: words.file_too_large, unreadable: words.unreadable, no_reply: words.no_reply }[state];
};

const update = (entry, answer) => {
  entry.answer = { reason: reasonFor(answer), ...answer };
  if (entry === shown) show(entry);
  else if (entries.includes(entry)) render();
};

const sendFile = async (entry) => {
  const small = await shrink(entry.file);
  if (!entries.includes(entry)) return;
  entry.thumbnail ??= small === entry.file ? entry.image.url : URL.createObjectURL(small);
  update(entry, { state: "sending" });
  entry.request = new XMLHttpRequest();
  const sent = (share) => update(entry, { state: "sending", share });
  entry.path = await uploadFile(small, entry.request, sent);
};

const ask = async (entry) => {
  const of = entry.example ?? entry.path;
  const replied = new Promise((resolve) => waiting.set(of, resolve));
  if (entry.example) imageApp.askExample(entry.example);
  else {
    imageApp.asked = { ...entry.image, url: null, path: entry.path };
    trigger("submit");
  }
  const reply = await replied;
  waiting.delete(of);
  return reply;
};

const answerOne = async (entry) => {
  entry.begun = true;
  try {
    if (!entry.example) await sendFile(entry);
    if (entry !== shown && !entries.includes(entry)) return;
    update(entry, { state: "waiting" });
    const { image, ...answer } = await ask(entry);
    // With its path, Gradio can ask for its explanation.
    entry.image = image ?? { ...entry.image, path: answer.of ?? null };
    update(entry, answer);
  } catch (state) {
    // Thrown by uploadFile.
    update(entry, { state });
  }
};

// The one that is shown first: its visitor is waiting for it.
const next = () => [shown, ...entries].find((entry) => entries.includes(entry) && !entry.begun);

const answerAll = async () => {
  if (running) return;
  running = true;
  for (let entry = next(); entry; entry = next())
    await Promise.race([answerOne(entry), new Promise((resolve) => (entry.release = resolve))]);
  running = false;
};

// Lets the next one begin at once.
const stop = (entry) => {
  entry.request?.abort();
  entry.release?.();
};

const forget = (forgotten) => {
  entries = entries.filter((entry) => !forgotten.includes(entry));
  for (const entry of forgotten) {
    stop(entry);
    URL.revokeObjectURL(entry.image.url);
    URL.revokeObjectURL(entry.thumbnail);
  }
};

// What is not a strip is replaced by what comes next.
const isStrip = () => entries.length > 1;

imageApp.send = (files) => {
  if (!files.length) return;
  if (!isStrip()) forget(entries);
  const taken = files.slice(0, MOST - entries.length);
  left = taken.length < files.length;
  const added = taken.map((file) => ({
    file,
    image: fileData(file, URL.createObjectURL(file)),
    answer: { state: "sending" },
  }));
  entries.push(...added);
  show(added[0] ?? entries.at(-1));
  answerAll();
};

imageApp.sendExample = (example) => {
  if (!isStrip()) entries.forEach(stop);
  const entry = { example, answer: { state: "waiting" } };
  there = null; // it is explained again even if it is there
  show(entry);
  answerOne(entry);
};

imageApp.say = (state) => {
  if (!isStrip()) entries.forEach(stop);
  show({ answer: { state } });
};

// Gradio does not say which request has failed.
imageApp.reply = (reply) => {
  const told = reply.of ? [waiting.get(reply.of)] : [...waiting.values()];
  for (const tell of told) tell?.(reply);
};

// Gradio sends no request when the JavaScript of a listener throws.
imageApp.explain = (image) => {
  if (!image?.path || !imageApp.explanationOpen) throw 0;
  imageApp.explained = image.path;
  return image;
};

// The button that was pressed is gone then.
const focusAnswer = () => document.querySelector("gradio-app .answer").focus();

// Sends what is shown again, and all that got no reply.
const again = () => {
  if (shown?.example) return imageApp.sendExample(shown.example);
  for (const entry of entries) {
    if (entry !== shown && entry.answer.state !== "no_reply") continue;
    entry.begun = false;
    entry.image = { ...entry.image, path: null };
    update(entry, { state: "sending" });
  }
  answerAll();
};
imageApp.again = () => {
  again();
  focusAnswer();
};

imageApp.cancel = () => {
  forget([shown]);
  show(entries.length === 1 ? entries[0] : null);
  focusAnswer();
};

imageApp.clear = () => {
  forget(entries);
  show(null);
};

element.addEventListener("click", ({ target }) => {
  const entry = entries[target.closest("[data-index]")?.dataset.index];
  if (entry) show(entry);
  if (entry?.answer.state === "no_reply") again();
  if (target.closest(".csv")) {
    const text = csv(entries, Object.keys(props.labels.en.name));
    saveAs(new Blob([text], { type: "text/csv" }), CSV_NAME);
  }
});

if (imageApp.early) imageApp.send(imageApp.early);
