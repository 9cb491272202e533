(words, value, unsureBelow) => {
  const confidences = Object.fromEntries(
    (value?.confidences ?? []).map(({ label, confidence }) => [label, confidence])
  );
  const top = confidences[value?.label];
  const state = top === undefined ? value?.state || "empty" : top < unsureBelow ? "unsure" : "sure";
  const number = new Intl.NumberFormat(words.language, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  // Never a certainty: what would round to 100 % or to 0 % is given as a limit.
  const percent = (confidence) => {
    if (confidence >= 0.9995) return `&gt;&nbsp;${number.format(0.999)}`;
    if (confidence < 0.0005) return `&lt;&nbsp;${number.format(0.001)}`;
    return number.format(confidence);
  };
  const meter = (label) => {
    const known = label in confidences;
    const shown = known ? percent(confidences[label]) : "";
    const width = known ? 100 * confidences[label] : 0;
    const role = known
      ? `role="meter" aria-label="${words[label]}" aria-valuemin="0" aria-valuemax="100"
         aria-valuenow="${width.toFixed(1)}" aria-valuetext="${shown}"`
      : `role="presentation"`;
    return `<div class="meter ${label === value?.label ? "top" : ""}" ${role}>
      <span class="name">${words[label]}</span>
      <span class="share">${shown}</span>
      <span class="bar"><span style="width: ${width}%"></span></span>
    </div>`;
  };
  // What is not shown now keeps its room, so that nothing moves when an answer comes.
  const only = (states, html) =>
    `<div class="${states.includes(state) ? "" : "absent"}">${html}</div>`;
  return `<section class="answer ${state}" aria-label="${words.answer}">
    <div class="verdict stack" role="status">
      ${only(["empty"], `<p class="quiet">${words.empty}</p>`)}
      ${only(["waiting"], `<p class="quiet late">${words.waiting}</p>`)}
      ${only(["failed"], `<p class="quiet">${words.failed}</p>`)}
      ${only(["sure", "unsure"], `<h2>${words[value?.label] ?? "&nbsp;"}</h2>
        <div class="stack">
          ${only(["sure"], `<p>${words["sure_" + value?.label] ?? ""}</p>`)}
          ${only(["unsure"], `<p>${words.unsure}</p>`)}
        </div>`)}
    </div>
    <div class="meters">${["brain", "lung", "other"].map(meter).join("")}</div>
    <p class="no-device">${words.no_device}</p>
  </section>`;
}
