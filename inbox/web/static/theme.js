/* Light or dark, views folded or not, as the person chose on this machine: before anything is drawn. */
(() => {
  const chosen = localStorage.getItem("claimdesk.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
  document.documentElement.toggleAttribute("data-folded", Boolean(localStorage.getItem("claimdesk.folded")));
})();
