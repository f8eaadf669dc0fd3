// The exact sum of a typed amount, on the button and beside the fee, before it is sent. Without
// this file the next page shows it. Whole minor units only; what is not clear is left to the server.
const form = document.querySelector("form[data-give]");
const language = document.documentElement.lang;
const currency = form?.dataset.currency;
const digits = currency
  ? new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits
  : 2;

function minorOf(typed) {
  const text = typed.normalize("NFC").replace(/[$€₴£\s\u00a0\u202f]/gu, "");
  const point = language === "en" ? /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d+))?$/ : /^(\d+)(?:[,.](\d+))?$/;
  const found = point.exec(text);
  if (!found || (found[2] ?? "").length > digits) return null;
  const minor = Number(found[1].replaceAll(",", "") + (found[2] ?? "").padEnd(digits, "0"));
  return Number.isSafeInteger(minor) && minor > 0 ? minor : null;
}

function coverOf(gift) {
  const share = Number(form.dataset.share);
  const fixed = Number(form.dataset.fixed);
  const fee = (sum) => Math.floor((sum * share + 5000) / 10000) + fixed;
  let cover = Math.floor(((gift + fixed) * 10000) / (10000 - share)) - gift;
  while (cover > 0 && fee(gift + cover - 1) <= cover - 1) cover -= 1;
  while (fee(gift + cover) > cover) cover += 1;
  return cover;
}

function words(minor) {
  const number = (minor / 10 ** digits).toLocaleString(language === "en" ? "en-US" : language, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  const sign = { USD: "$", EUR: "€", UAH: "₴", GBP: "£", PLN: "zł", JPY: "¥" }[currency] ?? currency;
  return language === "en" ? sign + number : `${number}\u00a0${sign}`;
}

function show() {
  const chosen = form.querySelector("[name=amount]:checked")?.value;
  const gift = chosen && chosen !== "other" ? Number(chosen) : minorOf(form.elements.other.value);
  const covers = form.elements.cover?.checked ?? false;
  const cover = gift !== null && form.dataset.share ? coverOf(gift) : 0;
  const total = gift === null ? null : gift + (covers ? cover : 0);
  form.elements.seen.value = total ?? "";
  for (const place of form.querySelectorAll("[data-sum], [data-cover]")) {
    place.dataset.plain ??= place.textContent;
    const pattern = place.dataset.sum ?? place.dataset.cover;
    const sum = place.dataset.sum ? total : cover;
    place.textContent = gift === null ? place.dataset.plain : pattern.replace("%s", words(sum));
  }
}

if (form) {
  form.addEventListener("input", (event) => {
    if (event.target.name === "other" && event.target.value) {
      form.querySelector("[name=amount][value=other]").checked = true;
    }
    show();
  });
  window.addEventListener("pageshow", show);
  show();
}
