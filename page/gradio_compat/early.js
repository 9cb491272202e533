document.documentElement.classList.add("gradio-loading");
setTimeout(() => document.documentElement.classList.remove("gradio-loading"), LONGEST_MS);

// Gradio's first script asks for the next ones only while it runs, and these again: on a slow network
// and phone, the processor and the network wait for each other.
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
