(words, easy, hard) => {
  const button = ([key, thumbnail]) => `<button type="button" data-key="${key}" aria-pressed="false">
    <img src="${thumbnail}" alt=""><span>${words[key]}</span>
  </button>`;
  const row = (thumbnails) => `<div class="row">${Object.entries(thumbnails).map(button).join("")}</div>`;
  return `<section class="examples" aria-label="${words.examples_label}">
    <p>${words.examples_label}</p>
    ${row(easy)}
    <p><strong>${words.fool_label}</strong> ${words.fool}</p>
    ${row(hard)}
  </section>`;
}
