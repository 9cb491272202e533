// A click chooses an example; its button stays marked until another picture is shown.
const press = (chosen) => {
  for (const button of element.querySelectorAll("button"))
    button.ariaPressed = String(button === chosen);
};
element.addEventListener("click", ({ target }) => {
  const chosen = target.closest("button");
  if (!chosen) return;
  press(chosen);
  trigger("select", { index: null, value: chosen.dataset.key });
});
window.releaseExamples = () => press(null);
