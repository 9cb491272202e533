(words, value, confidenceThreshold, labels) => {
  const { name: names, perhaps } = labels[words.language];
  const { entries = [], left } = value ?? {};
  if (!entries.length) return "";
  // Rounded down, so that no certainty is shown.
  const percent = (confidence) =>
    new Intl.NumberFormat(words.language, { style: "percent" }).format(
      Math.floor(100 * confidence) / 100
    );
  const entry = ({ name, url, shown, answer }, index) => {
    const [{ label, confidence } = {}] = answer.confidences ?? [];
    const unsure = confidence < confidenceThreshold;
    const { reason } = answer;
    const state = label ? (unsure ? "unsure" : "sure") : reason ? "failed" : "pending";
    const said = label
      ? `<strong>${(unsure ? perhaps : names)[label]}</strong> ${percent(confidence)}`
      : escape(reason ?? "…");
    return `<li class="${state}">
      <button type="button" data-index="${index}" aria-current="${shown}">
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
      <p role="status">${counted} ${left ? fill(words.several_most, { most: entries.length }) : ""}</p>
      <button type="button" class="csv" ${done ? "" : "disabled"}>${words.several_csv}</button>
    </div>
    <ul>${entries.map(entry).join("")}</ul>
  </section>`;
}
