// The skeleton of early.css gives way when the parts of the first screen are there.
const PARTS = [".answer", ".examples", ".picture input[type=file]", "button.label-wrap"];
const complete = new MutationObserver(() => {
  if (!PARTS.every((part) => document.querySelector(`gradio-app ${part}`))) return;
  complete.disconnect();
  if (own) goToAddress();
  requestAnimationFrame(imageApp.showPage);
});
complete.observe(document.body, { subtree: true, childList: true });
