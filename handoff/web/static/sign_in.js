// Sends name and password, says what went wrong in place, and goes on to where the person wanted to be.

const form = document.getElementById("sign-in");
const said = document.getElementById("said");

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  said.textContent = "";
  const empty = ["email", "password"].find((name) => !form.elements[name].value.trim());
  if (empty) {
    said.textContent = empty === "email" ? "Enter your e-mail." : "Enter your password.";
    form.elements[empty].focus();
    return;
  }
  const button = form.querySelector("button");
  button.disabled = true;
  try {
    const response = await fetch("/api/session", {
      method: "POST",
      headers: { "Content-Type": "application/json", Accept: "application/json" },
      body: JSON.stringify({
        email: form.elements.email.value,
        password: form.elements.password.value,
        code: form.elements.code.value,
      }),
    });
    const data = await response.json().catch(() => ({}));
    if (response.ok) {
      location.assign(form.dataset.next || data.home);
      return;
    }
    said.textContent = data.error ?? "That did not work. Please try again.";
    form.elements.password.select();
  } catch {
    said.textContent = "The connection was lost. Please try again in a moment.";
  } finally {
    button.disabled = false;
  }
});
