// Copies code; where the browser does not allow it, the code is selected instead.
element.addEventListener("click", async ({ target }) => {
  if (!target.matches(".copy")) return;
  const code = target.parentElement.querySelector("code");
  getSelection().selectAllChildren(code);
  try {
    await navigator.clipboard.writeText(code.textContent);
    target.textContent = target.dataset.copied;
  } catch {
    // Not allowed, or not a secure address.
  }
});
