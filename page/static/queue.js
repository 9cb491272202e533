// Answers several pictures one after another; they and their answers stay in this tab's memory.
const MOST = 100; // pictures
let entries = [];
let chosen = null; // the entry whose picture and answer are shown
let asked = null; // the entry that the server answers, and what to call then
let running = false;

const render = () => {
  props.value = {
    entries: entries.map((entry) => ({
      name: entry.file.name,
      url: entry.begun && (entry.answer.preview ?? entry.url),
      chosen: entry === chosen,
      answer: entry.answer,
    })),
    picture: chosen && fileData(chosen.file, chosen.url, chosen.path),
    answer: chosen?.answer,
  };
};

// Why a picture has no answer, where the server has not said it.
const reasonFor = ({ state }) => {
  const words = props.words[LANGUAGE];
  return { too_big: words.file_too_large, unreadable: words.unreadable, no_reply: words.no_reply }[state];
};

// A picture is only shown when it is another one: its explanation would be asked for again.
let picture = null;
const display = () => {
  const before = picture;
  picture = JSON.stringify(props.value.picture);
  trigger(picture === before ? "input" : "select");
};

const update = (entry, answer) => {
  entry.answer = { reason: reasonFor(answer), ...answer };
  if (!entries.includes(entry)) return;
  if (entry === chosen) window.currentPicture = entry.path;
  render();
  if (entry === chosen) display();
};

const show = (entry, url) => {
  URL.revokeObjectURL(entry.url);
  entry.url = url;
};

// The listener for "submit" asks the server; its answer comes as the value.
const ask = (entry) =>
  new Promise((resolve) => {
    asked = { entry, resolve };
    window.askedPicture = fileData(entry.file, null, entry.path);
    trigger("submit");
  });
watch("value", () => {
  const answer = props.value;
  if (asked && answer && !answer.entries && (answer.of ?? asked.entry.path) === asked.entry.path)
    asked.resolve(answer);
});

const answerOne = async (entry) => {
  entry.begun = true;
  try {
    const small = await shrink(entry.file);
    if (!entries.includes(entry)) return;
    if (small !== entry.file) show(entry, URL.createObjectURL(small));
    update(entry, { state: "sending" });
    entry.request = new XMLHttpRequest();
    const sent = (share) => update(entry, { state: "sending", share });
    entry.path ??= await uploadFile(small, entry.request, sent);
    update(entry, { state: "waiting" });
    const answer = await ask(entry);
    update(entry, answer);
  } catch (state) {
    update(entry, { state });
  }
};

// The chosen one first: its visitor is waiting for it.
const next = () =>
  [chosen, ...entries].find((entry) => entry && !entry.begun && entries.includes(entry));

const answerAll = async () => {
  if (running) return;
  running = true;
  for (let entry = next(); entry; entry = next()) await answerOne(entry);
  running = false;
};

const choose = (entry) => {
  window.stopSending();
  window.releaseExamples?.();
  chosen = entry;
  picture = null;
  update(entry, entry.answer);
};

// Asks about all pictures again that got no reply.
const again = () => {
  for (const entry of entries) {
    if (entry.answer.state !== "no_reply") continue;
    entry.begun = false;
    update(entry, { state: "sending" });
  }
  answerAll();
};

element.addEventListener("click", ({ target }) => {
  const entry = entries[target.closest("[data-index]")?.dataset.index];
  if (entry) choose(entry);
  if (entry?.answer.state === "no_reply") again();
  if (target.closest(".csv")) {
    const text = csv(entries, Object.keys(props.labels.en.name));
    saveAs(new Blob([text], { type: "text/csv" }), CSV_NAME);
  }
});

// Takes files where there are several, or several before them; else send.js sends the only one.
window.answerSeveral = (files) => {
  if (files.length < 2 && !entries.length) return false;
  const taken = files.slice(0, MOST - entries.length);
  window.leftPictures = taken.length < files.length;
  const added = taken.map((file) => ({
    file,
    url: URL.createObjectURL(file),
    answer: { state: "sending" },
  }));
  entries.push(...added);
  choose(added[0] ?? entries.at(-1));
  answerAll();
  return true;
};

window.askAgain = () => {
  if (chosen) again();
  return Boolean(chosen);
};

// Takes the chosen picture out of the strip and stops sending it.
window.dropChosen = () => {
  if (!chosen) return;
  entries = entries.filter((entry) => entry !== chosen);
  chosen.request?.abort();
  show(chosen, null);
};

// Another picture is shown, such as an example.
window.choosePicture = () => {
  if (!chosen) return;
  chosen = null;
  render();
};

// The answer to a picture of the strip, which need not be asked again.
window.knownAnswer = (path) => {
  const entry = entries.find((entry) => entry.path === path);
  if (!entry) window.choosePicture();
  return entry?.answer;
};

window.forgetPictures = () => {
  for (const entry of entries) {
    entry.request?.abort();
    show(entry, null);
  }
  entries = [];
  chosen = null;
  render();
};
