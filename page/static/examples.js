(words, thumbnails) => {
  const button = ([key, picture]) => `<button type="button" data-key="${key}">
    <img src="${picture}" alt="" width="160" height="160"><span>${words[key]}</span>
  </button>`;
  return `<section class="examples" aria-label="${words.examples_label}">
    <p class="lead">${words.examples_label}</p>
    <div class="row">${Object.entries(thumbnails).map(button).join("")}</div>
    <p class="outside">${words.examples}</p>
  </section>`;
}
