document.documentElement.classList.add("gradio-loading");
setTimeout(() => document.documentElement.classList.remove("gradio-loading"), LONGEST_MS);

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
