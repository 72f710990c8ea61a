// Runs before the first paint: applies what this browser remembers, so that nothing flashes.
(function () {
  "use strict";
  const root = document.documentElement;
  root.dataset.js = "";
  try {
    for (const name of ["theme", "palette", "nav"]) {
      const value = localStorage.getItem("fillbook." + name);
      if (value) root.dataset[name] = value;
    }
  } catch {
    // Storage is switched off: the system's choice stands.
  }
})();
