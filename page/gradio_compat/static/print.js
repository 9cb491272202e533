// On paper there are no dark backgrounds, so that text has to be dark.
let dark = false;
addEventListener("beforeprint", () => {
  dark = document.body.classList.contains("dark");
  document.body.classList.remove("dark");
});
addEventListener("afterprint", () => document.body.classList.toggle("dark", dark));
