// Pictures are sent one after another, each with its progress; dropping them on the form does the same.
// Without this the form sends them all at once.

const form = document.querySelector("[data-upload]");

if (form) {
  const field = form.querySelector("input[type=file]");
  const list = form.querySelector("[data-progress]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    sendAll([...field.files]);
  });
  for (const name of ["dragover", "dragleave", "drop"]) {
    form.addEventListener(name, (event) => {
      event.preventDefault();
      form.classList.toggle("over", name === "dragover");
      if (name === "drop") sendAll([...event.dataTransfer.files]);
    });
  }

  async function sendAll(files) {
    let trouble = false;
    const taken = [];
    for (const file of files) {
      const told = await send(file);
      if (told) taken.push(told);
      else trouble = true;
    }
    field.value = "";
    if (!trouble && taken.length) location.href = taken.length === 1 ? `${form.action || location.pathname}${taken[0]}/` : location.pathname;
  }

  function send(file) {
    const line = document.createElement("li");
    const bar = document.createElement("progress");
    bar.setAttribute("aria-label", file.name);
    bar.max = 1;
    line.append(`${file.name} `, bar);
    list.append(line);
    const body = new FormData();
    body.append("csrf_token", form.elements.csrf_token.value);
    body.append("file", file);
    const request = new XMLHttpRequest();
    request.open("POST", location.pathname);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (event) => event.lengthComputable && (bar.value = event.loaded / event.total);
    return new Promise((resolve) => {
      request.onloadend = () => {
        const told = answer(request);
        bar.remove();
        line.append(told.id ? "✓" : `: ${told.trouble}`);
        line.className = told.id ? "told" : "trouble";
        resolve(told.id);
      };
      request.send(body);
    });
  }
}

function answer(request) {
  try {
    return JSON.parse(request.responseText).data[0];
  } catch {
    return { id: null, trouble: request.status === 413 ? "This file is too large." : "It could not be sent. Try again." };
  }
}
