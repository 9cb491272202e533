(words, value, confidenceThreshold, rates, labels) => {
  const { name, sure, perhaps, second: otherwise } = labels[words.language];
  const confidences = Object.fromEntries(
    (value?.confidences ?? []).map(({ label, confidence }) => [label, confidence])
  );
  const [top, second] = Object.keys(confidences);
  const state = !top
    ? value?.state || "empty"
    : confidences[top] < confidenceThreshold ? "unsure" : "sure";
  const format = (digits) =>
    new Intl.NumberFormat(words.language, {
      style: "percent",
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    });
  const [whole, tenths] = [format(0), format(1)];
  // Never show a certainty: "> 99.9%" instead of 100%, "< 0.1%" instead of 0%.
  const smallest = 0.001;
  const percent = (confidence) => {
    if (confidence >= 1 - smallest / 2) return `&gt;&nbsp;${tenths.format(1 - smallest)}`;
    if (confidence < smallest / 2) return `&lt;&nbsp;${tenths.format(smallest)}`;
    return tenths.format(confidence);
  };
  const meter = (label) => {
    const known = label in confidences;
    const shown = known ? percent(confidences[label]) : "";
    const width = known ? 100 * confidences[label] : 0;
    const role = known
      ? `role="meter" aria-label="${name[label]}" aria-valuemin="0" aria-valuemax="100"
         aria-valuenow="${width.toFixed(1)}" aria-valuetext="${shown}"`
      : `role="presentation"`;
    return `<div class="meter ${label === top ? "top" : ""}" ${role}>
      <span class="name">${name[label]}</span>
      <span class="share">${shown}</span>
      <span class="bar"><span style="width: ${width}%"></span></span>
    </div>`;
  };
  const rate = (text, right) => (right === undefined ? "" : fill(text, { right }));
  // Where only "other" takes part, there is nothing to crop to.
  const takesPart = Object.keys(name).some(
    (label) => label !== "other" && confidences[label] >= 0.25
  );
  const share = value?.share;
  const verdicts = {
    empty: () => `<p class="quiet">${words.empty}</p>`,
    sending: () => `<p class="quiet late">${words.sending}</p>`,
    waiting: () => `<p class="quiet late">${words.waiting}</p>`,
    failed: () => `<p>${escape(value.reason)}</p>`,
    too_big: () => `<p>${words.file_too_large}</p>`,
    unreadable: () => `<p>${words.unreadable}</p>`,
    no_clipboard: () => `<p>${words.no_clipboard}</p>`,
    no_drag: () => `<p>${words.no_drag}</p>`,
    no_camera: () => `<p>${words.no_camera}</p>`,
    no_reply: () => `<p>${words.no_reply}</p>`,
    sure: () => `<h2>${name[top]}</h2>
      <p>${sure[top]}</p>
      <p class="quiet">${rate(words.rate_sure, rates.sure)}</p>`,
    unsure: () => `<h2>${perhaps[top]}</h2>
      <p>${fill(otherwise[second], { share: whole.format(confidences[second]) })}
        ${rate(words.rate_unsure, rates.unsure)}</p>
      ${takesPart ? `<p class="quiet">${words.advice ?? words.advice_any}</p>` : ""}`,
  };
  const progress = () => `<div class="sent">
      <progress max="1" value="${share}" aria-label="${words.sending}"></progress>
      <span>${whole.format(share)}</span>
      <button type="button" class="cancel">${words.cancel}</button>
    </div>`;
  return `<section class="answer ${state}" tabindex="-1" aria-label="${words.answer}">
    <div class="head">
      <div class="verdict" role="status">${verdicts[state]()}</div>
      ${share === undefined ? "" : progress()}
      ${state === "no_reply" ? `<button type="button" class="again">${words.again}</button>` : ""}
      ${value?.frames
        ? `<p class="quiet frames">${fill(words["sampled_" + value.frames.unit], value.frames)}</p>`
        : ""}
    </div>
    <div class="meters">${Object.keys(name).map(meter).join("")}</div>
    <div class="foot">
      <p class="no-device">${words.no_device}</p>
      <button type="button" class="save" data-title="${words.title ?? words.title_any}" ${top ? "" : "disabled"}>
        ${words.save}
      </button>
    </div>
  </section>`;
}
