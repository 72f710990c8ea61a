// Runs before the first paint: applies what this browser remembers, so that nothing flashes.
(function () {
  "use strict";
  const root = document.documentElement;
  root.dataset.js = "";
  try {
    for (const name of ["theme", "palette", "nav"]) {
      const value = localStorage.getItem("fillbook." + name);
      // The page brings the theme of the person's profile; this browser may say otherwise.
      if (value === "system") delete root.dataset[name];
      else if (value) root.dataset[name] = value;
    }
  } catch {
    // Storage is switched off: the system's choice stands.
  }
})();
