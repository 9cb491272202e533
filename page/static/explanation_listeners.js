// The slider fades the heat map, so that the visitor's own image shows below it.
element.addEventListener("input", ({ target }) => {
  element.querySelector(".heat").style.opacity = target.value / 100;
});

element.addEventListener("click", ({ target }) => target.closest(".again") && imageApp.again());
