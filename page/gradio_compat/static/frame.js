// The app is a page of its own, which may be framed, or an element of another page.
const own = document.querySelector("gradio-app[embed=false]") !== null;
// The Hub shows a Space in a frame that is the whole page.
const onHub = document.referrer.startsWith("https://huggingface.co/");
const framed = !own || (window.self !== window.top && !onHub);
document.documentElement.classList.toggle("gradio-framed", framed);

// A page that embeds this one can let its frame grow and shrink with the content, as examples/portfolio.html does.
if (own && window.self !== window.top) {
  const tell = new ResizeObserver(([{ target }]) => {
    const height = Math.ceil(target.getBoundingClientRect().bottom + scrollY) + 56; // Gradio's padding
    window.parent.postMessage({ type: "brain-lung-other", height }, "*");
  });
  const found = new MutationObserver(() => {
    // The last part of the tab; what is around it is as high as the frame.
    const content = document.querySelector("gradio-app .try");
    if (!content) return;
    found.disconnect();
    tell.observe(content);
  });
  found.observe(document.body, { subtree: true, childList: true });
}
