element.addEventListener("click", ({ target }) => {
  const button = target.closest("button");
  if (button) imageApp.sendExample(button.dataset.key);
});

// The listener for "select" asks the server.
imageApp.askExample = (key) => trigger("select", { index: null, value: key });
