(words, value, gradient) => {
  // A late map is about an image that has been replaced.
  const late = () => imageApp.explained !== imageApp.shown?.image?.path;
  if ((value?.url || value?.state === "other") && late()) value = null;
  // Always the first element, since screen readers announce what changes in a status.
  const status = (text) => `<div role="status">${text}</div>`;
  if (!value?.url) {
    const text = words["why_" + value?.state];
    if (!text) return `${status("")}<p class="none">${words.why_empty}</p>`;
    const again = `<button type="button" class="again">${words.again}</button>`;
    return `${status(`<p class="none">${text}</p>`)}${value.state === "failed" ? again : ""}`;
  }
  // Also what the browser cannot show has an image there, a drawn one.
  const image = imageApp.shownUrl();
  const shown = image && !image.startsWith("data:image/svg");
  return `${status(`<p class="caution">${words.why_caution}</p>`)}
  <figure>
    <div class="layers">
      ${shown ? `<img class="picture-below" src="${image}" alt="">` : ""}
      <img class="heat" src="${value.url}" alt="${words.why_alt}">
    </div>
    <figcaption>
      ${shown ? `<label class="slider">${words.why_colours}
        <input type="range" min="0" max="100" value="100"></label>` : ""}
      <div class="legend">
        <span>${words.why_little}</span>
        <span class="scale" style="background: ${gradient}"></span>
        <span>${words.why_most}</span>
      </div>
      <p>${words.why_meaning}</p>
      <p class="method">${words.why_method}
        <a href="https://arxiv.org/abs/1311.2901" target="_blank" rel="noopener">Zeiler, Fergus (2014)</a>.</p>
    </figcaption>
  </figure>`;
}
