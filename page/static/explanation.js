(words, value, gradient) => {
  if (!value?.url) {
    return `<p class="none" role="status">${value?.state ? words.why_waiting : words.why_empty}</p>`;
  }
  return `<figure>
    <img src="${value.url}" alt="${words.why_alt}">
    <figcaption>
      <div class="legend">
        <span>${words.why_little}</span>
        <span class="scale" style="background: ${gradient}"></span>
        <span>${words.why_most}</span>
      </div>
      <p>${words.why_meaning}</p>
      <p class="method">${words.why_method}
        <a href="https://arxiv.org/abs/2011.08891" target="_blank" rel="noopener">HiResCAM</a>,
        <a href="https://arxiv.org/abs/2204.13359" target="_blank" rel="noopener">Poly-CAM</a>.</p>
    </figcaption>
  </figure>`;
}
