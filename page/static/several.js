(words, value, confidenceThreshold, labels) => {
  const { name: names, perhaps } = labels[words.language];
  // While an answer passes through the value, the strip stays as it is.
  if (value?.entries) window.shownStrip = value.entries;
  const entries = window.shownStrip ?? [];
  if (!entries.length) return "";
  const escape = (text) => text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  // Rounded down, so that no certainty is shown.
  const percent = (confidence) =>
    new Intl.NumberFormat(words.language, { style: "percent" }).format(
      Math.floor(100 * confidence) / 100
    );
  const entry = ({ name, url, chosen, answer }, index) => {
    const [{ label, confidence } = {}] = answer.confidences ?? [];
    const unsure = confidence < confidenceThreshold;
    const { reason } = answer;
    const state = label ? (unsure ? "unsure" : "sure") : reason ? "failed" : "pending";
    const said = label
      ? `<strong>${(unsure ? perhaps : names)[label]}</strong> ${percent(confidence)}`
      : escape(reason ?? "…");
    return `<li class="${state}">
      <button type="button" data-index="${index}" aria-current="${Boolean(chosen)}">
        ${url && !reason ? `<img src="${url}" alt="">` : `<span class="blank"></span>`}
        <span class="said">${said}</span>
        <span class="file">${escape(name)}</span>
      </button>
    </li>`;
  };
  // What got no reply is asked about again.
  const isDone = ({ confidences, reason, state }) =>
    confidences || (reason && state !== "no_reply");
  const done = entries.filter(({ answer }) => isDone(answer)).length;
  const counted = fill(words.several_done, { done, total: entries.length });
  return `<section class="several" aria-label="${words.several}">
    <div class="line">
      <p role="status">${counted} ${window.leftPictures ? fill(words.several_most, { most: entries.length }) : ""}</p>
      <button type="button" class="csv" ${done ? "" : "disabled"}>${words.several_csv}</button>
    </div>
    <ul>${entries.map(entry).join("")}</ul>
  </section>`;
}
