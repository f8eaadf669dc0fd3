// Parts that htmx asks for again and again (hx-trigger="every 15s"): not while nobody looks.
document.addEventListener("htmx:before:request", (event) => {
  const source = event.detail?.ctx?.sourceElement ?? event.target;
  if (document.hidden && source.closest?.("[data-live]")) event.preventDefault();
});
