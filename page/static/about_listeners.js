// Asks again for what could not be loaded. The button is gone then.
const askAgain = () => {
  trigger("submit");
  element.tabIndex = -1;
  element.focus();
};

// Where the browser does not allow it to copy code, the code is selected instead.
const copy = async (button) => {
  const code = button.parentElement.querySelector("code");
  getSelection().selectAllChildren(code);
  try {
    await navigator.clipboard.writeText(code.textContent);
    button.textContent = button.dataset.copied;
  } catch {
    // Not allowed, or not a secure address.
  }
};

element.addEventListener("click", ({ target }) => {
  if (target.matches(".again")) askAgain();
  if (target.matches(".copy")) copy(target);
});
