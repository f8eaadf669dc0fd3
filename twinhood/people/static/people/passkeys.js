// <button hidden data-passkey="login|use|add">: ask the browser for a passkey, send it by the form.
// "use" and "add" read the server's options from the page; "login" fetches them from data-from,
// so that a challenge is made only for whoever asks.
const works = window.PublicKeyCredential && window.isSecureContext && window.webauthnJSON;

async function options(button) {
  if (button.dataset.passkey !== "login") {
    return JSON.parse(document.getElementById("passkey-options").textContent);
  }
  const answer = await fetch(button.dataset.from, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error("no options for a passkey");
  return answer.json();
}

async function credential(button) {
  const asked = await options(button);
  if (button.dataset.passkey !== "add") return webauthnJSON.get(asked.request_options);
  const made = asked.creation_options;
  Object.assign(made.publicKey.authenticatorSelection, {
    residentKey: "required", requireResidentKey: true, userVerification: "required",
  });
  return webauthnJSON.create(made);
}

for (const button of works ? document.querySelectorAll("button[data-passkey]") : []) {
  const form = button.form;
  form.querySelector("[data-passkey-without]").hidden = true;
  button.hidden = false;
  let given = false;
  form.addEventListener("submit", async (event) => {
    if (given) return;
    event.preventDefault();
    try {
      form.elements.credential.value = JSON.stringify(await credential(button));
      given = true;
      form.requestSubmit();
    } catch {
      form.querySelector("[data-passkey-failed]").hidden = false;
    }
  });
}
