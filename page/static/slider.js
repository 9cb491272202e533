// The slider fades the heat map, so that the visitor's own picture shows below it.
element.addEventListener("input", ({ target }) => {
  element.querySelector(".heat").style.opacity = target.value / 100;
});

// Asks about the picture again, and for its explanation then.
element.addEventListener("click", ({ target }) => target.closest(".again") && window.tryAgain());
