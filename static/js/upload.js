// A file form that also takes dropped files and shows how far the upload is. Without this it is a plain form.
const sizeOf = (bytes) => (bytes < 1e6 ? `${Math.max(1, Math.round(bytes / 1e3))} kB` : `${(bytes / 1e6).toFixed(1)} MB`);

const showNames = (zone, files) => {
  const name = zone.querySelector("[data-drop-name]");
  name.textContent = [...files].map((file) => `${file.name} · ${sizeOf(file.size)}`).join(", ");
  name.hidden = !files.length;
};

const showFailure = (zone, text) => {
  const name = zone.querySelector("[data-drop-name]");
  name.textContent = text;
  name.hidden = false;
  zone.querySelector("[data-drop-progress]").hidden = true;
  zone.querySelector("button[type=submit]").disabled = false;
};

// A refusal that came before the page was asked says why in a message of its own.
const refusalOf = (request) =>
  new DOMParser().parseFromString(request.responseText, "text/html").querySelector(".message--error p")?.textContent;

const tooLarge = (zone, files) => {
  const limit = Number(zone.dataset.maxBytes || Infinity);
  const large = [...files].find((file) => file.size > limit);
  if (large) showFailure(zone, `${large.name} is larger than ${Math.floor(limit / 1048576)} MB. Export a shorter period, a year at a time, and import the files one after the other.`);
  return Boolean(large);
};

const send = (form, zone) => {
  const request = new XMLHttpRequest();
  const bar = zone.querySelector("[data-drop-progress]");
  bar.hidden = false;
  zone.querySelector("button[type=submit]").disabled = true;
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = (100 * event.loaded) / event.total;
  });
  request.addEventListener("load", () => {
    if (request.status < 400 && request.responseURL !== location.href) {
      location.assign(request.responseURL);
      return;
    }
    // The form came back with what is wrong: show the page that says it.
    const page = new DOMParser().parseFromString(request.responseText, "text/html").querySelector("#content");
    if (page) document.querySelector("#content").replaceWith(document.adoptNode(page));
    else showFailure(zone, refusalOf(request) || `The upload was refused (${request.status}). Choose the file again.`);
    start(document);
  });
  request.addEventListener("error", () => showFailure(zone, "The connection broke during the upload. Nothing was imported; try again."));
  request.open(form.method, form.action);
  request.send(new FormData(form));
};

const startZone = (zone) => {
  const form = zone.closest("form");
  const input = zone.querySelector("input[type=file]");
  zone.dataset.ready = "yes";
  const over = (event) => {
    event.preventDefault();
    zone.classList.add("drop--over");
  };
  zone.addEventListener("dragenter", over);
  zone.addEventListener("dragover", over);
  zone.addEventListener("dragleave", (event) => {
    if (!zone.contains(event.relatedTarget)) zone.classList.remove("drop--over");
  });
  zone.addEventListener("drop", (event) => {
    event.preventDefault();
    zone.classList.remove("drop--over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    showNames(zone, input.files);
    form.requestSubmit();
  });
  input.addEventListener("change", () => showNames(zone, input.files));
  form.addEventListener("submit", (event) => {
    if (!input.files.length) return;
    event.preventDefault();
    if (!tooLarge(zone, input.files)) send(form, zone);
  });
};

const start = (scope) => {
  for (const zone of scope.querySelectorAll("[data-drop]:not([data-ready])")) startZone(zone);
};
start(document);
