// What every page needs: menus that close, remembered appearance, messages, keys. No page depends on it.
const root = document.documentElement;
const remember = (name, value, stored = value) => {
  if (value) root.dataset[name] = value;
  else delete root.dataset[name];
  try {
    if (stored) localStorage.setItem("fillbook." + name, stored);
    else localStorage.removeItem("fillbook." + name);
  } catch {
    // Storage is switched off: it holds for this page.
  }
};

const showAppearance = () => {
  for (const name of ["theme", "palette"]) {
    for (const button of document.querySelectorAll(`[data-set-${name}]`)) {
      button.setAttribute("aria-pressed", String(button.getAttribute(`data-set-${name}`) === (root.dataset[name] || "")));
    }
  }
};

const setAppearance = (name, value) => {
  remember(name, value, name === "theme" ? value || "system" : value);
  showAppearance();
  document.dispatchEvent(new CustomEvent("fillbook:appearance"));
};

const navIsOpen = () => document.querySelector(".nav")?.offsetWidth > 100;

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
  const target = event.target.closest(
    "[data-set-theme], [data-set-palette], [data-nav-fold], [data-dismiss]",
  );
  if (!target) return;
  const data = target.dataset;
  if ("setTheme" in data) setAppearance("theme", data.setTheme);
  if ("setPalette" in data) setAppearance("palette", data.setPalette);
  if ("navFold" in data) remember("nav", navIsOpen() ? "closed" : "open");
  if ("dismiss" in data) target.closest(".message").remove();
});

// On a phone the tab that one is on may be out of sight.
for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
  const row = tab.closest(".tabs");
  row.scrollLeft += tab.getBoundingClientRect().right - row.getBoundingClientRect().right + 24;
}

// One key each for what is done often. Never while somebody types.
const keys = { "/": "[data-key-search]", n: "[data-key-next]", p: "[data-key-previous]", a: "[data-key-approve]", x: "[data-key-reject]" };

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const open = document.querySelector("details.menu[open]");
    if (open) {
      open.open = false;
      open.querySelector("summary").focus();
    }
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable]")) return;
  const target = keys[event.key] && document.querySelector(keys[event.key]);
  if (!target) return;
  event.preventDefault();
  if (target.matches("input")) target.select();
  else target.click();
});

const toast = (text, level = "info") => {
  let tray = document.querySelector(".toasts");
  if (!tray) {
    tray = document.createElement("div");
    tray.className = "toasts";
    tray.setAttribute("role", "status");
    document.body.append(tray);
  }
  if ([...tray.children].some((box) => box.textContent === text)) return;
  const box = document.createElement("div");
  box.className = `message message--${level}`;
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  tray.append(box);
  setTimeout(() => box.remove(), level === "error" ? 10000 : 4000);
};

// The server asks for a toast by `HX-Trigger: {"toast": {"text": "Saved", "level": "success"}}`.
document.addEventListener("toast", (event) => toast(event.detail.text, event.detail.level));
// An error that says where it belongs is shown there.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Retarget")) event.detail.shouldSwap = true;
});
document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Retarget")) return;
  toast(`That did not work: the server answered ${event.detail.xhr.status}. Reload the page and try again.`, "error");
});
document.addEventListener("htmx:sendError", () => {
  toast("The server cannot be reached. What you typed is still here; try again in a moment.", "error");
});

showAppearance();
