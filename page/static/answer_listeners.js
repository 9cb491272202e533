// On a small screen the card is perhaps out of view. It comes into view once, and not with every share
// that has been sent: its visitor may want to scroll meanwhile.
let revealed = null;
const reveal = () => {
  const { state, of } = props.value ?? {};
  const shown = props.value && `${state} ${of}`;
  if (shown === revealed) return;
  revealed = shown;
  if (!shown) return;
  const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
  requestAnimationFrame(() => {
    const part = element.offsetHeight < innerHeight ? element : element.querySelector(".head");
    part.scrollIntoView({ block: "nearest", behavior });
  });
};
watch("value", () => {
  reveal();
  // Of a scan or a stack the server sends an image that the browser can show.
  if (props.value?.preview) imageApp.showPreview(props.value.preview);
});

element.addEventListener("click", ({ target }) => {
  const save = target.closest(".save");
  if (save) saveImage(save.dataset.title);
  if (target.closest(".cancel")) imageApp.cancel();
  if (target.closest(".again")) imageApp.again();
});
