// The lines of a trade unfold into their lots and evidence. Without this, all of them are open.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-unfold]");
  if (!button) return;
  const more = document.getElementById(button.dataset.unfold);
  const open = more.classList.toggle("is-open");
  button.setAttribute("aria-expanded", String(open));
});

// A link to a fill unfolds it.
const showTarget = () => {
  const row = location.hash.startsWith("#fill-") && document.querySelector(location.hash);
  const button = row && row.querySelector('[data-unfold][aria-expanded="false"]');
  if (button) button.click();
};
addEventListener("hashchange", showTarget);
showTarget();
