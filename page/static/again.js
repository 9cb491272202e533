// Asks again for what could not be loaded. The button is gone then.
element.addEventListener("click", ({ target }) => {
  if (!target.matches(".again")) return;
  trigger("submit");
  element.tabIndex = -1;
  element.focus();
});
