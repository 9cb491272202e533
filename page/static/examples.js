(words, thumbnails) => {
  const button = ([key, thumbnail]) => `<button type="button" data-key="${key}" aria-pressed="false">
    <img src="${thumbnail}" alt=""><span>${words[key]}</span>
  </button>`;
  return `<section class="examples" aria-label="${words.examples_label}">
    <p>${words.examples_label}</p>
    <div class="row">${Object.entries(thumbnails).map(button).join("")}</div>
  </section>`;
}
