(words, easy, hard, captions) => {
  const caption = captions[words.language];
  const button = ([key, thumbnail]) => `<button type="button" data-key="${key}" aria-pressed="false">
    <img src="${thumbnail}" alt=""><span>${caption[key]}</span>
  </button>`;
  const row = (thumbnails) => `<div class="row">${Object.entries(thumbnails).map(button).join("")}</div>`;
  if (!Object.keys(easy).length) return `<section class="examples" hidden></section>`;
  const fool = `<p><strong>${words.fool_label}</strong> ${words.fool}</p>${row(hard)}`;
  return `<section class="examples" aria-label="${words.examples_label}">
    <p>${words.examples_label}</p>
    ${row(easy)}
    ${Object.keys(hard).length ? fool : ""}
  </section>`;
}
