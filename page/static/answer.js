(words, value, confidenceThreshold) => {
  const confidences = Object.fromEntries(
    (value?.confidences ?? []).map(({ label, confidence }) => [label, confidence])
  );
  const top = confidences[value?.label];
  const state = top === undefined ? value?.state || "empty" : top < confidenceThreshold ? "unsure" : "sure";
  const number = new Intl.NumberFormat(words.language, {
    style: "percent",
    minimumFractionDigits: 1,
    maximumFractionDigits: 1,
  });
  // Never show a certainty: "> 99.9%" instead of 100%, "< 0.1%" instead of 0%.
  const smallest = 0.001;
  const percent = (confidence) => {
    if (confidence >= 1 - smallest / 2) return `&gt;&nbsp;${number.format(1 - smallest)}`;
    if (confidence < smallest / 2) return `&lt;&nbsp;${number.format(smallest)}`;
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
  // Hidden parts keep their space, so that nothing moves when an answer comes.
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
