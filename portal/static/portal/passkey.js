// Passkeys: asks the browser for one and sends what it says with the form.
"use strict";
(() => {
  const WORDS = {
    NotAllowedError: "没有验证：已取消，或等得太久。请再试一次。",
    InvalidStateError: "这台设备已经是您的通行密钥，不用再添加。",
    SecurityError: "这个网址用不了通行密钥，请用平时的网址打开。",
  };
  const FAILED = "这台设备的通行密钥没有响应，请再试一次，或换别的办法。";
  const UNSUPPORTED = "这个浏览器用不了通行密钥，请换较新的浏览器，或换别的办法。";

  for (const part of document.querySelectorAll("[data-passkey]")) {
    const button = part.querySelector("button[type=button]");
    const problem = part.querySelector("[role=alert]");
    const credential = document.getElementById(part.dataset.credential);
    if (!window.PublicKeyCredential || !navigator.credentials) {
      problem.textContent = UNSUPPORTED;
      button.disabled = true;
      continue;
    }
    button.addEventListener("click", async () => {
      problem.textContent = "";
      button.disabled = true;
      try {
        const options = JSON.parse(document.getElementById(part.dataset.options).textContent);
        const answer = await window.webauthnJSON[part.dataset.passkey](options);
        credential.value = JSON.stringify(answer);
        credential.form.submit();
      } catch (error) {
        problem.textContent = WORDS[error.name] || FAILED;
        button.disabled = false;
        button.focus();
      }
    });
  }
})();
