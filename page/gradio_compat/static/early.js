// A skeleton with a place for images, which takes them before Gradio's scripts have come.
const early = document.querySelector(".early");
const [text, input] = early.children;
document.documentElement.classList.add("gradio-loading");
window.gradio_config.title = document.title; // in the visitor's language
early.lang = LANGUAGE;
text.textContent = DROP;
// Also after the page is complete, since it may take long to choose a file.
input.addEventListener("change", () => {
  imageApp.send([...input.files]);
  text.textContent = SENDING;
});

imageApp.showPage = () => {
  document.documentElement.classList.remove("gradio-loading");
  const focused = document.activeElement === input;
  early.remove();
  if (focused) document.querySelector("gradio-app .picture button")?.focus();
};
setTimeout(imageApp.showPage, LONGEST_MS);

// Gradio takes its sign of loading away without stopping the clock in it, which would wake a phone in
// every frame for as long as the page is open. This page shows none of Gradio's clocks.
const CLOCK = /performance\.now\(\)-.*\/1e3/;
const request = requestAnimationFrame.bind(window);
window.requestAnimationFrame = (callback) => (CLOCK.test(callback) ? 0 : request(callback));

// Some of Gradio's scripts are asked for only when earlier ones have run. On a slow phone the network
// would be idle until then.
document.querySelector("script[type=module]").addEventListener("load", () =>
  // Gradio's own requests first.
  setTimeout(() => {
    for (const name of PRELOADS) {
      const script = name.endsWith(".js");
      const link = document.createElement("link");
      link.rel = script ? "modulepreload" : "preload";
      link.as = script ? "script" : "style";
      link.crossOrigin = "";
      link.fetchPriority = "low";
      link.href = `assets/${name}`;
      document.head.append(link);
    }
  })
);
